"""Event class <-> stored name, schema version and JSON.

Strict both ways: what does not fit its class exactly is neither stored nor read. An event's
schema version is one more than the number of upcasts that are registered for it.
"""

import dataclasses
import inspect
from collections.abc import Callable, Iterable
from typing import Any, NamedTuple

from eventstore.shapes import Misfit, Shape, shape_of


class UnreadableEvent(Exception):
    """A stored event that this code cannot read: names where it is, expected and actual."""

    def __init__(self, where: str, expected: str, actual: str) -> None:
        self.where, self.expected, self.actual = where, expected, actual
        super().__init__(f"{where}: expected {expected}, found {actual}")


class Upcast(NamedTuple):
    """How data of `type` at `schema_version` becomes data of the next version."""

    type: str
    schema_version: int
    change: Callable[[dict], dict]


class Encoded(NamedTuple):
    type: str
    schema_version: int
    data: dict[str, Any]


class Codec:
    """Knows the registered event classes. Stored under their class names."""

    def __init__(self) -> None:
        self._classes: dict[str, type] = {}
        self._shapes: dict[str, Shape] = {}
        self._upcasts: dict[str, list[Callable[[dict], dict]]] = {}

    def register(self, events: Iterable[type], upcasts: Iterable[Upcast] = ()) -> None:
        """Add frozen dataclasses, and the upcasts of their older versions in order.

        Raises ValueError for a name registered twice, TypeError for a field type that the codec
        does not know, ValueError for an upcast that is out of order.
        """
        for cls in events:
            if cls.__name__ in self._shapes:
                raise ValueError(f"expected one event class named {cls.__name__}, found two")
            if not (dataclasses.is_dataclass(cls) and cls.__dataclass_params__.frozen):
                raise TypeError(f"expected a frozen dataclass, found {cls!r}")
            self._shapes[cls.__name__] = shape_of(cls)
            self._classes[cls.__name__] = cls
            self._upcasts[cls.__name__] = []
        for upcast in upcasts:
            chain = self._upcasts.get(upcast.type)
            if chain is None or upcast.schema_version != len(chain) + 1:
                raise ValueError(
                    f"upcast of {upcast.type}: expected "
                    f"{'a registered event' if chain is None else f'version {len(chain) + 1}'}, "
                    f"found version {upcast.schema_version}"
                )
            chain.append(upcast.change)

    def schema_versions(self) -> dict[str, int]:
        """Each registered type with the schema version that is written now."""
        return {name: len(chain) + 1 for name, chain in self._upcasts.items()}

    def upcast_sources(self) -> list[str]:
        """The code of all upcasts: what was folded through another one may be something else."""
        chains = (chain for _, chain in sorted(self._upcasts.items()))
        return [inspect.getsource(change) for chain in chains for change in chain]

    def encode(self, event: object) -> Encoded:
        """Raises UnreadableEvent for an event that could not be read back."""
        name = type(event).__name__
        shape = self._shapes.get(name)
        if shape is None:
            raise UnreadableEvent(f"event {event!r}", "a registered event class", name)
        try:
            return Encoded(name, len(self._upcasts[name]) + 1, shape.encode(event))
        except Misfit as misfit:
            raise UnreadableEvent(
                f"event {name}{misfit.path}", misfit.expected, misfit.actual
            ) from None

    def class_of(self, type_: str) -> type:
        """The event class of a registered type."""
        return self._classes[type_]

    def decode(self, type_: str, schema_version: int, data: dict, *, where: str) -> object:
        """The event. `where` names the stream and version for the error."""
        shape = self._shapes.get(type_)
        if shape is None:
            known = ", ".join(sorted(self._shapes)) or "none"
            raise UnreadableEvent(where, f"an event type that is registered ({known})", type_)
        chain = self._upcasts[type_]
        if not 1 <= schema_version <= len(chain) + 1:
            raise UnreadableEvent(
                where, f"{type_} in schema version 1 to {len(chain) + 1}", f"{schema_version}"
            )
        for before, change in enumerate(chain[schema_version - 1 :], start=schema_version):
            try:
                data = change(data)
            except Exception as error:
                raise UnreadableEvent(
                    where,
                    f"{type_} data that its upcast from schema version {before} can change",
                    repr(error),
                ) from error
        try:
            return shape.decode(data)
        except Misfit as misfit:
            raise UnreadableEvent(
                where, f"{type_}{misfit.path} to be {misfit.expected}", misfit.actual
            ) from None


# The one that the store uses; each app registers its events in its AppConfig.
codec = Codec()

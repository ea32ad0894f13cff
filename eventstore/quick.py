"""Stand-ins for events and metadata, which are decoded many times faster than instances.

A stand-in has the fields of the class it stands for, and its properties and methods, and is no
instance of it. It is just as strict. What does not fit raises something; whoever wants to know what
is wrong asks `codec.decode`.
"""

import dataclasses
import typing
from collections.abc import Callable
from functools import cache
from inspect import isfunction
from typing import Any

import msgspec

from eventstore.shapes import shape_of
from eventstore.store import Metadata

KEPT = 4_096  # values of a field


@cache
def stand_in_for(event: type) -> type:
    """A struct in place of a dataclass that `shape_of` knows. Values of the fields that
    `converters_of` names are as JSON has them, and still to be converted."""
    left = dict(converters_of(event))
    hints = typing.get_type_hints(event)
    fields = [
        (field.name, Any if field.name in left else hints[field.name])
        for field in dataclasses.fields(event)
    ]
    return _struct(event, fields)


@cache
def converters_of(event: type) -> list[tuple[str, Callable[[Any], Any]]]:
    """The fields of a stand-in that JSON has no values for, and what makes theirs of JSON's."""
    hints = typing.get_type_hints(event)
    found = []
    for field in dataclasses.fields(event):
        shape = shape_of(hints[field.name])
        if shape.of_text:
            found.append((field.name, _Converted(shape.decode).__getitem__))
        elif not shape.as_it_is:
            found.append((field.name, shape.decode))
    return found


class _Converted(dict[str | None, Any]):
    """Values by the texts that they were made of: prices come again and again. Of what is no text,
    and not None, none can be made, which is then raised."""

    def __init__(self, convert: Callable[[Any], Any]) -> None:
        super().__init__()
        self.convert = convert

    def __missing__(self, text: Any) -> Any:
        made = self.convert(text)
        if len(self) >= KEPT:
            self.clear()
        self[text] = made
        return made


def _struct(cls: type, fields: list[tuple]) -> type:
    return msgspec.defstruct(
        cls.__name__, fields, namespace=defined_by(cls), forbid_unknown_fields=True, gc=False
    )


def defined_by(cls: type, but: type = object) -> dict[str, Any]:
    """The properties and methods of a class that are not those of `but`."""
    return {
        name: value
        for one in reversed(cls.__mro__)
        if one not in but.__mro__
        for name, value in vars(one).items()
        if (isinstance(value, property) or isfunction(value)) and not name.startswith("__")
    }


METADATA = _struct(
    Metadata, [(field.name, Any, field.default) for field in dataclasses.fields(Metadata)]
)

"""What happens because of an event, outside the store: an e-mail, a call to another system.

A reactor has no rows and is never replayed. Its checkpoint moves after its work is done, so that
each event is handled at least once: after a crash the last one may come again, with the same key.
"""

from collections.abc import Callable
from typing import NamedTuple

from eventstore.store import RecordedEvent


class Reaction(NamedTuple):
    """An event to react to, and the key that makes the reaction known when it comes twice."""

    recorded: RecordedEvent
    key: str


class Reactor:
    """A named set of handlers, one for a class of events."""

    def __init__(self, name: str) -> None:
        self.name = name
        self._handlers: dict[type, Callable[[Reaction], None]] = {}

    @property
    def types(self) -> list[str]:
        """The stored names of the events that it reacts to."""
        return sorted(event.__name__ for event in self._handlers)

    def on(self, event: type) -> Callable[[Callable], Callable]:
        """Decorator: `handler(reaction)` handles events of this class. What it raises stops this
        reactor at the event until it is tried again, or told to skip it."""

        def register(handler: Callable[[Reaction], None]) -> Callable[[Reaction], None]:
            if event in self._handlers:
                raise ValueError(f"{self.name}: expected one handler of {event.__name__}")
            self._handlers[event] = handler
            return handler

        return register

    def react(self, recorded: RecordedEvent) -> None:
        key = f"{self.name}-{recorded.stream_id}-{recorded.version}"
        self._handlers[type(recorded.event)](Reaction(recorded, key))


# name -> reactor; filled by the apps' AppConfigs.
reactors: dict[str, Reactor] = {}


def register_reactors(*added: Reactor) -> None:
    """Run these in `manage.py run_projections`, from the moment that they were first migrated."""
    for reactor in added:
        if reactor.name in reactors:
            raise ValueError(f"expected one reactor named {reactor.name}, found two")
        reactors[reactor.name] = reactor

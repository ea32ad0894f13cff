"""Streams as they were: the state at each version, and who set a value."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from eventstore import blame, snapshots, store
from eventstore.codec import UnreadableEvent
from eventstore.decider import Decider
from eventstore.store import RecordedEvent

FIRST_LOOK = 200  # events that are looked through first for who set a value; then twice as many


class Unfoldable(Exception):
    """A state that cannot be folded, because of the event at `version`; says why."""

    def __init__(self, version: int, reason: str) -> None:
        self.version, self.reason = version, reason
        super().__init__(reason)


@dataclass(frozen=True, slots=True)
class Step:
    """An event, and the states before and after it."""

    recorded: RecordedEvent
    before: Any
    after: Any


def steps(decider: Decider, stream_id: UUID, *, after: int, upto: int) -> Iterator[Step]:
    """The steps from `after` < version <= `upto`. Folds from the last usable snapshot on, in two
    queries. Raises Unfoldable at an event that cannot be read, or that does not fit its state."""
    state, version = snapshots.load(decider, stream_id, upto=after) or (decider.initial, 0)
    for row in store.rows_of(stream_id, after=version, upto=upto):
        recorded, before = decoded(row), state
        state = fold_one(decider, before, recorded)
        if recorded.version > after:
            yield Step(recorded, before, state)


def state_at(decider: Decider, stream_id: UUID, version: int) -> Any:
    """The state at that version. Raises Unfoldable."""
    state, at = snapshots.load(decider, stream_id, upto=version) or (decider.initial, 0)
    for row in store.rows_of(stream_id, after=at, upto=version):
        state = fold_one(decider, state, decoded(row))
    return state


def decoded(row: tuple) -> RecordedEvent:
    """A row of store.COLUMNS as an event. Raises Unfoldable."""
    try:
        [recorded] = store.recorded([row])
    except UnreadableEvent as error:
        raise Unfoldable(row[2], str(error)) from error
    return recorded


def fold_one(decider: Decider, state: Any, recorded: RecordedEvent) -> Any:
    """The state after the event. Raises Unfoldable for one that does not fit."""
    try:
        return decider.evolve(state, recorded.event)
    except Exception as error:
        # What was stored by other hands, or other code, may break any fold in any way.
        kind = type(recorded.event).__name__
        raise Unfoldable(
            recorded.version,
            f"stream {recorded.stream_id} version {recorded.version}: expected a state that "
            f"{kind} fits, found {error!r}",
        ) from error


def who_set(decider: Decider, stream_id: UUID, pointer: str, *, upto: int) -> Step | None:
    """The step, at `upto` or before, that last set or removed the value at that JSON pointer; None
    when it was never there. Raises Unfoldable, and ValueError for a text that is no pointer.

    Goes back in spans that grow, each from a snapshot on: what was set lately is found soon, and
    the number of queries grows with the logarithm of the stream's length.
    """
    blame.steps_of(pointer)
    end, span = upto, FIRST_LOOK
    while end > 0:
        start = max(0, end - span)
        _, start = snapshots.load(decider, stream_id, upto=start) or (None, 0)
        found = blame.last_set(_encoded(decider, stream_id, after=start, upto=end), pointer)
        if found:
            return found
        end, span = start, span * 2
    return None


def _encoded(
    decider: Decider, stream_id: UUID, *, after: int, upto: int
) -> Iterator[tuple[Step | None, Any]]:
    """The steps with the states after them as JSON; at first None with the state before."""
    encoded = None
    for step in steps(decider, stream_id, after=after, upto=upto):
        if encoded is None:
            encoded = decider.shape.encode(step.before)
            yield None, encoded
        if step.after is not step.before:
            encoded = decider.shape.encode(step.after)
        yield step, encoded

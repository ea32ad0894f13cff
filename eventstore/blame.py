"""What an event changed in a state, and which event set a value. Pure: works on states as JSON.

A value's place is a JSON pointer (RFC 6901), such as "/lines/FLR-25/quantity".
"""

import json
from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

ADDED, CHANGED, REMOVED = "added", "changed", "removed"


class _Missing:
    """Of a place where there is no value; None is one."""

    def __repr__(self) -> str:
        return "nothing"


MISSING = _Missing()


class Change(NamedTuple):
    """`kind` is ADDED, CHANGED or REMOVED; `old` or `new` is MISSING where there is none."""

    kind: str
    old: Any
    new: Any


def pointer(steps: Iterable[str | int]) -> str:
    """The JSON pointer of a place. No steps: "", the whole state."""
    return "".join("/" + str(step).replace("~", "~0").replace("/", "~1") for step in steps)


def steps_of(pointer: str) -> list[str]:
    """The steps of a JSON pointer. Raises ValueError for a text that is none."""
    if not pointer:
        return []
    if not pointer.startswith("/"):
        raise ValueError(f"expected a JSON pointer such as /lines/X, found {pointer[:60]!r}")
    # "~1" first: "~01" is "~1", and no slash.
    return [step.replace("~1", "/").replace("~0", "~") for step in pointer[1:].split("/")]


def value_at(state: Any, pointer: str) -> Any:
    """The value at that place, or MISSING. Raises ValueError for a text that is no pointer."""
    for step in steps_of(pointer):
        if isinstance(state, dict) and step in state:
            state = state[step]
        elif isinstance(state, list) and step.isdecimal() and int(step) < len(state):
            state = state[int(step)]
        else:
            return MISSING
    return state


def flatten(state: Any) -> dict[str, Any]:
    """The single values by their pointers; of what is empty, {} or []."""
    return {pointer(steps): value for steps, value in _leaves(state, ())}


def _leaves(value: Any, steps: tuple) -> Iterator[tuple[tuple, Any]]:
    if value and isinstance(value, dict | list):
        for step, inner in value.items() if isinstance(value, dict) else enumerate(value):
            yield from _leaves(inner, (*steps, step))
    else:
        yield steps, value


def changes(before: Any, after: Any) -> dict[str, Change]:
    """The single values that are not the same in the two states, by their pointers."""
    old, new = flatten(before), flatten(after)
    found = {}
    for place in old | new:
        was, now = old.get(place, MISSING), new.get(place, MISSING)
        if not same(was, now):
            kind = ADDED if was is MISSING else REMOVED if now is MISSING else CHANGED
            found[place] = Change(kind, was, now)
    return found


def last_set[Event](states: Iterable[tuple[Event, Any]], pointer: str) -> Event | None:
    """The last event at which the value at that place became what it is, or went away. `states`
    are events with the states after them, in order; the first is what to compare with. None: it
    is the same in all of them."""
    found, before = None, None
    for at, (event, state) in enumerate(states):
        value = value_at(state, pointer)
        if at and not same(before, value):
            found = event
        before = value
    return found


def same(one: Any, other: Any) -> bool:
    """Whether two JSON values are the same one: to Python, True is 1."""
    if one is MISSING or other is MISSING:
        return one is other
    return json.dumps(one, sort_keys=True) == json.dumps(other, sort_keys=True)

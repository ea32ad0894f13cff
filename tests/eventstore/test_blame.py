"""Which event changed what, on plain JSON."""

import pytest

from eventstore.blame import (
    MISSING,
    changes,
    flatten,
    last_set,
    pointer,
    same,
    steps_of,
    value_at,
)

ODD = ["a/b", "c~d", "~1", "e.f", "", "0", "ü [x]"]


@pytest.mark.parametrize("step", ODD)
def test_a_key_of_any_characters_has_a_pointer_of_its_own(step):
    state = {"lines": {step: {"quantity": 2}, "other": {"quantity": 3}}}
    place = pointer(["lines", step, "quantity"])
    assert steps_of(place) == ["lines", step, "quantity"]
    assert value_at(state, place) == 2
    assert flatten(state)[place] == 2


def test_no_two_places_share_a_pointer():
    assert len({pointer([one, other]) for one in ODD for other in ODD}) == len(ODD) ** 2


def test_a_text_that_is_no_pointer_is_refused():
    with pytest.raises(ValueError, match="expected a JSON pointer"):
        steps_of("lines.x")


@pytest.mark.parametrize("place", ["/b", "/a/2", "/a/-1", "/a/x", "/a/0/deeper", "/a/²"])
def test_what_is_not_there_is_missing(place):
    assert value_at({"a": [1, None]}, place) is MISSING
    assert value_at({"a": [1, None]}, "/a/1") is None


def test_changes_are_told_apart():
    before = {"a": 1, "b": {"x": 1, "y": 2}, "c": [], "d": None}
    after = {"a": 2, "b": {"x": 1}, "c": ["new"], "d": None}
    assert changes(before, after) == {
        "/a": ("changed", 1, 2),
        "/b/y": ("removed", 2, MISSING),
        "/c": ("removed", [], MISSING),
        "/c/0": ("added", MISSING, "new"),
    }


def test_a_yes_is_not_a_one():
    assert not same(True, 1)
    assert not same(None, MISSING)
    assert set(changes({"a": 1}, {"a": True})) == {"/a"}


def test_the_last_event_that_changed_a_value_set_it():
    states = [(0, {}), (1, {"a": 1}), (2, {"a": 2}), (3, {"a": 1}), (4, {"a": 1, "b": 1})]
    assert last_set(states, "/a") == 3
    assert last_set(states[:3], "/a") == 2
    assert last_set([*states, (5, {"b": 1})], "/a") == 5
    assert last_set(states, "/c") is None
    assert last_set(states[3:], "/a") is None

"""Each command against each kind of event that its agent had not seen."""

import pytest

from ordering.domain.conflict import collisions
from ordering.domain.order import (
    INITIAL,
    AddItems,
    CancelOrder,
    ChangeDetails,
    ChangeQuantity,
    CompleteOrder,
    DetailsChanged,
    ItemRemoved,
    Line,
    QuantityChanged,
    RemoveItem,
    Restore,
    evolve,
)
from tests.ordering.domain.samples import CANCELLED, COMPLETED, OPENED, added, item

SEEN = [OPENED, added("FLR-25", 2), added("YST-1", 1)]

UNSEEN = {
    "more of it": added("FLR-25", 3),
    "its quantity": QuantityChanged("FLR-25", 5),
    "its removal": ItemRemoved("FLR-25"),
    "more of another": added("YST-1", 3),
    "another's quantity": QuantityChanged("YST-1", 5),
    "another's removal": ItemRemoved("YST-1"),
    "a new line": added("BUT-10", 1),
    "the reference": DetailsChanged("Friday", None),
    "the note": DetailsChanged(None, "Back door"),
    "both details": DetailsChanged("Friday", "Back door"),
}
ON_THE_LINE = {"more of it", "its quantity", "its removal"}
LINE = Line("Wheat flour", "25 kg sack", 2, added().unit_price)
COMMANDS = {
    "add": (AddItems((item("FLR-25", 1),)), set()),
    "set the quantity": (ChangeQuantity("FLR-25", 9), ON_THE_LINE),
    "remove": (RemoveItem("FLR-25"), {"more of it", "its quantity"}),
    "set the reference": (ChangeDetails("Saturday", None), {"the reference", "both details"}),
    "set the note": (ChangeDetails(None, "Front door"), {"the note", "both details"}),
    "set both": (
        ChangeDetails("Saturday", "Front door"),
        {"the reference", "the note", "both details"},
    ),
    "undo on the line": (Restore((("FLR-25", LINE),)), ON_THE_LINE),
    "undo the line": (Restore((("FLR-25", None),)), ON_THE_LINE),
    "undo two lines": (
        Restore((("FLR-25", LINE), ("BUT-10", None))),
        ON_THE_LINE | {"a new line"},
    ),
    "undo the reference": (Restore((), "Saturday"), {"the reference", "both details"}),
    "undo the note": (Restore((), None, "Front door"), {"the note", "both details"}),
    "undo a line and the note": (
        Restore((("FLR-25", LINE),), None, "Front door"),
        ON_THE_LINE | {"the note", "both details"},
    ),
    "complete": (CompleteOrder(), set(UNSEEN)),
    "cancel": (CancelOrder(), set(UNSEEN)),
}


def collide(command, *unseen):
    order = INITIAL
    for event in [*SEEN, *unseen]:
        order = evolve(order, event)
    return collisions(command, unseen, order)


@pytest.mark.parametrize("change", UNSEEN)
@pytest.mark.parametrize("command", COMMANDS)
def test_a_command_meets_a_change_that_its_agent_had_not_seen(command, change):
    sent, collides_with = COMMANDS[command]
    expected = [UNSEEN[change]] if change in collides_with else []
    assert collide(sent, UNSEEN[change]) == expected


@pytest.mark.parametrize("command", COMMANDS)
def test_a_command_whose_agent_saw_everything_collides_with_nothing(command):
    assert collide(COMMANDS[command][0]) == []


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize("closed", [COMPLETED, CANCELLED])
def test_a_closed_order_collides_with_nothing_since_it_refuses(command, closed):
    assert collide(COMMANDS[command][0], UNSEEN["its quantity"], closed) == []


@pytest.mark.parametrize(
    ("command", "unseen"),
    [
        (ChangeQuantity("FLR-25", 5), [QuantityChanged("FLR-25", 5)]),
        (ChangeQuantity("FLR-25", 5), [added("FLR-25", 3)]),
        (RemoveItem("FLR-25"), [ItemRemoved("FLR-25")]),
        (ChangeDetails("Friday", None), [DetailsChanged("Friday", None)]),
        (ChangeDetails("Friday", "Back door"), [DetailsChanged("Friday", "Back door")]),
    ],
)
def test_what_has_come_true_already_collides_with_nothing(command, unseen):
    assert collide(command, *unseen) == []


def test_of_several_changes_only_those_on_the_same_thing_are_named():
    changes = list(UNSEEN.values())[:2]
    others = [UNSEEN["a new line"], UNSEEN["the note"]]
    assert collide(ChangeQuantity("FLR-25", 9), others[0], changes[0], others[1], changes[1]) == (
        changes
    )

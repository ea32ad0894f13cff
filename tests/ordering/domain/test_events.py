"""What the events are called in the store, and what each makes of an order."""

import dataclasses
import json
from decimal import Decimal
from pathlib import Path
from typing import get_args, get_type_hints
from uuid import UUID

import pytest

from eventstore.codec import codec
from ordering.domain.order import (
    INITIAL,
    DetailsChanged,
    Event,
    ItemRemoved,
    Line,
    Order,
    OrderOpened,
    QuantityChanged,
    Status,
    decide,
    evolve,
)
from tests.ordering.domain.samples import (
    CANCELLED,
    COMPLETED,
    HARBOUR,
    NUMBER,
    OPENED,
    SOURCE,
    added,
)
from tests.ordering.domain.scenario import given

# A line for each schema version of each event, in the order in which they came. Only ever longer.
FORMAT = Path(__file__).parents[1] / "fixtures" / "storage_format.jsonl"
SHAPES = [json.loads(line) for line in FORMAT.read_text().splitlines()]

KINDS = {
    str: "string",
    int: "integer",
    Decimal: "decimal string",
    UUID | None: "uuid string or null",
    str | None: "string or null",
}
SAMPLES = {
    "string": ("FLR-25", ""),
    "integer": (3, 0),
    "decimal string": ("18.90", "0.00"),
    "uuid string or null": (str(SOURCE), None),
    "string or null": ("Friday", None),
}


def test_events_are_written_in_the_shapes_that_the_store_has():
    versions = codec.schema_versions()
    written = {
        event.__name__: {
            "type": event.__name__,
            "schema_version": versions[event.__name__],
            "fields": {
                name: KINDS.get(hint, f"not in KINDS: {hint}")
                for name, hint in get_type_hints(event).items()
            },
        }
        for event in get_args(Event)
    }
    assert written == {shape["type"]: shape for shape in SHAPES}, (
        f"Events would be written in a shape that {FORMAT.name} does not have. Its lines stay as "
        "they are, since events are stored like that. Did a class change? Take the steps of "
        '"Add an upcast" in the README. Is it new? Add its line.'
    )


@pytest.mark.parametrize("shape", SHAPES, ids=lambda s: f"{s['type']}-{s['schema_version']}")
def test_every_shape_that_was_ever_stored_can_be_read(shape):
    for number in (0, 1):
        data = {name: SAMPLES[kind][number] for name, kind in shape["fields"].items()}
        event = codec.decode(shape["type"], shape["schema_version"], data, where=FORMAT.name)
        assert type(event).__name__ == shape["type"]


def test_an_event_cannot_be_changed():
    for event in get_args(Event):
        assert event.__dataclass_params__.frozen
    with pytest.raises(dataclasses.FrozenInstanceError):
        OPENED.number = "HC-2026-0043"


def test_an_opened_order_has_what_it_was_opened_with():
    opened = OrderOpened(NUMBER, HARBOUR, "EUR", "PO 7", "Ring twice", SOURCE)
    assert given(opened).order == Order(
        status=Status.OPEN,
        number=NUMBER,
        customer_id=HARBOUR,
        currency="EUR",
        reference="PO 7",
        note="Ring twice",
        lines={},
    )


def test_what_is_added_again_joins_its_line():
    order = given(OPENED, added(quantity=2), added(quantity=3, name="Wheat flour 550")).order
    assert order.lines == {"FLR-25": Line("Wheat flour 550", "25 kg sack", 5, Decimal("18.90"))}
    assert order.lines["FLR-25"].total == Decimal("94.50")


def test_lines_stay_in_the_order_in_which_they_were_first_added():
    order = given(OPENED, added("A"), added("B"), added("C"), added("A"), QuantityChanged("B", 2))
    assert list(order.order.lines) == ["A", "B", "C"]


def test_a_line_that_was_removed_comes_back_as_the_last():
    order = given(OPENED, added("A"), added("B"), ItemRemoved("A"), added("A", 4)).order
    assert [(sku, line.quantity) for sku, line in order.lines.items()] == [("B", 1), ("A", 4)]


def test_details_that_were_not_touched_stay():
    opened = OrderOpened(NUMBER, HARBOUR, "EUR", "PO 7", "Ring twice", None)
    for change, details in [
        (DetailsChanged("PO 8", None), ("PO 8", "Ring twice")),
        (DetailsChanged(None, "Knock"), ("PO 7", "Knock")),
        (DetailsChanged("", ""), ("", "")),
    ]:
        order = given(opened, change).order
        assert (order.reference, order.note) == details


@pytest.mark.parametrize(
    ("closing", "status"), [(COMPLETED, Status.COMPLETED), (CANCELLED, Status.CANCELLED)]
)
def test_a_closed_order_keeps_its_lines(closing, status):
    order = given(OPENED, added(), closing).order
    assert order.status is status
    assert list(order.lines) == ["FLR-25"]


def test_an_event_leaves_the_order_before_it_as_it_was():
    before = given(OPENED, added("A"), added("B")).order
    for event in (added("A"), added("C"), QuantityChanged("A", 7), ItemRemoved("A")):
        evolve(before, event)
        assert before == given(OPENED, added("A"), added("B")).order


def test_the_order_before_any_event_cannot_be_filled_by_mistake():
    with pytest.raises(TypeError):
        INITIAL.lines["FLR-25"] = Line("Wheat flour", "25 kg sack", 1, Decimal("18.90"))


def test_what_is_no_event_or_command_of_an_order_is_named():
    with pytest.raises(TypeError, match="expected an event of an order, got 'nonsense'"):
        evolve(INITIAL, "nonsense")
    with pytest.raises(TypeError, match="expected a command on an order, got 'nonsense'"):
        decide("nonsense", given(OPENED).order)

"""Whatever is sent, whenever: the order agrees with a simple model, and keeps its rules."""

import unicodedata
from decimal import Decimal
from functools import reduce

from hypothesis import given, settings
from hypothesis import strategies as st

from ordering.domain.order import (
    INITIAL,
    AddItems,
    CancelOrder,
    ChangeDetails,
    ChangeQuantity,
    Command,
    CompleteOrder,
    CopyOrder,
    Event,
    Item,
    OpenOrder,
    Order,
    OrderCompleted,
    RemoveItem,
    decide,
    evolve,
)
from ordering.domain.refusal import Refused
from ordering.domain.values import check_text
from tests.ordering.domain.model import NOTES, PRICES, REASONS, REFERENCES, Model
from tests.ordering.domain.samples import HARBOUR, NORTHGATE, NUMBER, SOURCE, items

thorough = settings(max_examples=120, deadline=None, print_blob=True, derandomize=False)


def mostly(good: st.SearchStrategy, odd: st.SearchStrategy) -> st.SearchStrategy:
    """Seldom `odd`, so that commands of many parts are often accepted."""
    # Not the last of them: Hypothesis likes the ends of a range.
    return st.integers(0, 15).flatmap(lambda dice: odd if dice == 9 else good)


def any_of(table: dict) -> st.SearchStrategy:
    """A text of the table, mostly one that is kept."""
    kept = [text for text, kept in table.items() if isinstance(kept, str)]
    return mostly(st.sampled_from(kept), st.sampled_from(list(table)))


skus = st.sampled_from(["SKU-0", "SKU-1", "SKU-2", "SKU-3", "NEW-1", "NEW-2"])
quantities = mostly(
    st.integers(1, 30) | st.sampled_from([1, 4_998, 4_999, 5_000, 9_998, 9_999]),
    st.sampled_from([0, -1, 10_000, 10**5_000, True, False, 1.0, "1", None]),
)
prices = mostly(
    st.sampled_from([price for price, cents in PRICES.items() if cents is not None]).map(Decimal),
    st.sampled_from([*(Decimal(price) for price in PRICES), 1.5, 1, None]),
)
some_items = st.lists(
    st.builds(
        Item,
        sku=skus,
        name=st.sampled_from(["Wheat flour", "Wheat flour 550"]),
        unit=st.just("25 kg sack"),
        quantity=quantities,
        unit_price=prices,
        currency=mostly(st.just("EUR"), st.just("GBP")),
    ),
    max_size=4,
).map(tuple)
openings = {
    "number": mostly(st.just(NUMBER), st.just("HC-2026-0043")),
    "customer_id": mostly(st.just(HARBOUR), st.just(NORTHGATE)),
    "currency": mostly(st.just("EUR"), st.just("GBP")),
    "reference": any_of(REFERENCES),
}
opening = st.one_of(
    st.builds(OpenOrder, **openings, note=any_of(NOTES), items=some_items),
    st.builds(CopyOrder, **openings, source=st.just(SOURCE), items=some_items),
)
changes = st.one_of(
    st.builds(AddItems, some_items),
    st.builds(ChangeQuantity, skus, quantities),
    st.builds(RemoveItem, skus),
    st.builds(
        ChangeDetails,
        reference=st.none() | any_of(REFERENCES),
        note=st.none() | any_of(NOTES),
    ),
)
closing = st.just(CompleteOrder()) | st.builds(CancelOrder, st.sampled_from(list(REASONS)))
# Worked on for a while, perhaps closed, and not left alone then either.
commands = st.tuples(
    st.integers(0, 20).flatmap(
        lambda count: st.lists(mostly(changes, opening), min_size=count, max_size=count)
    ),
    st.lists(closing, max_size=2),
    st.lists(changes | opening | closing, max_size=5),
).map(lambda phases: [command for phase in phases for command in phase])
# An order as found: none, empty, just opened or copied, or with about as many lines as it may have.
filled = st.sampled_from([3, 0, 2, 498, 499, 500, 500]).map(
    lambda count: [OpenOrder(NUMBER, HARBOUR, "EUR", items=tuple(items(count)))]
)
beginnings = mostly(filled | opening.map(lambda command: [command]), st.just([]))


def answer(command: Command, order: Order) -> list[Event] | tuple[str, dict]:
    try:
        return decide(command, order)
    except Refused as refused:
        return refused.code, refused.params


def fold(order: Order, events: list[Event]) -> Order:
    return reduce(evolve, events, order)


def seen(order: Order) -> tuple:
    """As the model tells it. Cents are exact: a fraction of one would differ from any integer."""
    lines = [
        (sku, line.name, line.quantity, line.unit_price * 100) for sku, line in order.lines.items()
    ]
    head = (order.status.value, order.number, order.customer_id, order.currency)
    return (*head, order.reference, order.note, lines, order.total * 100)


@thorough
@given(beginnings, commands)
def test_the_order_agrees_with_a_simple_model(beginning, commands):
    order, model = INITIAL, Model()
    for command in beginning + commands:
        was, answered = model.seen(), answer(command, order)
        code = model.send(command)
        if code:
            assert answered[0] == code
            assert model.seen() == was
            continue
        assert isinstance(answered, list), f"refused as {answered}"
        # Added items are a change even when they add up to what was: they never do.
        assert bool(answered) == (model.seen() != was)
        order = fold(order, answered)
        assert seen(order) == model.seen()


@thorough
@given(beginnings, commands)
def test_the_rules_hold_after_every_command(beginning, commands):
    order = INITIAL
    for command in beginning + commands:
        answered = answer(command, order)
        if isinstance(answered, tuple):
            continue
        after = fold(order, answered)
        assert len(after.lines) <= 500
        for line in after.lines.values():
            assert type(line.quantity) is int
            assert 1 <= line.quantity <= 9_999
            assert line.unit_price.as_tuple().exponent == -2
        assert order.status in ("none", "open") or after == order
        for event in answered:
            if isinstance(event, OrderCompleted):
                sums = [line.quantity * line.unit_price for line in order.lines.values()]
                assert event.total == sum(sums)
                assert event.total.as_tuple().exponent == -2
                assert event.currency == order.currency
        order = after


@thorough
@given(beginnings, commands)
def test_a_command_sent_again_changes_nothing(beginning, commands):
    order = INITIAL
    for command in beginning + commands:
        first = answer(command, order)
        assert answer(command, order) == first, "deciding left a trace"
        if isinstance(first, tuple):
            continue
        order = fold(order, first)
        if not isinstance(command, AddItems):
            assert answer(command, order) == []


@thorough
@given(st.text(max_size=40) | st.text("\r\n\t \u2028a\u0301\u0327\x00\ud800", max_size=40))
def test_any_text_is_kept_for_good_or_refused(text):
    for multiline in (False, True):
        try:
            kept = check_text("note", text, 20, multiline=multiline)
        except Refused:
            continue
        assert len(kept) <= 20
        assert kept == check_text("note", kept, 20, multiline=multiline)
        assert unicodedata.is_normalized("NFC", kept)
        assert "\x00" not in kept
        assert kept.encode().decode() == kept
        assert multiline or len(kept.splitlines()) <= 1

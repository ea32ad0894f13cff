import pytest

from ordering.domain.order import OpenOrder, OrderOpened
from tests.ordering.domain.samples import (
    COMPLETED,
    HARBOUR,
    NORTHGATE,
    NUMBER,
    OPENED,
    added,
    bad_characters,
    bad_prices,
    bad_quantities,
    good_texts,
    item,
    items,
    line_breaks,
    lines,
    on_closed_orders,
)
from tests.ordering.domain.scenario import given


def open_order(number=NUMBER, customer_id=HARBOUR, **fields) -> OpenOrder:
    return OpenOrder(number, customer_id, "EUR", **fields)


def opened(reference="", note="") -> OrderOpened:
    return OrderOpened(NUMBER, HARBOUR, "EUR", reference, note, None)


def test_opens_an_order():
    given().when(open_order()).then(OPENED)


def test_opens_an_order_with_details_and_items():
    given().when(
        open_order(
            reference="PO 7", note="Ring twice", items=(item("FLR-25", 2), item("YST-1", 3, "1.20"))
        )
    ).then(opened("PO 7", "Ring twice"), added("FLR-25", 2), added("YST-1", 3, "1.20"))


def test_an_order_may_open_with_500_lines():
    given().when(open_order(items=tuple(items(500)))).then(OPENED, *lines(500))


def test_an_order_cannot_open_with_501_items():
    given().when(open_order(items=tuple(items(501)))).then_refused(
        "too-many-items", limit=500, actual=501
    )


@good_texts
def test_keeps_the_text_of_reference_and_note(text, kept):
    given().when(open_order(reference=text, note=text)).then(opened(kept, kept))


def test_a_note_keeps_its_lines():
    given().when(open_order(note="Ring twice\r\n\tat the back\r\n")).then(
        opened(note="Ring twice\n\tat the back")
    )


@pytest.mark.parametrize("edge", ["a" * 80, "é" * 80, "e\u0301" * 80, "👩" * 80], ids=ascii)
def test_a_reference_may_have_80_characters(edge):
    given().when(open_order(reference=f" {edge} ")).then(opened(edge.replace("e\u0301", "é")))


def test_a_reference_cannot_have_81_characters():
    given().when(open_order(reference="a" * 81)).then_refused(
        "text-too-long", field="reference", limit=80, actual=81
    )


def test_a_note_may_have_2000_characters():
    given().when(open_order(note="a\r\n" * 999 + "bc")).then(opened(note="a\n" * 999 + "bc"))


def test_a_note_cannot_have_2001_characters():
    given().when(open_order(note="a\r\n" * 1_000 + "b")).then_refused(
        "text-too-long", field="note", limit=2_000, actual=2_001
    )


@bad_characters
def test_refuses_a_character_that_cannot_be_kept(character, told):
    given().when(open_order(reference=f"a{character}b")).then_refused(
        "bad-text", field="reference", actual=told
    )
    given().when(open_order(note=f"a{character}b")).then_refused(
        "bad-text", field="note", actual=told
    )


@line_breaks
def test_a_reference_is_a_single_line(line_break, told):
    given().when(open_order(reference=f"a{line_break}b")).then_refused(
        "bad-text", field="reference", actual=told
    )


@bad_quantities
def test_refuses_a_quantity_out_of_range(quantity, told):
    given().when(open_order(items=(item(quantity=quantity),))).then_refused(
        "quantity-out-of-range", sku="FLR-25", limit=9_999, actual=told
    )


@bad_prices
def test_refuses_a_price_that_is_no_exact_amount(price, told):
    given().when(open_order(items=(item(unit_price=price),))).then_refused(
        "bad-price", sku="FLR-25", limit="99999999.99", actual=told
    )


def test_refuses_an_item_in_another_currency():
    given().when(open_order(items=(item(), item("TEA-1", currency="GBP")))).then_refused(
        "other-currency", expected="EUR", actual="GBP"
    )


def test_opening_again_changes_nothing():
    given(OPENED).when(open_order()).then()


def test_opening_again_changes_nothing_after_the_order_was_filled():
    given(OPENED, added()).when(open_order(items=(item("YST-1"),))).then()


@on_closed_orders
def test_opening_again_changes_nothing_after_the_order_was_closed(closing, status):
    given(OPENED, added(), closing).when(open_order()).then()


@pytest.mark.parametrize(
    "other", [{"number": "HC-2026-0043"}, {"customer_id": NORTHGATE}], ids=["number", "customer"]
)
def test_cannot_open_where_another_order_is(other):
    given(OPENED).when(open_order(**other)).then_refused("order-exists", number=NUMBER)
    given(OPENED, added(), COMPLETED).when(open_order(**other)).then_refused(
        "order-exists", number=NUMBER
    )

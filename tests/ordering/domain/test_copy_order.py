import pytest

from ordering.domain.order import CopyOrder, OrderOpened
from tests.ordering.domain.samples import (
    HARBOUR,
    NORTHGATE,
    NUMBER,
    OPENED,
    SOURCE,
    added,
    bad_characters,
    bad_prices,
    bad_quantities,
    item,
    items,
    line_breaks,
    lines,
    on_closed_orders,
)
from tests.ordering.domain.scenario import given


def copy_order(*items, number=NUMBER, customer_id=HARBOUR, reference="") -> CopyOrder:
    return CopyOrder(SOURCE, number, customer_id, "EUR", reference, items)


def copied(reference="") -> OrderOpened:
    return OrderOpened(NUMBER, HARBOUR, "EUR", reference, "", SOURCE)


def test_a_copy_opens_with_the_lines_and_names_its_source():
    given().when(copy_order(item("FLR-25", 2), item("YST-1", 3, "1.20"), reference=" PO 7 ")).then(
        copied("PO 7"), added("FLR-25", 2), added("YST-1", 3, "1.20")
    )


def test_a_copy_may_have_no_lines():
    given().when(copy_order()).then(copied())


def test_a_copy_may_have_500_lines():
    given().when(copy_order(*items(500))).then(copied(), *lines(500))


def test_a_copy_cannot_have_501_items():
    given().when(copy_order(*items(501))).then_refused("too-many-items", limit=500, actual=501)


def test_a_copy_cannot_have_more_of_a_product_than_a_line_holds():
    given().when(copy_order(item(quantity=9_999), item(quantity=1))).then_refused(
        "line-full", sku="FLR-25", name="Wheat flour", limit=9_999, had=9_999, actual=1
    )


@bad_quantities
def test_refuses_a_quantity_out_of_range(quantity, told):
    given().when(copy_order(item(quantity=quantity))).then_refused(
        "quantity-out-of-range", sku="FLR-25", limit=9_999, actual=told
    )


@bad_prices
def test_refuses_a_price_that_is_no_exact_amount(price, told):
    given().when(copy_order(item(unit_price=price))).then_refused(
        "bad-price", sku="FLR-25", limit="99999999.99", actual=told
    )


def test_refuses_an_item_in_another_currency():
    given().when(copy_order(item(currency="GBP"))).then_refused(
        "other-currency", expected="EUR", actual="GBP"
    )


def test_refuses_a_reference_of_81_characters():
    given().when(copy_order(reference="a" * 81)).then_refused(
        "text-too-long", field="reference", limit=80, actual=81
    )


@bad_characters
def test_refuses_a_character_that_cannot_be_kept(character, told):
    given().when(copy_order(reference=f"a{character}b")).then_refused(
        "bad-text", field="reference", actual=told
    )


@line_breaks
def test_a_reference_is_a_single_line(line_break, told):
    given().when(copy_order(reference=f"a{line_break}b")).then_refused(
        "bad-text", field="reference", actual=told
    )


def test_copying_again_changes_nothing():
    given(copied(), added()).when(copy_order(item())).then()


@on_closed_orders
def test_copying_again_changes_nothing_after_the_copy_was_closed(closing, status):
    given(copied(), added(), closing).when(copy_order(item())).then()


@pytest.mark.parametrize(
    "other", [{"number": "HC-2026-0043"}, {"customer_id": NORTHGATE}], ids=["number", "customer"]
)
def test_cannot_copy_to_where_another_order_is(other):
    given(OPENED).when(copy_order(item(), **other)).then_refused("order-exists", number=NUMBER)

import pytest

from ordering.domain.order import ChangeQuantity, ItemRemoved, QuantityChanged
from tests.ordering.domain.samples import NUMBER, OPENED, added, bad_quantities, on_closed_orders
from tests.ordering.domain.scenario import given


@pytest.mark.parametrize("quantity", [1, 3, 9_999])
def test_changes_the_quantity_of_a_line(quantity):
    given(OPENED, added(quantity=2), added("YST-1")).when(ChangeQuantity("FLR-25", quantity)).then(
        QuantityChanged("FLR-25", quantity)
    )


def test_changing_to_the_quantity_that_is_there_changes_nothing():
    given(OPENED, added(quantity=2)).when(ChangeQuantity("FLR-25", 2)).then()


def test_changing_again_changes_nothing():
    given(OPENED, added(quantity=2), QuantityChanged("FLR-25", 3)).when(
        ChangeQuantity("FLR-25", 3)
    ).then()


def test_the_quantity_that_counts_is_the_sum_of_what_was_added():
    given(OPENED, added(quantity=2), added(quantity=3)).when(ChangeQuantity("FLR-25", 5)).then()
    given(OPENED, added(quantity=2), added(quantity=3)).when(ChangeQuantity("FLR-25", 3)).then(
        QuantityChanged("FLR-25", 3)
    )


@bad_quantities
def test_refuses_a_quantity_out_of_range(quantity, told):
    given(OPENED, added()).when(ChangeQuantity("FLR-25", quantity)).then_refused(
        "quantity-out-of-range", sku="FLR-25", limit=9_999, actual=told
    )


def test_cannot_change_a_line_that_is_not_there():
    given(OPENED, added()).when(ChangeQuantity("YST-1", 3)).then_refused(
        "no-such-line", sku="YST-1", number=NUMBER
    )


def test_cannot_change_a_line_that_was_removed():
    given(OPENED, added(quantity=3), ItemRemoved("FLR-25")).when(
        ChangeQuantity("FLR-25", 3)
    ).then_refused("no-such-line", sku="FLR-25", number=NUMBER)


@pytest.mark.parametrize(
    ("sku", "told"),
    [
        ("", ""),
        ("flr-25", "flr-25"),
        ("{number}", "{number}"),
        ("A\x00B", "A\ufffdB"),
        ("A\ud800B", "A\ufffdB"),
        ("A" * 60_000, "A" * 200),
    ],
    ids=["empty", "lower case", "braces", "NUL", "surrogate", "endless"],
)
def test_a_refusal_quotes_the_asked_sku_only_as_it_can_be_stored_and_shown(sku, told):
    given(OPENED, added()).when(ChangeQuantity(sku, 3)).then_refused(
        "no-such-line", sku=told, number=NUMBER
    )


@on_closed_orders
def test_cannot_change_a_quantity_of_a_closed_order(closing, status):
    given(OPENED, added(), closing).when(ChangeQuantity("FLR-25", 3)).then_refused(
        "order-closed", number=NUMBER, status=status
    )


@on_closed_orders
def test_a_closed_order_also_refuses_the_quantity_that_it_has(closing, status):
    given(OPENED, added(), closing).when(ChangeQuantity("FLR-25", 1)).then_refused(
        "order-closed", number=NUMBER, status=status
    )


def test_cannot_change_a_quantity_of_an_order_that_does_not_exist():
    given().when(ChangeQuantity("FLR-25", 3)).then_refused("no-such-order")

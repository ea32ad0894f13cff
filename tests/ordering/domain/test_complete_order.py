from dataclasses import replace
from decimal import Decimal

import pytest

from ordering.domain.order import CompleteOrder, ItemRemoved, OrderCompleted, QuantityChanged
from tests.ordering.domain.samples import CANCELLED, COMPLETED, NUMBER, OPENED, added
from tests.ordering.domain.scenario import given


def completed(total: str, currency: str = "EUR") -> OrderCompleted:
    return OrderCompleted(Decimal(total), currency)


def test_completes_an_order_with_its_total():
    given(OPENED, added("FLR-25", 3, "18.90"), added("YST-1", 7, "0.10")).when(
        CompleteOrder()
    ).then(completed("57.40"))


def test_the_total_is_that_of_the_lines_as_they_are_now():
    given(
        OPENED,
        added("FLR-25", 3, "18.90"),
        added("FLR-25", 1, "18.90"),
        added("YST-1", 7, "0.10"),
        added("TEA-1", 1, "5.00"),
        QuantityChanged("YST-1", 2),
        ItemRemoved("TEA-1"),
    ).when(CompleteOrder()).then(completed("75.80"))


def test_the_total_is_in_the_currency_of_the_order():
    given(replace(OPENED, currency="CHF"), added()).when(CompleteOrder()).then(
        completed("18.90", "CHF")
    )


def test_an_order_of_free_items_can_be_completed():
    given(OPENED, added(unit_price="0.00")).when(CompleteOrder()).then(completed("0.00"))


def test_a_whole_price_makes_a_total_with_two_decimals():
    given(OPENED, added(quantity=2, unit_price="7")).when(CompleteOrder()).then(completed("14.00"))


@pytest.mark.parametrize(
    ("count", "total"), [(499, "498950099950104.99"), (500, "499949999950005.00")]
)
def test_the_greatest_totals_are_exact(count, total):
    # A float would tell the cents of the first one wrong.
    given(OPENED, *(added(f"SKU-{n}", 9_999, "99999999.99") for n in range(count))).when(
        CompleteOrder()
    ).then(completed(total))


def test_cannot_complete_an_empty_order():
    given(OPENED).when(CompleteOrder()).then_refused("empty-order", number=NUMBER)


def test_cannot_complete_an_order_whose_last_line_was_removed():
    given(OPENED, added(), ItemRemoved("FLR-25")).when(CompleteOrder()).then_refused(
        "empty-order", number=NUMBER
    )


def test_completing_again_changes_nothing():
    given(OPENED, added(), COMPLETED).when(CompleteOrder()).then()


def test_cannot_complete_a_cancelled_order():
    given(OPENED, added(), CANCELLED).when(CompleteOrder()).then_refused(
        "order-closed", number=NUMBER, status="cancelled"
    )


def test_cannot_complete_an_order_that_does_not_exist():
    given().when(CompleteOrder()).then_refused("no-such-order")

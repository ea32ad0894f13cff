import pytest

from ordering.domain.order import AddItems, ItemRemoved
from tests.ordering.domain.samples import (
    NUMBER,
    OPENED,
    added,
    bad_prices,
    bad_quantities,
    item,
    items,
    lines,
    on_closed_orders,
)
from tests.ordering.domain.scenario import given


def add(*items) -> AddItems:
    return AddItems(items)


def test_adds_one_item():
    given(OPENED).when(add(item())).then(added())


def test_adds_many_items_in_their_order():
    given(OPENED).when(add(item("YST-1", 3, "1.20"), item("FLR-25", 2))).then(
        added("YST-1", 3, "1.20"), added("FLR-25", 2)
    )


def test_adding_no_items_changes_nothing():
    given(OPENED).when(add()).then()


def test_adding_the_same_items_again_adds_more():
    given(OPENED, added(quantity=2)).when(add(item(quantity=2))).then(added(quantity=2))


def test_the_same_product_twice_in_one_command_is_added_twice():
    given(OPENED).when(add(item(quantity=2), item("YST-1"), item(quantity=3))).then(
        added(quantity=2), added("YST-1"), added(quantity=3)
    )


def test_a_line_keeps_the_price_at_which_it_was_first_added():
    given(OPENED, added(unit_price="18.90")).when(add(item(unit_price="20.00"))).then(
        added(unit_price="18.90")
    )
    given(OPENED).when(add(item(unit_price="18.90"), item(unit_price="20.00"))).then(
        added(unit_price="18.90"), added(unit_price="18.90")
    )


def test_a_product_that_was_removed_comes_back_at_the_price_of_now():
    given(OPENED, added(unit_price="18.90"), ItemRemoved("FLR-25")).when(
        add(item(unit_price="20.00"))
    ).then(added(unit_price="20.00"))


def test_a_product_keeps_the_name_of_the_moment_it_is_added():
    given(OPENED, added(name="Wheat flour")).when(add(item(name="Wheat flour 550"))).then(
        added(name="Wheat flour 550")
    )


@pytest.mark.parametrize("quantity", [1, 9_999])
def test_a_line_holds_1_to_9999(quantity):
    given(OPENED).when(add(item(quantity=quantity))).then(added(quantity=quantity))


@bad_quantities
def test_refuses_a_quantity_out_of_range(quantity, told):
    given(OPENED).when(add(item("YST-1"), item(quantity=quantity))).then_refused(
        "quantity-out-of-range", sku="FLR-25", limit=9_999, actual=told
    )


def test_adding_may_fill_a_line_up_to_9999():
    given(OPENED, added(quantity=9_990)).when(add(item(quantity=9))).then(added(quantity=9))


def test_cannot_add_beyond_9999_of_a_product():
    given(OPENED, added(quantity=9_990)).when(add(item(quantity=10))).then_refused(
        "line-full", sku="FLR-25", name="Wheat flour", limit=9_999, had=9_990, actual=10
    )


def test_cannot_add_beyond_9999_of_a_product_in_one_command():
    given(OPENED).when(add(item(quantity=9_999), item("YST-1"), item(quantity=1))).then_refused(
        "line-full", sku="FLR-25", name="Wheat flour", limit=9_999, had=9_999, actual=1
    )


@pytest.mark.parametrize(
    ("price", "kept"),
    [
        ("0", "0.00"),
        ("0.01", "0.01"),
        ("7", "7.00"),
        ("7.5", "7.50"),
        ("1E+2", "100.00"),
        ("99999999.99", "99999999.99"),
    ],
)
def test_a_price_is_kept_exactly_with_two_decimals(price, kept):
    given(OPENED).when(add(item(unit_price=price))).then(added(unit_price=kept))


@bad_prices
def test_refuses_a_price_that_is_no_exact_amount(price, told):
    given(OPENED).when(add(item("YST-1"), item(unit_price=price))).then_refused(
        "bad-price", sku="FLR-25", limit="99999999.99", actual=told
    )


@pytest.mark.parametrize("currency", ["GBP", "eur", ""])
def test_refuses_an_item_in_another_currency(currency):
    given(OPENED).when(add(item(), item("TEA-1", currency=currency))).then_refused(
        "other-currency", expected="EUR", actual=currency
    )


def test_refuses_another_currency_for_a_product_that_is_in_the_order():
    given(OPENED, added()).when(add(item(currency="GBP"))).then_refused(
        "other-currency", expected="EUR", actual="GBP"
    )


def test_an_order_may_have_500_lines():
    given(OPENED).when(add(*items(500))).then(*lines(500))
    given(OPENED, *lines(499)).when(add(item("YST-1"))).then(added("YST-1"))


def test_an_order_cannot_have_501_lines():
    given(OPENED, *lines(500)).when(add(item("YST-1"))).then_refused(
        "too-many-lines", limit=500, actual=501
    )


def test_an_order_with_500_lines_takes_more_of_what_it_has():
    given(OPENED, *lines(500)).when(add(item("SKU-0"))).then(added("SKU-0"))


def test_an_order_with_500_lines_takes_another_after_one_was_removed():
    given(OPENED, *lines(500), ItemRemoved("SKU-7")).when(add(item("YST-1"))).then(added("YST-1"))


@on_closed_orders
def test_cannot_add_to_a_closed_order(closing, status):
    given(OPENED, added(), closing).when(add(item())).then_refused(
        "order-closed", number=NUMBER, status=status
    )


def test_cannot_add_to_an_order_that_does_not_exist():
    given().when(add(item())).then_refused("no-such-order")


def test_one_command_adds_at_most_500_items():
    many = [item(quantity=1)] * 501
    given(OPENED).when(add(*many)).then_refused("too-many-items", limit=500, actual=501)
    given(OPENED).when(add(*many[:500])).then(*[added(quantity=1)] * 500)

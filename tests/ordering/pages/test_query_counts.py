"""A page costs a constant number of queries, whatever it shows."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from ordering import handling
from ordering.models import Favourite
from tests.factories import ProductFactory


@pytest.fixture
def queries(browser, alice):
    """How many queries a page costs."""

    def queries(url):
        page = browser(alice)
        with CaptureQueriesContext(
            connection,
        ) as captured:
            response = page.get(url)
        assert response.status_code == 200
        return len(captured)

    return queries


@pytest.fixture
def order_of(alice, bob, by, key, db):
    """An order with as many lines, each touched by both agents."""

    def order_of(how_many):
        skus = [f"SKU-{how_many}N{n}" for n in range(how_many)]
        for sku in skus:
            ProductFactory(sku=sku)
        order = handling.open_order(
            by(alice), key=key(), items=[(sku, 1) for sku in skus]
        ).stream_id
        handling.add_items(by(bob), order, [(sku, 1) for sku in skus], key=key())
        return order

    return order_of


@pytest.mark.parametrize("page", ["order", "order_history"])
def test_a_page_of_300_lines_costs_what_a_page_of_3_costs(page, queries, order_of):
    few, many = order_of(3), order_of(300)

    assert queries(reverse(page, args=[few])) == queries(reverse(page, args=[many]))


def test_an_order_of_300_lines_as_it_was_costs_what_one_of_3_costs(queries, order_of):
    few, many = order_of(3), order_of(300)

    costs = [queries(reverse("order_history", args=[order]) + "?at=6") for order in (few, many)]

    assert costs[0] == costs[1]


def test_a_change_in_300_lines_costs_what_a_change_in_3_costs(browser, alice, order_of):
    costs = []
    for how_many in (3, 300):
        url = reverse("order_item", args=[order_of(how_many), f"SKU-{how_many}N0"])
        with CaptureQueriesContext(connection) as captured:
            assert browser(alice).send(url, {"quantity": "9"}, fragment=True).status_code == 200
        costs.append(len(captured))

    assert costs[0] == costs[1]


def test_a_list_of_40_orders_costs_what_a_list_of_one_costs(queries, alice, bob, by, key):
    handling.open_order(by(alice), key=key())
    one = queries("/orders/")
    for _ in range(39):
        handling.open_order(by(bob), key=key())

    assert queries("/orders/") == one


def test_a_full_catalog_page_costs_what_one_product_costs(queries, alice, order_id, make_current):
    make_current(alice, order_id)
    few = queries("/")
    for _ in range(60):
        ProductFactory()

    assert queries("/") == few


def test_an_entrance_with_60_favourites_costs_what_one_favourite_costs(queries, alice):
    def order_often(how_many):
        for _ in range(how_many):
            Favourite.objects.create(
                customer=alice.customer, product=ProductFactory(), orders=1, last_at=timezone.now()
            )

    order_often(1)
    few = queries("/"), queries("/?shelf=often")
    order_often(59)

    assert (queries("/"), queries("/?shelf=often")) == few

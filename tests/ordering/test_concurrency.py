"""Agents at once, through the door."""

import uuid

import pytest

from eventstore.store import read_stream
from ordering import handling
from ordering.desk import add_to_current_order
from ordering.domain.refusal import Refused
from ordering.models import Customer, OrderHead, OrderLine
from tests.concurrency import at_once
from tests.factories import ProductFactory

pytestmark = pytest.mark.django_db(transaction=True)


def test_thirty_two_threads_add_to_one_order_and_each_is_there_once(alice, bob, by, key, order_id):
    skus = [ProductFactory().sku for _ in range(32)]
    callers = [by(alice), by(bob)]

    def add(number):
        return [
            handling.add_items(
                callers[number % 2], order_id, [(skus[number], 1), ("FLR-25", 1)], key=key()
            )
            for _ in range(4)
        ]

    outcomes = [outcome for each in at_once(add, range(32)) for outcome in each]
    assert sorted(outcome.version for outcome in outcomes) == list(range(5, 260, 2))
    assert [e.version for e in read_stream(order_id)] == list(range(1, 260))
    lines = dict(OrderLine.objects.filter(order_id=order_id).values_list("sku", "quantity"))
    assert lines == dict.fromkeys(skus, 4) | {"FLR-25": 2 + 32 * 4, "BUT-10": 1}
    assert OrderHead.objects.get(pk=order_id).line_count == 34


def test_a_form_submitted_twice_at_once_changes_the_order_once(alice, by, order_id):
    caller, same = by(alice), str(uuid.uuid4())
    at_once(lambda _: handling.add_items(caller, order_id, [("FLR-25", 1)], key=same), range(8))
    assert OrderLine.objects.get(order_id=order_id, sku="FLR-25").quantity == 3


def test_of_completing_and_cancelling_at_once_one_wins_and_the_other_is_told(
    alice, bob, by, key, order_id
):
    commands = [
        lambda: handling.complete_order(by(alice), order_id, key=key()),
        lambda: handling.cancel_order(by(bob), order_id, key=key()),
    ]

    def run(command):
        try:
            return command().version
        except Refused as refused:
            return refused.code

    assert sorted(map(str, at_once(run, commands))) == ["4", "order-closed"]


def test_numbers_drawn_at_once_are_all_different(harbour):
    numbers = at_once(
        lambda _: Customer.objects.get(pk=harbour.pk).draw_order_number(2026), range(16)
    )
    assert sorted(numbers) == [f"HC-2026-{n:04d}" for n in range(1, 17)]


def test_tabs_that_add_at_once_with_no_current_order_open_one_order(alice, by, key, flour, butter):
    callers = [by(alice) for _ in range(6)]

    def add(number):
        sku = ("FLR-25", "BUT-10")[number % 2]
        return add_to_current_order(callers[number], [(sku, 1)], key=key()).stream_id

    assert len(set(at_once(add, range(6)))) == 1
    order = OrderHead.objects.get()
    lines = dict(OrderLine.objects.filter(order_id=order.pk).values_list("sku", "quantity"))
    assert lines == {"FLR-25": 3, "BUT-10": 3}
    alice.refresh_from_db()
    assert alice.current_order_id == order.pk

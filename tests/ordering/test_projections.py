"""Every read row equals the fold of its order's events."""

import random
from contextlib import suppress
from decimal import Decimal

import pytest
from django.core.management import call_command

from eventstore import aside
from eventstore import projections as engine
from eventstore.models import Event
from eventstore.store import read_stream
from ordering import handling
from ordering.domain.refusal import Refused
from ordering.handling import ORDER
from ordering.models import OrderHead, OrderLine
from tests.factories import ProductFactory

ORDERS = engine.inline["orders"]


def assert_rows_equal_the_fold():
    """Compares with the domain's own state, which the projection does not use."""
    heads = list(OrderHead.objects.all())
    for head in heads:
        order, version = ORDER.load(head.pk)
        recorded = list(read_stream(head.pk))
        assert (head.status, head.number, head.customer_id, head.reference, head.note) == (
            order.status, order.number, order.customer_id, order.reference, order.note,
        )  # fmt: skip
        assert (head.version, head.line_count, head.total) == (
            version, len(order.lines), order.total,
        )  # fmt: skip
        assert (head.changed_by_id, head.changed_at) == (
            recorded[-1].metadata.actor, recorded[-1].recorded_at,
        )  # fmt: skip
        lines = OrderLine.objects.filter(order_id=head.pk).order_by("added_version")
        assert [(ln.sku, ln.name, ln.unit, ln.quantity, ln.unit_price) for ln in lines] == [
            (sku, ln.name, ln.unit, ln.quantity, ln.unit_price) for sku, ln in order.lines.items()
        ]
    return heads


@pytest.mark.django_db
def test_a_line_knows_who_added_it_and_who_last_changed_it(alice, bob, by, key, order_id):
    handling.change_quantity(by(bob), order_id, "FLR-25", 5, key=key())
    line = OrderLine.objects.get(order_id=order_id, sku="FLR-25")
    assert (line.added_by, line.changed_by, line.added_version, line.changed_version) == (
        alice, bob, 2, 4,
    )  # fmt: skip
    assert line.total == Decimal("124.50")


@pytest.mark.django_db
def test_an_item_added_again_joins_its_line(bob, by, key, order_id):
    handling.add_items(by(bob), order_id, [("FLR-25", 3), ("FLR-25", 1)], key=key())
    line = OrderLine.objects.get(order_id=order_id, sku="FLR-25")
    assert (line.quantity, line.changed_by, line.changed_version) == (6, bob, 5)
    assert OrderHead.objects.get(pk=order_id).line_count == 2


@pytest.mark.django_db
def test_a_line_removed_and_added_again_starts_anew_at_the_end(bob, by, key, order_id):
    handling.remove_item(by(bob), order_id, "FLR-25", key=key())
    assert OrderHead.objects.get(pk=order_id).total == Decimal("71.35")
    handling.add_items(by(bob), order_id, [("FLR-25", 1)], key=key())
    lines = OrderLine.objects.filter(order_id=order_id).order_by("added_version")
    assert [(line.sku, line.added_by) for line in lines][-1] == ("FLR-25", bob)


@pytest.mark.django_db
def test_a_cancelled_order_says_who_when_and_why(bob, by, key, order_id):
    outcome = handling.cancel_order(by(bob), order_id, reason="Closed on Friday.", key=key())
    head = OrderHead.objects.get(pk=order_id)
    assert (head.status, head.closed_by, head.closed_at, head.cancel_reason) == (
        "cancelled", bob, outcome.events[0].recorded_at, "Closed on Friday.",
    )  # fmt: skip


@pytest.mark.django_db
def test_a_command_saves_in_the_same_queries_whatever_the_number_of_lines(
    alice, by, key, order_id, django_assert_num_queries
):
    skus = [ProductFactory().sku for _ in range(300)]
    caller = by(alice)
    with django_assert_num_queries(8):
        handling.add_items(caller, order_id, [(skus[0], 1)], key=key())
    # One statement loads one row of each table, two load any number.
    for wanted in skus[1:3], skus[3:40]:  # a snapshot would be one more
        with django_assert_num_queries(9):
            handling.add_items(caller, order_id, [(sku, 1) for sku in wanted], key=key())


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("note", [r"\N", "a\tb\nc\\d", '"quoted" Crème 🍮', "\\\\n"], ids=ascii)
def test_any_note_comes_out_of_a_replay_as_it_was_written(alice, by, key, order_id, note):
    handling.change_details(by(alice), order_id, note=note, key=key())
    before = OrderHead.objects.get(pk=order_id).note
    call_command("replay_projections", "orders", "--no-input")
    assert OrderHead.objects.get(pk=order_id).note == before
    assert before.split() == note.split()


@pytest.mark.django_db(transaction=True)
def test_rows_dropped_and_replayed_are_identical(alice, bob, by, key, order_id):
    products = [ProductFactory(price=Decimal(n) / 100) for n in range(1, 400, 7)]
    chance = random.Random(20260401)
    orders = [order_id] + [
        handling.open_order(by(alice), key=key(), reference=str(n)).stream_id for n in range(5)
    ]

    def work(caller, target, sku, quantity):
        command = chance.choices(
            [
                lambda: handling.add_items(caller, target, [(sku, quantity)], key=key()),
                lambda: handling.change_quantity(caller, target, sku, quantity, key=key()),
                lambda: handling.remove_item(caller, target, sku, key=key()),
                lambda: handling.change_details(caller, target, note=str(quantity), key=key()),
                lambda: handling.complete_order(caller, target, key=key()),
                lambda: handling.cancel_order(caller, target, key=key()),
                lambda: orders.append(handling.copy_order(caller, target, key=key()).stream_id),
            ],
            weights=[50, 20, 10, 5, 1, 1, 2],
        )[0]
        with suppress(Refused):
            command()

    callers = [by(alice), by(bob)]
    for _ in range(400):
        sku = chance.choice(products).sku
        work(chance.choice(callers), chance.choice(orders), sku, chance.randint(1, 50))
    assert Event.objects.count() > 200
    assert len(assert_rows_equal_the_fold()) == len(orders)
    checksum = aside.checksum(ORDERS.tables)
    OrderHead.objects.all().delete()
    OrderLine.objects.all().delete()
    call_command("replay_projections", "--no-input")
    assert aside.checksum(ORDERS.tables) == checksum
    assert_rows_equal_the_fold()
    call_command("replay_projections", "--verify")

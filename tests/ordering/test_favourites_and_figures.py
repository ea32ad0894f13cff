"""The asynchronous projections: what they make of orders that went through the door."""

import random
import threading
from collections import Counter
from contextlib import suppress
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from itertools import chain
from uuid import uuid4

import pytest
from django.db import connection
from django.db.models import Max, Sum
from django.utils import timezone
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from eventstore import aside, build, replay
from eventstore import projections as engine
from eventstore.folding import fold
from eventstore.models import Build, Checkpoint
from eventstore.projections import Rows
from eventstore.runner import Runner
from eventstore.store import Metadata, RecordedEvent, read_stream
from ordering import handling
from ordering.domain import order as domain
from ordering.domain.refusal import Refused
from ordering.handling import ORDER
from ordering.models import (
    DailyContents,
    DailyFigure,
    Favourite,
    FavouriteContents,
    OrderHead,
)
from ordering.projections import daily_figures
from ordering.undo import undo
from tests.factories import ProductFactory

pytestmark = pytest.mark.django_db(transaction=True)

ASYNCHRONOUS = [engine.asynchronous["favourites"], engine.asynchronous["daily_figures"]]


@pytest.fixture
def favourites():
    """The customer's favourites as {sku: (orders, quantity)}, when the runner has caught up."""

    def favourites(customer):
        Runner().catch_up()
        rows = Favourite.objects.filter(customer=customer)
        return {row.product_id: (row.orders, row.quantity) for row in rows}

    return favourites


@pytest.fixture
def figures():
    """A customer's figures of today, when the runner has caught up."""

    def figures(customer):
        Runner().catch_up()
        row = DailyFigure.objects.get(customer=customer, day=timezone.localdate())
        return row.opened, row.completed, row.cancelled, row.items, row.value

    return figures


@pytest.fixture
def order(by, key, flour, butter):
    """Open an order of the agent's, with pairs of sku and quantity; complete it unless told not."""

    def order(agent, *items, complete=True):
        order_id = handling.open_order(by(agent), key=key(), items=items).stream_id
        if complete:
            handling.complete_order(by(agent), order_id, key=key())
        return order_id

    return order


def test_a_favourite_counts_completed_orders_and_what_was_in_them(alice, bob, order, favourites):
    order(alice, ("FLR-25", 2), ("BUT-10", 1))
    order(bob, ("FLR-25", 3), ("FLR-25", 4))

    assert favourites(alice.customer) == {"FLR-25": (2, 9), "BUT-10": (1, 1)}


def test_a_favourite_knows_when_it_was_last_completed(alice, order, favourites):
    order(alice, ("FLR-25", 2))
    last = order(alice, ("FLR-25", 1))
    order(alice, ("BUT-10", 1))
    favourites(alice.customer)

    completed = list(read_stream(last))[-1]
    assert Favourite.objects.get(product="FLR-25").last_at == completed.recorded_at


def test_open_and_cancelled_orders_make_no_favourites(alice, by, key, order, favourites):
    order(alice, ("FLR-25", 2), complete=False)
    cancelled = order(alice, ("FLR-25", 2), complete=False)
    handling.cancel_order(by(alice), cancelled, key=key())

    assert favourites(alice.customer) == {}


def test_each_customer_has_its_own(alice, charlie, order, favourites, figures):
    order(alice, ("FLR-25", 2))
    order(charlie, ("FLR-25", 5))
    order(charlie, ("BUT-10", 1))

    assert favourites(alice.customer) == {"FLR-25": (1, 2)}
    assert favourites(charlie.customer) == {"FLR-25": (1, 5), "BUT-10": (1, 1)}
    assert figures(alice.customer) == (1, 1, 0, 2, Decimal("49.80"))
    assert figures(charlie.customer) == (2, 2, 0, 6, Decimal("195.85"))


def test_what_counts_is_what_the_order_held_in_the_end(alice, by, key, order, favourites, figures):
    order_id = order(alice, ("FLR-25", 2), ("BUT-10", 1), complete=False)
    handling.change_quantity(by(alice), order_id, "FLR-25", 7, key=key())
    removed = handling.remove_item(by(alice), order_id, "BUT-10", key=key())
    handling.complete_order(by(alice), order_id, key=key())
    assert removed.events

    assert favourites(alice.customer) == {"FLR-25": (1, 7)}
    assert figures(alice.customer) == (1, 1, 0, 7, Decimal("174.30"))


def test_what_was_undone_counts_again(alice, by, key, order, favourites, figures):
    order_id = order(alice, ("FLR-25", 2), complete=False)
    removed = handling.remove_item(by(alice), order_id, "FLR-25", key=key())
    undo(by(alice), order_id, removed.version, key=key())
    handling.complete_order(by(alice), order_id, key=key())

    assert favourites(alice.customer) == {"FLR-25": (1, 2)}
    assert figures(alice.customer) == (1, 1, 0, 2, Decimal("49.80"))


def test_a_copy_is_an_order_of_its_own(alice, bob, by, key, order, favourites, figures):
    source = order(alice, ("FLR-25", 2))
    copy = handling.copy_order(by(bob), source, key=key()).stream_id
    before = favourites(alice.customer)
    handling.complete_order(by(bob), copy, key=key())

    assert before == {"FLR-25": (1, 2)}
    assert favourites(alice.customer) == {"FLR-25": (2, 4)}
    assert figures(alice.customer) == (2, 2, 0, 4, Decimal("99.60"))


def test_figures_count_what_was_opened_completed_and_cancelled(alice, by, key, order, figures):
    order(alice, ("FLR-25", 2), complete=False)
    cancelled = order(alice, ("BUT-10", 9), complete=False)
    handling.cancel_order(by(alice), cancelled, key=key())
    order(alice, ("BUT-10", 1))

    assert figures(alice.customer) == (3, 1, 1, 1, Decimal("71.35"))


def test_catching_up_again_counts_nothing_twice(alice, order, favourites, figures):
    order(alice, ("FLR-25", 2))
    once = favourites(alice.customer), figures(alice.customer)

    assert (favourites(alice.customer), figures(alice.customer)) == once


def test_what_comes_in_parts_counts_as_what_comes_at_once(alice, by, key, order, favourites):
    order_id = order(alice, ("FLR-25", 2), complete=False)
    favourites(alice.customer)
    handling.add_items(by(alice), order_id, [("FLR-25", 1), ("BUT-10", 4)], key=key())
    favourites(alice.customer)
    handling.complete_order(by(alice), order_id, key=key())

    assert favourites(alice.customer) == {"FLR-25": (1, 3), "BUT-10": (1, 4)}


def test_a_closed_order_leaves_no_helper_row(alice, by, key, order, favourites):
    still_open = order(alice, ("FLR-25", 2), complete=False)
    cancelled = order(alice, ("FLR-25", 2), complete=False)
    completed = order(alice, ("FLR-25", 2), complete=False)
    favourites(alice.customer)
    handling.cancel_order(by(alice), cancelled, key=key())
    handling.complete_order(by(alice), completed, key=key())
    favourites(alice.customer)

    for table in (FavouriteContents, DailyContents):
        assert list(table.objects.values_list("pk", flat=True)) == [still_open]


def test_any_commands_make_the_rows_that_the_orders_themselves_tell(
    alice, charlie, by, key, favourites
):
    """Compares with the domain's own state, which the projections do not use."""
    skus = [ProductFactory(price=Decimal(n) / 100).sku for n in range(1, 200, 17)]
    chance = random.Random(20260402)
    callers = by(alice), by(charlie)
    orders = [
        (caller, handling.open_order(caller, key=key(), items=[(skus[0], 1)]).stream_id)
        for caller in callers * 4
    ]
    for _ in range(250):
        caller, order_id = chance.choice(orders)
        sku, quantity = chance.choice(skus), chance.randint(1, 50)
        command = chance.choices(
            [
                lambda c, o, s, q: handling.add_items(c, o, [(s, q)], key=key()),
                lambda c, o, s, q: handling.change_quantity(c, o, s, q, key=key()),
                lambda c, o, s, q: handling.remove_item(c, o, s, key=key()),
                lambda c, o, s, q: handling.complete_order(c, o, key=key()),
                lambda c, o, s, q: handling.cancel_order(c, o, key=key()),
                lambda c, o, s, q: orders.append(
                    (c, handling.copy_order(c, o, key=key()).stream_id)
                ),
            ],
            weights=[50, 20, 15, 3, 1, 3],
        )[0]
        with suppress(Refused):
            command(caller, order_id, sku, quantity)
        if chance.random() < 0.05:
            favourites(caller.agent.customer)

    for caller in callers:
        heads = OrderHead.objects.filter(customer=caller.agent.customer, status="completed")
        states = [ORDER.load(head.pk)[0] for head in heads]
        counts, quantities = Counter(), Counter()
        for state in states:
            counts.update(state.lines.keys())
            quantities.update({sku: line.quantity for sku, line in state.lines.items()})
        assert favourites(caller.agent.customer) == {
            sku: (count, quantities[sku]) for sku, count in counts.items()
        }
        rows = DailyFigure.objects.filter(customer=caller.agent.customer)
        assert sum(row.completed for row in rows) == len(states) > 0
        assert sum(row.items for row in rows) == quantities.total()
        assert sum(row.value for row in rows) == sum(state.total for state in states)
    for projection in ASYNCHRONOUS:
        assert list(replay.verify(projection)) == []


def test_rows_dropped_and_replayed_are_identical(alice, bob, charlie, by, key, order, favourites):
    order(alice, ("FLR-25", 2), ("BUT-10", 1))
    order(bob, ("FLR-25", 3), complete=False)
    handling.cancel_order(by(charlie), order(charlie, ("BUT-10", 1), complete=False), key=key())
    favourites(alice.customer)
    checksums = [aside.checksum(projection.tables) for projection in ASYNCHRONOUS]
    for projection in ASYNCHRONOUS:
        for table in projection.tables:
            assert table.objects.all().delete()[0]
        replay.replay(projection)

    assert [aside.checksum(projection.tables) for projection in ASYNCHRONOUS] == checksums


def test_rows_made_in_many_parts_are_those_of_the_log_in_its_order(
    alice, bob, charlie, order, favourites, monkeypatch
):
    monkeypatch.setattr(build, "SLICE", 3)
    for agent in (alice, bob, charlie) * 2:
        order(agent, ("FLR-25", 2), ("BUT-10", 1))
        order(agent, ("FLR-25", 3), complete=False)
    favourites(alice.customer)
    together = [engine.inline["orders"], *ASYNCHRONOUS]
    checksums = [aside.checksum(projection.tables) for projection in together]
    made, _ = build.begin(together, aside.SHADOW)
    assert made[1].slices.count() > 6
    for projection in together:
        for table in projection.tables:
            assert table.objects.all().delete()[0]
    list(replay.replay_together(together, workers=1))

    assert [aside.checksum(projection.tables) for projection in together] == checksums


def test_replayed_together_they_get_their_indexes_at_the_same_time(
    alice, order, favourites, monkeypatch
):
    order(alice, ("FLR-25", 2), ("BUT-10", 1))
    favourites(alice.customer)
    together = [engine.inline["orders"], *ASYNCHRONOUS]
    checksums = [aside.checksum(projection.tables) for projection in together]
    all_at_it, add_indexes = threading.Barrier(len(together)), aside.add_indexes

    def add_indexes_when_all_are(*args):
        all_at_it.wait(30)
        add_indexes(*args)

    monkeypatch.setattr(aside, "add_indexes", add_indexes_when_all_are)
    list(replay.replay_together(together, workers=len(together)))

    assert [aside.checksum(projection.tables) for projection in together] == checksums
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_indexes WHERE tablename = 'ordering_favourite'")
        assert cursor.fetchone() == (4,)  # two of the live table, two of the one before


def test_an_index_that_cannot_be_made_leaves_the_rows_as_they_are(
    alice, order, favourites, monkeypatch
):
    order(alice, ("FLR-25", 2))
    before = favourites(alice.customer)
    add_indexes = aside.add_indexes

    def fail_for_favourites(schema, tables):
        if Favourite in tables:
            raise ValueError("no room")
        add_indexes(schema, tables)

    monkeypatch.setattr(aside, "add_indexes", fail_for_favourites)
    with pytest.raises(ValueError, match="no room"):
        list(replay.replay_together(ASYNCHRONOUS, workers=2))

    assert favourites(alice.customer) == before
    made = Build.objects.filter(schema=aside.SHADOW).values_list("projection", "indexed")
    assert dict(made) == {"favourites": False, "daily_figures": True}


@hypothesis_settings(max_examples=60, deadline=None)
@given(st.integers(0, 2**32), st.integers(2, 4))
def test_any_orders_make_the_same_shared_rows_apart_as_together(seed, parts):
    """What single orders make of rows that they share, merged as declared, is what the log makes
    of them in its order."""
    chance, log, held = random.Random(seed), [], {}
    for position in range(1, chance.randint(10, 60)):
        order_id = chance.choice([*held, uuid4()])
        events = held.setdefault(order_id, [])
        skus = [f"S-{n}" for n in range(4)]
        lines = {e.sku for e in events if isinstance(e, domain.ItemAdded)}
        if not events:
            event = domain.OrderOpened("N", chance.randint(1, 2), "EUR", "", "", None)
        elif isinstance(events[-1], (domain.OrderCompleted, domain.OrderCancelled)):
            continue
        else:
            event = chance.choice(
                [domain.ItemAdded(chance.choice(skus), "n", "u", chance.randint(1, 9), Decimal(2))]
                * 4
                + [domain.QuantityChanged(sku, chance.randint(1, 9)) for sku in sorted(lines)[:1]]
                + [domain.OrderCompleted(Decimal(chance.randint(1, 99)), "EUR")]
                + [domain.OrderCancelled("")]
            )
        events.append(event)
        # Not always later than what stands before it in the log: clocks are read earlier.
        at = datetime(2026, 3, 28, 20, tzinfo=UTC) + timedelta(hours=chance.randint(0, 60))
        log.append(RecordedEvent(position, order_id, len(events), event, Metadata(), None, at))

    for projection in ASYNCHRONOUS:
        whole = fold(projection, log)
        streams = list(held)
        apart = [
            fold(projection, [one for one in log if streams.index(one.stream_id) % parts == part])
            for part in range(parts)
        ]
        for table, fields in projection.shared.items():
            merged = {}
            for row in chain.from_iterable(rows.of(table) for rows in apart):
                into = merged.setdefault(row.pk, row)
                for name, how in fields.items() if into is not row else ():
                    both = getattr(into, name), getattr(row, name)
                    setattr(into, name, {Sum: sum, Max: max}[how](both))
            assert {key: values(row) for key, row in merged.items()} == {
                row.pk: values(row) for row in whole.of(table)
            }


def values(row):
    return [getattr(row, field.attname) for field in row.model._meta.concrete_fields]


def test_a_day_is_the_one_that_clocks_of_the_shop_show():
    """Half past eleven at night in UTC is past midnight in Berlin."""
    rows, order_id = Rows({}, lambda table, key: None), uuid4()
    late = datetime(2026, 3, 31, 22, 30, tzinfo=UTC)
    events = [
        domain.OrderOpened("HC-2026-0001", 7, "EUR", "", "", None),
        domain.ItemAdded("FLR-25", "Flour", "sack", 2, Decimal("24.90")),
        domain.OrderCompleted(Decimal("49.80"), "EUR"),
    ]
    for version, event in enumerate(events, 1):
        daily_figures.fold(
            rows, RecordedEvent(version, order_id, version, event, Metadata(), None, late)
        )

    figure = rows.get(DailyFigure, "2026-04-01 7 EUR")
    assert (figure.day, figure.opened, figure.completed) == (date(2026, 4, 1), 1, 1)


def test_each_currency_has_a_row_of_its_own(alice, order, settings, figures):
    order(alice, ("FLR-25", 2))
    settings.CURRENCY = "GBP"
    order(alice, ("FLR-25", 1))
    Runner().catch_up()

    rows = DailyFigure.objects.order_by("currency").values_list("currency", "value")
    assert list(rows) == [("EUR", Decimal("49.80")), ("GBP", Decimal("24.90"))]


def test_both_follow_the_log_from_its_first_event():
    kinds = dict(Checkpoint.objects.values_list("name", "kind"))

    assert kinds["favourites"] == kinds["daily_figures"] == "asynchronous"

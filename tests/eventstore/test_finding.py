"""Finding events in the whole log, compared with looking at each one."""

import random
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from itertools import product
from uuid import UUID

import pytest
from django.db import connection

from eventstore import finding
from eventstore.finding import Place, Wanted, find, kinds, walk
from eventstore.models import Event
from eventstore.store import Metadata, append
from tests.eventstore.counter import Closed, Counted

pytestmark = pytest.mark.django_db

TRIGGER = "TRIGGER eventstore_event_append_only"
SOURCES, ACTORS = ("web", "api", ""), (None, 7, 8)


@pytest.fixture
def log():
    """400 events of 12 streams; the clock was set back in the middle."""
    dice = random.Random("the log")
    streams = {}
    for number in range(400):
        stream_id = UUID(int=dice.randrange(12))
        metadata = Metadata(dice.choice(ACTORS), dice.choice(SOURCES), f"request-{number // 5}")
        event = Closed() if dice.random() < 0.2 else Counted(number, Decimal(number))
        command = UUID(int=1000 + number // 3) if number % 2 else None
        version = streams.get(stream_id, 0)
        append(stream_id, "counter", version, [event], metadata, command)
        streams[stream_id] = version + 1
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute(f"ALTER TABLE eventstore_event DISABLE {TRIGGER}")
        cursor.execute(
            "UPDATE eventstore_event SET recorded_at = '2026-03-01 00:00+00'::timestamptz"
            " + (CASE WHEN version % 7 = 0 THEN -5 ELSE version END) * interval '1 hour'"
        )
        cursor.execute(f"ALTER TABLE eventstore_event ENABLE ALWAYS {TRIGGER}")
    return list(Event.objects.order_by("recorded_at", "position"))


def by_looking(log, wanted):
    return [
        event
        for event in log
        if (wanted.types is None or event.type in wanted.types)
        and (wanted.sources is None or event.metadata["source"] in wanted.sources)
        and (wanted.actor is None or str(event.metadata["actor"] or "") == wanted.actor)
        and (wanted.streams is None or event.stream_id in wanted.streams)
        and wanted.correlation_id in (None, event.metadata["correlation_id"])
        and wanted.command_id in (None, event.command_id)
        and wanted.position in (None, event.position)
        and (wanted.since is None or event.recorded_at >= wanted.since)
        and (wanted.before is None or event.recorded_at < wanted.before)
    ]


def demands(log):
    """Each combination of some demands, of the common and the rare, the absent, the disjoint."""
    some = log[200]
    since, before = log[100].recorded_at, log[300].recorded_at
    broad = product(
        ({}, {"types": frozenset(["Closed"])}, {"types": frozenset(["Counted", "Absent"])}),
        ({}, {"sources": frozenset(["web"])}, {"sources": frozenset([""])}),
        ({}, {"actor": "7"}, {"actor": ""}, {"actor": "99"}),
        ({}, {"since": since}, {"before": before}, {"since": since, "before": before}),
    )
    narrow = (
        {},
        {"streams": frozenset([some.stream_id, log[0].stream_id])},
        {"correlation_id": some.metadata["correlation_id"]},
        {"command_id": next(event.command_id for event in log if event.command_id)},
        {"position": some.position},
    )
    for parts in broad:
        whole = {name: value for part in parts for name, value in part.items()}
        for one in narrow:
            yield Wanted(**whole | one)


def test_each_combination_finds_exactly_what_looking_at_all_events_finds(log):
    for wanted in demands(log):
        expected = [event.position for event in by_looking(log, wanted)]
        assert find(wanted, limit=1000, upwards=True) == expected, wanted
        assert find(wanted, limit=1000) == expected[::-1], wanted


def test_pages_in_both_directions_leave_nothing_out(log):
    places = {event.position: Place(event.recorded_at, event.position) for event in log}
    for wanted in demands(log):
        expected = [event.position for event in by_looking(log, wanted)]
        for upwards in (True, False):
            seen, beyond = [], None
            while page := find(wanted, beyond=beyond, upwards=upwards, limit=17):
                seen += page
                beyond = places[page[-1]]
            assert seen == (expected if upwards else expected[::-1]), (wanted, upwards)


def test_walking_gives_all_of_them_oldest_first(log, monkeypatch):
    monkeypatch.setattr(finding, "CHUNK", 7)
    upto = sorted(event.position for event in log)[350]
    for wanted in demands(log):
        expected = [e.position for e in by_looking(log, wanted) if e.position <= upto]
        assert [row[1] for row in walk(wanted, "version", upto=upto)] == expected, wanted


def test_the_kinds_are_those_that_are_stored(log):
    expected = {(event.type, event.metadata["source"]) for event in log}
    assert set(kinds()) == expected


def test_an_empty_log_has_nothing():
    assert kinds() == find(Wanted(), limit=5) == list(walk(Wanted(), "version", upto=9)) == []


def test_metadata_that_lacks_a_field_is_found_as_the_shops_own(log):
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO eventstore_event"
            " (stream_id, version, type, schema_version, data, metadata)"
            " SELECT id, version + 1, 'Closed', 1, '{}', '{}' FROM eventstore_stream LIMIT 1"
            " RETURNING position"
        )
        [position] = cursor.fetchone()
    assert position in find(Wanted(), limit=1)
    assert position in find(Wanted(actor="", sources=frozenset([""])), limit=1)


def test_demands_that_contradict_one_another_find_nothing(log):
    both = Wanted(position=log[0].position).narrowed(position=log[1].position)
    assert find(both, limit=5) == list(walk(both, "version", upto=2**62)) == []
    apart = Wanted(types=frozenset(["Closed"])).narrowed(types=frozenset(["Counted"]))
    assert find(apart, limit=5) == []


def test_a_page_costs_two_queries(log, django_assert_max_num_queries):
    for wanted in (Wanted(), Wanted(types=frozenset(["Closed"]), actor="7"), Wanted(position=1)):
        with django_assert_max_num_queries(2):
            find(wanted, limit=51)


def test_no_plan_scans_the_events(log, monkeypatch):
    """On so few rows PostgreSQL would rather scan: it is told not to where there is another way."""
    plans = []

    def explained(query, params):
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL enable_seqscan = off")
            cursor.execute("SET LOCAL enable_sort = on")
            cursor.execute("EXPLAIN " + query, params)
            plans.append("\n".join(row[0] for row in cursor.fetchall()))
            cursor.execute(query, params)
            return cursor.fetchall()

    monkeypatch.setattr(finding, "_rows", explained)
    some = log[200]
    beyond = Place(some.recorded_at, some.position)
    for wanted in demands(log):
        find(wanted, beyond=beyond, limit=51)
        find(replace(wanted, before=some.recorded_at + timedelta(days=1)), upwards=True, limit=51)
    assert plans
    assert not [plan for plan in plans if "Seq Scan on eventstore_event" in plan]

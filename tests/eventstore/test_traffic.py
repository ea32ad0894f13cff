"""How much was recorded lately: the same as counting it all, at less cost."""

import random
import uuid
from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest
from django.core.cache import cache
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from eventstore import traffic
from eventstore.models import Event, Refusal, Stream
from eventstore.traffic import HOUR

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 24, 18, 40, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _nothing_counted():
    cache.clear()
    yield
    cache.clear()


def record(times):
    stream = Stream.objects.create(id=uuid.uuid4(), category="counter", version=0)
    Event.objects.bulk_create(
        Event(
            stream=stream,
            version=version,
            type=("Counted", "Closed")[version % 3 == 0],
            schema_version=1,
            data={},
            metadata={},
            recorded_at=when,
        )
        for version, when in enumerate(times, 1)
    )


def counted_plainly(now):
    this = now.replace(minute=0, second=0, microsecond=0)
    hours = {this - HOUR * back: Counter() for back in reversed(range(24))}
    for when, type_ in Event.objects.values_list("recorded_at", "type"):
        hour = when.replace(minute=0, second=0, microsecond=0)
        if hour in hours:
            hours[hour][type_] += 1
    return hours


@pytest.mark.parametrize("seed", range(5))
def test_each_hour_has_what_a_plain_count_finds(seed):
    chance = random.Random(seed)
    minutes = sorted(chance.uniform(-40 * 60, 0) for _ in range(300))
    times = [NOW + timedelta(minutes=one) for one in minutes]
    for place in range(0, 290, 10):  # appends that were under way together
        chance.shuffle(block := times[place : place + 10])
        times[place : place + 10] = block
    record(times)

    first, second = traffic.by_hour(NOW), traffic.by_hour(NOW)

    assert first == counted_plainly(NOW) == second
    assert list(first) == sorted(first)


def test_an_hour_that_is_over_is_not_counted_again_and_the_one_that_goes_on_is():
    record([NOW - timedelta(hours=hours) for hours in (30, 20, 2, 1, 0)])
    traffic.by_hour(NOW)
    with CaptureQueriesContext(connection) as asked:
        traffic.by_hour(NOW)
    assert len(asked) == 2
    assert "recorded_at >= '2026-11-24 18:00:00+00:00'" in asked[-1]["sql"]

    record([NOW])
    assert traffic.by_hour(NOW) == counted_plainly(NOW)


def test_an_hour_that_has_just_ended_is_counted_again():
    begins = NOW.replace(minute=0)
    traffic.by_hour(begins + timedelta(minutes=1))
    record([begins - timedelta(seconds=1)])  # committed late
    hours = traffic.by_hour(begins + timedelta(minutes=2))
    assert hours[begins - HOUR].total() == 1


def test_a_log_that_was_merged_into_is_counted_too():
    record([NOW - timedelta(hours=hours) for hours in (3, 1, 0)])
    record([NOW - timedelta(days=40)] * 1500)  # imported: old, at positions behind
    assert traffic.by_hour(NOW) == counted_plainly(NOW)


def test_an_empty_log_has_empty_hours():
    hours = traffic.by_hour(NOW)
    assert len(hours) == 24
    assert not any(hours.values())


def test_conflicts_are_counted_by_day_and_other_refusals_are_not():
    now = timezone.now()

    for days, code, repeats in [(0, "conflict", 0), (0, "conflict", 1), (3, "conflict", 0),
                                (3, "closed", 0), (20, "conflict", 0)]:  # fmt: skip
        Refusal.objects.create(
            code=code,
            asked={},
            params={},
            repeats=repeats,
            recorded_at=now - timedelta(days=days),
        )
    by_day = traffic.conflicts_by_day(now)
    today = timezone.localdate(now)
    assert len(by_day) == 14
    assert {day: count for day, count in by_day.items() if count} == {
        today: 3,
        today - timedelta(days=3): 1,
    }

"""/events: the whole log, for staff."""

import os
import threading
import uuid

import pytest
from django.db import connection

from eventstore.models import Event
from eventstore.subscriptions import Blocker, Stalled
from ordering.api import events
from tests.concurrency import at_once

EACH = int(os.environ.get("EACH", "12"))  # orders that a writer opens

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def staff(program, admin):
    return program(admin)


def test_every_event_is_there_with_all_that_is_stored(staff, order, alice):
    answer = staff.get("events")
    assert answer.status_code == 200
    first, *_ = found = answer.json()["items"]
    stored = Event.objects.order_by("position")
    assert [one["position"] for one in found] == [one.position for one in stored]
    assert first == {
        "position": stored[0].position,
        "stream_id": order.removeprefix("orders/"),
        "category": "order",
        "version": 1,
        "type": "OrderOpened",
        "schema_version": 1,
        "data": stored[0].data,
        "metadata": stored[0].metadata,
        "actor": "alice",
        "command_id": str(stored[0].command_id),
        "recorded_at": first["recorded_at"],
    }
    assert first["metadata"]["source"] == "api"


def test_pages_follow_one_another(staff, order):
    whole = [one["position"] for one in staff.get("events").json()["items"]]
    first = staff.get("events?limit=2").json()
    assert [one["position"] for one in first["items"]] == whole[:2]
    rest = staff.get(f"events?after={first['next']}").json()
    assert ([one["position"] for one in rest["items"]], rest["next"]) == (whole[2:], None)
    assert staff.get(f"events?after={whole[-1]}").json() == {"items": [], "next": None}


@pytest.mark.parametrize("ahead", [1, 2**62])
def test_whoever_has_read_what_is_not_in_the_log_is_told_that_it_was_put_back(
    staff, order, problem, ahead
):
    end = staff.get("events").json()["items"][-1]["position"]
    told = problem(staff.get(f"events?after={end + ahead}"), 404, "no-such-position")
    assert told["end"] == end
    assert f"ends at {end}; found {end + ahead}" in told["detail"]


def test_a_log_without_events_is_read_from_its_beginning(staff):
    assert staff.get("events?after=0").json() == {"items": [], "next": None}


def test_only_staff_who_may_see_payloads_read_it(hers, program, order, problem, bob):
    problem(hers.get("events"), 403, "forbidden")
    bob.is_staff = True
    bob.save()
    problem(program(bob).get("events"), 403, "forbidden")


@pytest.mark.parametrize("asked", ["after=-1", "after=9223372036854775808", "limit=1001", "a=1"])
def test_what_cannot_be_asked_is_refused(staff, problem, asked):
    problem(staff.get(f"events?{asked}"), 422, "invalid")


def test_while_somebody_holds_the_gate_it_says_when_to_come_back(staff, problem, monkeypatch):
    def stalled():
        raise Stalled([Blocker(7, "tandem", "psql", "idle in transaction", None)])

    monkeypatch.setattr(events, "settled", stalled)
    answer = staff.get("events")
    assert "process 7" in problem(answer, 503, "unavailable")["detail"]
    assert answer["Retry-After"] == "5"


def test_an_event_that_cannot_be_read_is_named(staff, order, problem):
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO eventstore_event"
            " (stream_id, version, type, schema_version, data, metadata)"
            " VALUES (%s, 4, 'OrderEaten', 1, '{}', '{}')",
            [order.removeprefix("orders/")],
        )
    assert "OrderEaten" in problem(staff.get("events"), 500, "unreadable-event")["detail"]


def test_read_page_by_page_while_eight_write_nothing_is_missing_and_nothing_twice(
    staff, program, alice, client_of
):
    writers, each = 8, EACH
    over = threading.Event()
    at_work = [writers]
    read = []

    def read_on():
        after, finished = 0, False
        while True:
            finished = over.is_set()
            page = client_of(staff).get(f"events?limit=7&after={after}").json()
            read.extend((one["stream_id"], one["version"]) for one in page["items"])
            if page["items"]:
                after = page["items"][-1]["position"]
            elif finished:
                return

    def write(hers):
        for _ in range(each):
            assert hers.post("orders", {}, Idempotency_Key=str(uuid.uuid4())).status_code == 201
        with lock:
            at_work[0] -= 1
            if not at_work[0]:
                over.set()

    lock = threading.Lock()
    hers = program(alice)
    at_once(
        lambda work: work(),
        [read_on, *[lambda: write(client_of(hers)) for _ in range(writers)]],
    )
    stored = list(Event.objects.order_by("position").values_list("stream_id", "version"))
    assert len(stored) == writers * each
    assert read == [(str(stream_id), version) for stream_id, version in stored]

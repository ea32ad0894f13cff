"""What /metrics tells of commands, of the log and of who follows it."""

import threading
import uuid
from datetime import timedelta

import pytest
from django.db import OperationalError, connection, transaction

from eventstore import decider, runner, stalls
from eventstore.models import Event
from eventstore.runner import Runner
from ordering import handling
from ordering.domain.refusal import Refused
from ordering.models import Presence

pytestmark = pytest.mark.django_db


def outcomes(command):
    return [
        ("tandem_commands_total", {"command": command, "outcome": outcome})
        for outcome in ("accepted", "refused", "conflict", "repeated", "failed")
    ]


def test_a_command_is_counted_by_what_came_of_it(alice, by, key, flour, order_id, rise):
    same = key()

    def change():
        handling.change_quantity(by(alice), order_id, "FLR-25", 3, key=same, seen=3)
        handling.change_quantity(by(alice), order_id, "FLR-25", 3, key=same, seen=3)
        for quantity, seen in ((10_000, 4), (5, 3), (6, 99)):
            with pytest.raises(Refused):
                handling.change_quantity(
                    by(alice), order_id, "FLR-25", quantity, key=key(), seen=seen
                )

    durations = ("tandem_command_duration_seconds_count", {"command": "ChangeQuantity"})
    events = ("tandem_events_appended_total", {"type": "QuantityChanged"})
    assert rise(change, *outcomes("ChangeQuantity"), durations, events) == [1, 2, 1, 1, 0, 5, 1]


def test_a_refusal_told_again_is_a_repetition(alice, by, key, order_id, rise):
    same = key()

    def cancel_twice():
        handling.complete_order(by(alice), order_id, key=key())
        for _ in "12":
            with pytest.raises(Refused):
                handling.cancel_order(by(alice), order_id, key=same)

    assert rise(cancel_twice, *outcomes("CancelOrder")) == [0, 1, 0, 1, 0]


def test_what_is_refused_before_the_store_is_asked_is_counted_once(alice, by, key, order_id, rise):
    def add():
        with pytest.raises(Refused):
            handling.add_items(by(alice), order_id, [("NO-SUCH", 1)], key=key())

    durations = ("tandem_command_duration_seconds_count", {"command": "AddItems"})
    assert rise(add, *outcomes("AddItems"), durations) == [0, 1, 0, 0, 0, 0]


def test_retries_are_counted_and_a_failure_that_lasts(alice, by, key, order_id, rise, monkeypatch):
    def fail(*args):
        error = OperationalError("deadlock detected")
        error.__cause__ = type("Cause", (Exception,), {"sqlstate": "40P01"})()
        raise error

    monkeypatch.setattr(decider, "JITTER", (0, 0))
    monkeypatch.setattr(decider, "_once", fail)

    def remove():
        with pytest.raises(OperationalError):
            handling.remove_item(by(alice), order_id, "FLR-25", key=key())

    retries = ("tandem_command_retries_total", {"command": "RemoveItem"})
    assert rise(remove, *outcomes("RemoveItem"), retries) == [0, 0, 0, 0, 1, 4]


def test_every_command_begins_at_zero(client):
    said = client.get("/metrics").content.decode()
    for name, *_ in handling.INTENTS.values():
        assert f'tandem_commands_total{{command="{name}",outcome="conflict"}}' in said


class TestTheDatabase:
    @pytest.fixture(autouse=True)
    def _committed(self, transactional_db):
        """What the runner and other sessions see."""

    def test_lag_is_told_by_projection_until_it_has_caught_up(self, order_id, figure):
        lag = [
            figure(f"tandem_projection_lag_{unit}", projection="favourites")
            for unit in ("events", "seconds")
        ]
        assert lag[0] > 0
        assert lag[1] > 0
        Runner().catch_up()
        for unit in ("events", "seconds"):
            assert figure(f"tandem_projection_lag_{unit}", projection="favourites") == 0
        assert figure("tandem_log_position") == Event.objects.latest("position").position

    def test_a_projection_that_stands_still_is_told(self, order_id, figure, monkeypatch):
        def fail(*args, **kwargs):
            raise ValueError("a bug in a fold")

        monkeypatch.setattr(runner, "apply", fail)
        assert figure("tandem_projection_failing", projection="favourites") == 0
        Runner().catch_up()
        assert figure("tandem_projection_failing", projection="favourites") == 1

    def test_whether_somebody_follows_the_log_and_who_holds_it_up(self, figure, monkeypatch):
        monkeypatch.setattr(stalls, "LONG", timedelta(0))
        assert figure("tandem_runner_working") == 0
        assert figure("tandem_gate_stall_seconds") == 0
        held, enough = threading.Event(), threading.Event()

        def hold():
            try:
                with transaction.atomic(), connection.cursor() as cursor:
                    cursor.execute("SELECT pg_advisory_lock(%s)", [runner.RUNNERS])
                    cursor.execute("LOCK TABLE eventstore_event IN ROW EXCLUSIVE MODE")
                    held.set()
                    assert enough.wait(60)
            finally:
                connection.close()

        other = threading.Thread(target=hold)
        other.start()
        try:
            assert held.wait(60)
            assert figure("tandem_runner_working") == 1
            assert figure("tandem_gate_stall_seconds") > 0
        finally:
            enough.set()
            other.join()

    def test_who_is_present_is_counted_once(self, alice, bob, order_id, figure):
        for agent in (alice, alice, bob):
            Presence.objects.create(
                id=uuid.uuid4(), order_id=order_id, agent_id=agent.pk, place="", seen_at=_now()
            )
        assert figure("tandem_agents_present") == 2


def _now():
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        return cursor.fetchone()[0]

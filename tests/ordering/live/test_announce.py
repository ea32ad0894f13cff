"""The hint that wakes the hubs."""

import time
from types import SimpleNamespace

import psycopg
import pytest
from django.db import connection

from ordering import handling
from ordering.domain.refusal import Refused
from ordering.live import announce as module
from ordering.live.announce import CHANNEL, announce
from ordering.models import OrderHead
from tests.concurrency import at_once

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def clock(monkeypatch):
    """Stands still, long after the last hint."""
    clock = SimpleNamespace(now=time.monotonic() + 1)
    monkeypatch.setattr(module, "monotonic", lambda: clock.now)
    monkeypatch.setattr(module, "_last", float("-inf"))
    return clock


def listening():
    """How another connection is made."""
    params = connection.get_connection_params()
    del params["cursor_factory"], params["context"]
    return params


@pytest.fixture
def hints():
    """How many hints have come since."""
    with psycopg.connect(**listening(), autocommit=True) as listener:
        listener.execute(f"LISTEN {CHANNEL}")

        def hints():
            # A statement of the listener's own: what was notified before has come with it.
            listener.execute("SELECT 1")
            return len(list(listener.notifies(timeout=0)))

        yield hints


def test_an_accepted_command_is_announced_once(alice, by, key, order_id, hints, monkeypatch):
    monkeypatch.setattr(module, "_last", float("-inf"))  # the order was begun just now
    handling.add_items(by(alice), order_id, [("FLR-25", 1), ("BUT-10", 1)], key=key())
    assert hints() == 1


def test_a_refused_one_is_not(alice, by, key, order_id, hints):
    with pytest.raises(Refused):
        handling.change_quantity(by(alice), order_id, "FLR-25", 0, key=key())
    assert hints() == 0


def test_a_hint_that_fails_does_not_undo_the_command(
    alice, by, key, order_id, hints, monkeypatch, caplog
):
    def fail():
        raise ValueError("no hint")

    monkeypatch.setattr(module, "announce", fail)
    outcome = handling.add_items(by(alice), order_id, [("FLR-25", 1)], key=key())
    assert outcome.version == 4
    assert "no hint" in caplog.text


def test_a_connection_that_is_lost_after_the_commit_costs_the_page_nothing(
    alice, by, key, order_id, hints, clock, monkeypatch, caplog
):
    def lose():
        with psycopg.connect(**listening(), autocommit=True) as other:
            server = connection.connection.info.backend_pid
            other.execute("SELECT pg_terminate_backend(%s, 30_000)", [server])
        announce()

    monkeypatch.setattr(module, "announce", lose)
    outcome = handling.add_items(by(alice), order_id, [("FLR-25", 1)], key=key())
    assert OrderHead.objects.get(pk=order_id).version == outcome.version == 4
    assert not [record for record in caplog.records if record.exc_info]


def test_hints_at_the_same_moment_go_together(hints, clock):
    at_once(lambda _: announce(), range(16))
    assert hints() == 1


def test_a_hint_that_comes_later_is_sent(hints, clock):
    announce()
    clock.now += 2 * module.SPACING
    announce()
    assert hints() == 2

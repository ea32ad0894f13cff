import os
import select
import socket
import uuid
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from django.db import OperationalError, connection

from eventstore import decider, store
from eventstore.codec import UnreadableEvent
from eventstore.decider import CommandIdReused, outcome_of
from eventstore.models import Command, Event, Stream
from eventstore.signals import events_appended
from eventstore.store import Metadata, WrongVersion
from tests.eventstore.counter import COUNTER, Add, Close, Counted, Refused

pytestmark = pytest.mark.django_db


def test_a_command_appends_the_events_that_it_causes(send, stream_id):
    outcome = send(Add((1, 2)))
    assert outcome.version == 2
    assert not outcome.replayed
    assert [e.event.by for e in outcome.events] == [1, 2]
    assert Stream.objects.get().version == 2
    assert list(store.read_stream(stream_id)) == list(outcome.events)


def test_the_state_is_folded_from_the_stream(send, stream_id):
    send(Add((1, 2)))
    send(Add((4,)))
    assert COUNTER.load(stream_id)[0].total == 7
    assert COUNTER.load(stream_id, upto=2)[0].total == 3


def test_events_carry_who_when_and_in_which_request(send):
    command_id = uuid.uuid4()
    recorded = send(Add((1,)), command_id=command_id).events[0]
    assert recorded.metadata == Metadata(7, "test", "request-1", "")
    assert recorded.command_id == command_id
    assert abs(datetime.now(UTC) - recorded.recorded_at) < timedelta(minutes=1)


def test_positions_and_times_follow_the_versions(send):
    recorded = send(Add(tuple(range(300)))).events
    assert [e.event.by for e in recorded] == list(range(300))
    assert [e.version for e in recorded] == list(range(1, 301))
    assert sorted(e.position for e in recorded) == [e.position for e in recorded]
    assert sorted(e.recorded_at for e in recorded) == [e.recorded_at for e in recorded]


def test_a_decision_without_events_changes_nothing(send):
    send(Close())
    assert send(Close()).events == ()
    assert Event.objects.count() == 1


def test_a_refusal_reaches_the_caller_and_changes_nothing(send):
    send(Close())
    with pytest.raises(Refused) as caught:
        send(Add((1,)))
    assert (caught.value.code, caught.value.params) == ("closed", {"total": 0})
    assert Event.objects.count() == 1


def test_the_same_command_id_again_gives_the_first_outcome(send):
    command_id = uuid.uuid4()
    first = send(Add((1, 2)), command_id=command_id)
    send(Add((5,)))
    second = send(Add((1, 2)), command_id=command_id)
    assert second.replayed
    assert (second.version, second.events) == (first.version, first.events)
    assert Event.objects.count() == 3


def test_the_same_command_id_again_gives_the_first_refusal(send):
    command_id = uuid.uuid4()
    send(Close())
    for _ in range(2):
        with pytest.raises(Refused, match="closed"):
            send(Add((1,)), command_id=command_id)
    assert Command.objects.get().refusal == {"code": "closed", "params": {"total": 0}}


def test_a_command_id_with_another_command_is_refused(send):
    command_id = uuid.uuid4()
    send(Add((1,)), command_id=command_id)
    with pytest.raises(CommandIdReused, match=str(command_id)):
        send(Add((2,)), command_id=command_id)
    assert Event.objects.count() == 1


def test_a_command_id_is_known_on_whichever_stream_it_was_used(send):
    command_id = uuid.uuid4()
    first = send(Add((1,)), command_id=command_id)
    second = send(Add((1,)), command_id=command_id, stream_id=uuid.uuid4())
    assert second.stream_id == first.stream_id
    assert Stream.objects.count() == 1


def test_an_outcome_can_be_asked_for(send):
    command_id = uuid.uuid4()
    asked = decider.fingerprint("add one")
    assert outcome_of(COUNTER, command_id, asked) is None
    send(Add((1,)), command_id=command_id, asked="add one")
    assert outcome_of(COUNTER, command_id, asked).version == 1


def test_the_guard_sees_the_state_and_may_refuse(send, stream_id):
    send(Add((1,)))

    def guard(count):
        raise Refused("guarded", total=count.total)

    with pytest.raises(Refused) as caught:
        decider.handle(COUNTER, stream_id, Add((1,)), metadata=Metadata(), guard=guard)
    assert caught.value.params == {"total": 1}
    assert Event.objects.count() == 1


def test_a_receiver_that_fails_rolls_the_append_back(send):
    def fail(**kwargs):
        raise RuntimeError("no row for you")

    events_appended.connect(fail)
    try:
        with pytest.raises(RuntimeError, match="no row for you"):
            send(Add((1,)), command_id=uuid.uuid4())
    finally:
        events_appended.disconnect(fail)
    assert not Event.objects.exists()
    assert not Stream.objects.exists()
    assert not Command.objects.exists()


def test_appending_at_another_version_names_expected_and_actual(send, stream_id):
    send(Add((1, 2)))
    for expected in (0, 1, 3):
        with pytest.raises(WrongVersion, match=f"expected version {expected}, found 2"):
            store.append(stream_id, "counter", expected, [Counted(1, Decimal(1))], Metadata())
    assert Event.objects.count() == 2


@pytest.fixture
def vanish(stream_id):
    """Gives the stream an event of a type that this code does not know."""

    def vanish():
        vanished = Event(
            stream_id=stream_id, version=2, type="Vanished", schema_version=1, data={}, metadata={}
        )
        Event.objects.bulk_create([vanished])
        Stream.objects.update(version=2)

    return vanish


def test_a_command_from_before_an_unreadable_event_is_told_its_first_outcome(send, vanish):
    command_id = uuid.uuid4()
    first = send(Add((1,)), command_id=command_id)
    vanish()
    again = send(Add((1,)), command_id=command_id)
    assert (again.version, again.events, again.replayed) == (1, first.events, True)


def test_an_unreadable_event_names_its_stream_version_and_position(send, stream_id, vanish):
    send(Add((1,)))
    vanish()
    with pytest.raises(UnreadableEvent) as caught:
        send(Add((1,)))
    assert f"stream {stream_id} version 2 (position " in str(caught.value)
    assert "found Vanished" in str(caught.value)
    assert Event.objects.count() == 2


@pytest.mark.parametrize("sqlstate", sorted(decider.TRANSIENT))
def test_a_passing_failure_of_the_database_is_tried_again(send, monkeypatch, sqlstate):
    failures = iter([_failure(sqlstate)] * (decider.ATTEMPTS - 1))
    once = decider._once

    def fail_first(*args):
        for failure in failures:
            raise failure
        return once(*args)

    monkeypatch.setattr(decider, "_once", fail_first)
    monkeypatch.setattr(decider, "JITTER", (0, 0))
    assert send(Add((1,))).version == 1


@pytest.mark.django_db(transaction=True)
def test_a_transaction_that_the_database_ended_since_it_hung_is_tried_again(send, monkeypatch):
    once = decider._once

    def hang(*args):
        monkeypatch.setattr(decider, "_once", once)
        outcome = once(*args)
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL idle_in_transaction_session_timeout = 1")
        select.select([connection.connection.fileno()], [], [])  # what it says when it hangs up
        return outcome

    monkeypatch.setattr(decider, "_once", hang)
    monkeypatch.setattr(decider, "JITTER", (0, 0))
    assert send(Add((1,)), command_id=uuid.uuid4()).version == 1
    assert Event.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_an_answer_that_makes_no_sense_is_a_lost_connection(send, monkeypatch):
    once = decider._once
    ours, theirs = socket.socketpair()
    theirs.send(b"Z in the middle of an answer, since the beginning was lost")

    def lose_step(*args):
        monkeypatch.setattr(decider, "_once", once)
        os.dup2(ours.fileno(), connection.connection.fileno())
        return once(*args)

    monkeypatch.setattr(decider, "_once", lose_step)
    monkeypatch.setattr(decider, "JITTER", (0, 0))
    with ours, theirs:
        assert send(Add((1,)), command_id=uuid.uuid4()).version == 1
    assert Event.objects.count() == 1


def test_a_failure_that_lasts_reaches_the_caller(send, monkeypatch):
    attempts = []

    def fail(*args):
        attempts.append(1)
        raise _failure("40P01")

    monkeypatch.setattr(decider, "_once", fail)
    monkeypatch.setattr(decider, "JITTER", (0, 0))
    with pytest.raises(OperationalError):
        send(Add((1,)))
    assert len(attempts) == decider.ATTEMPTS


def test_nobody_waits_longer_than_the_shop_has_patience(send, monkeypatch):
    attempts = []

    def fail(*args):
        attempts.append(1)
        raise _failure("55P03")

    monkeypatch.setattr(decider, "_once", fail)
    monkeypatch.setattr(decider, "JITTER", (0, 0))
    monkeypatch.setattr(decider, "PATIENCE", -1)
    with pytest.raises(OperationalError):
        send(Add((1,)))
    assert len(attempts) == 1


def test_another_failure_is_not_tried_again(send, monkeypatch):
    attempts = []

    def fail(*args):
        attempts.append(1)
        raise _failure("53100")

    monkeypatch.setattr(decider, "_once", fail)
    with pytest.raises(OperationalError):
        send(Add((1,)), command_id=uuid.uuid4())
    assert len(attempts) == 1


def _failure(sqlstate):
    cause = type("Cause", (Exception,), {"sqlstate": sqlstate})()
    error = OperationalError("the database said so")
    error.__cause__ = cause
    return error


class TestUnseenEvents:
    def test_a_command_that_collides_with_none_of_them_merges(self, send):
        send(Add((1,)))
        send(Add((2,)))
        assert send(Add((3,)), seen=1).version == 3

    def test_a_command_that_collides_is_refused_and_told_between_which_versions(self, send):
        send(Add((1,)))
        send(Add((2, 3)))
        with pytest.raises(Refused) as caught:
            send(Close(), seen=1)
        assert (caught.value.code, caught.value.params) == ("conflict", {"seen": 1, "version": 3})
        assert Event.objects.count() == 3

    def test_a_command_whose_sender_saw_everything_is_decided(self, send):
        send(Add((1,)))
        assert send(Close(), seen=1).version == 2

    def test_a_command_whose_sender_does_not_care_is_decided(self, send):
        send(Add((1,)))
        assert send(Close(), seen=None).version == 2

    def test_a_version_that_nobody_can_have_seen_is_refused_with_expected_and_actual(self, send):
        send(Add((1,)))
        with pytest.raises(Refused) as caught:
            send(Close(), seen=2)
        assert caught.value.code == "unknown-version"
        assert caught.value.params == {"expected": 1, "actual": 2}

    def test_a_repeated_command_is_told_its_outcome_whatever_came_since(self, send):
        command_id = uuid.uuid4()
        send(Add((1,)))
        send(Close(), seen=1, command_id=command_id)
        assert send(Close(), seen=1, command_id=command_id).replayed

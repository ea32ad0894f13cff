import dataclasses

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from eventstore import snapshots, store
from eventstore.codec import codec
from eventstore.models import Snapshot
from tests.eventstore.counter import COUNTER, Add, Count, evolve

pytestmark = pytest.mark.django_db


def fold(stream_id):
    count = Count()
    for recorded in store.read_stream(stream_id):
        count = evolve(count, recorded.event)
    return count


def test_a_snapshot_is_made_when_a_multiple_of_its_interval_is_passed(send):
    send(Add((1,) * (snapshots.EVERY - 1)))
    assert not Snapshot.objects.exists()
    send(Add((1, 1)))
    assert Snapshot.objects.get().version == snapshots.EVERY + 1
    send(Add((1,)))
    assert Snapshot.objects.get().version == snapshots.EVERY + 1


def test_a_long_stream_reads_only_the_events_after_its_snapshot(send, stream_id, monkeypatch):
    for _ in range(20):
        send(Add((1,) * 50))
    send(Add((1, 1)))
    folded = []
    decode = codec.decode

    def count(type_, *args, **kwargs):
        folded.append(type_)
        return decode(type_, *args, **kwargs)

    monkeypatch.setattr(codec, "decode", count)
    send(Add((1,)))
    assert folded == ["Counted"] * 2
    monkeypatch.undo()
    assert COUNTER.load(stream_id)[0] == fold(stream_id)


def test_the_state_at_an_earlier_version_does_not_come_from_a_later_snapshot(send, stream_id):
    send(Add((1,) * 150))
    assert COUNTER.load(stream_id, upto=40)[0].total == 40
    assert COUNTER.load(stream_id, upto=150)[0].total == 150


def test_a_snapshot_of_other_code_is_not_used(send, stream_id):
    send(Add((1,) * 150))
    Snapshot.objects.update(fingerprint="other", state='{"not": "ours"}')
    assert COUNTER.load(stream_id)[0] == fold(stream_id)
    send(Add((1,) * 60))
    assert Snapshot.objects.get().fingerprint == COUNTER.fingerprint


def test_after_a_change_of_code_only_the_next_command_folds_from_the_start(send, stream_id):
    send(Add((1,) * 250))
    Snapshot.objects.update(fingerprint="other")
    send(Add((1,)))
    assert Snapshot.objects.get().version == 251
    assert snapshots.fold(COUNTER, stream_id) == (fold(stream_id), 251, 251)


@pytest.mark.parametrize("events", [5, snapshots.EVERY + 3])
def test_what_is_asked_of_some_events_is_folded_from_those_alone(send, stream_id, events):
    send(Add((1,) * (events - 3)))
    send(Add((2, 3, 2)))
    about = snapshots.About("by", ("2",))
    state, *_ = snapshots.fold(COUNTER, stream_id, about=about)
    of_snapshot, _ = snapshots.load(COUNTER, stream_id) or (Count(), 0)
    assert state.total == of_snapshot.total + 4


def test_the_fingerprint_follows_the_source_that_folds():
    other = dataclasses.replace(COUNTER, evolve=snapshots.due)
    assert other.fingerprint != COUNTER.fingerprint


def test_a_command_costs_the_same_queries_on_a_long_stream(send):
    def queries():
        with CaptureQueriesContext(
            connection,
        ) as captured:
            send(Add((1,)))
        return len(captured)

    send(Add((1,)))
    short = queries()
    send(Add((1,) * 1_000))
    assert queries() == short

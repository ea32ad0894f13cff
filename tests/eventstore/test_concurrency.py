"""Many writers at once, on the real database."""

import uuid

import pytest

from eventstore import store
from eventstore.models import Event, Stream
from tests.concurrency import at_once
from tests.eventstore.counter import Add

pytestmark = pytest.mark.django_db(transaction=True)


def test_thirty_two_writers_of_one_stream_all_succeed_without_a_gap(send, stream_id):
    def add(number):
        return [send(Add((number,)), command_id=uuid.uuid4()).version for _ in range(5)]

    versions = at_once(add, range(32))
    assert sorted(v for each in versions for v in each) == list(range(1, 161))
    recorded = list(store.read_stream(stream_id))
    assert [e.version for e in recorded] == list(range(1, 161))
    assert sorted(e.event.by for e in recorded) == sorted(list(range(32)) * 5)
    assert [e.position for e in recorded] == sorted(e.position for e in recorded)
    assert [e.recorded_at for e in recorded] == sorted(e.recorded_at for e in recorded)


def test_the_same_command_id_sent_at_once_has_one_effect(send):
    command_id = uuid.uuid4()
    outcomes = at_once(lambda _: send(Add((1,)), command_id=command_id), range(8))
    assert Event.objects.count() == 1
    assert [o.replayed for o in outcomes].count(False) == 1
    assert len({(o.version, o.events) for o in outcomes}) == 1


def test_the_same_command_id_sent_at_once_to_new_streams_has_one_effect(send):
    command_id = uuid.uuid4()
    outcomes = at_once(
        lambda _: send(Add((1,)), command_id=command_id, stream_id=uuid.uuid4()), range(8)
    )
    assert Event.objects.count() == Stream.objects.count() == 1
    assert len({o.stream_id for o in outcomes}) == 1

"""Streams as they were, and who set what in long ones."""

from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from eventstore import past, snapshots, store
from eventstore.models import Snapshot, Stream
from eventstore.past import Unfoldable
from eventstore.store import Metadata
from tests.eventstore import counter
from tests.eventstore.counter import COUNTER, Add, Close, Count

pytestmark = pytest.mark.django_db


def test_the_state_is_that_of_each_version(send, stream_id):
    send(Add((1, 2, 3)))
    assert [past.state_at(COUNTER, stream_id, at).total for at in range(4)] == [0, 1, 3, 6]
    [step] = past.steps(COUNTER, stream_id, after=1, upto=2)
    assert (step.before, step.after) == (Count(1, 1), Count(3, 2))


def test_a_long_stream_keeps_what_makes_its_past_quick(send, stream_id):
    for _ in range(10):
        send(Add((1,) * snapshots.EVERY))
    assert Snapshot.objects.count() == 10
    state, version = snapshots.load(COUNTER, stream_id, upto=555)
    assert (state.total, version) == (500, 500)


def test_who_set_a_value_long_ago_is_found_with_few_queries(send, stream_id):
    send(Add((5,)))
    send(Add((0,) * 2_000))
    with CaptureQueriesContext(connection) as captured:
        assert past.who_set(COUNTER, stream_id, "/total", upto=2_001).recorded.version == 1
    assert len(captured) < 20
    assert past.who_set(COUNTER, stream_id, "/events", upto=2_001).recorded.version == 2_001
    assert past.who_set(COUNTER, stream_id, "/closed", upto=2_001) is None
    assert past.who_set(COUNTER, stream_id, "/nothing", upto=2_001) is None
    send(Close())
    assert past.who_set(COUNTER, stream_id, "/closed", upto=2_002).recorded.version == 2_002


def test_an_event_that_does_not_fit_is_named(send, stream_id, monkeypatch):
    send(Add((1, 2)))
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO eventstore_event"
            " (stream_id, version, type, schema_version, data, metadata)"
            " VALUES (%s, 3, 'Forgotten', 1, '{}', '{}')",
            [stream_id],
        )
    with pytest.raises(Unfoldable, match="Forgotten") as raised:
        past.state_at(COUNTER, stream_id, 3)
    assert raised.value.version == 3
    assert past.state_at(COUNTER, stream_id, 2).total == 3


SIZE = """
SELECT sum(octet_length(data::text) + octet_length(metadata::text)) FROM eventstore_event
 WHERE stream_id = %s
"""


@pytest.mark.parametrize("source", ["web", 'ü 🥖 " \\ \n\t\x7f\x01 א', ""])
def test_a_stream_knows_its_size_and_who_acted(stream_id, source):
    for version, actor in enumerate((7, None, 9, 7)):
        event = counter.Counted(version, Decimal("1.10"))
        store.append(stream_id, "counter", version, [event], Metadata(actor, source))
    with connection.cursor() as cursor:
        cursor.execute(SIZE, [stream_id])
        [size] = cursor.fetchone()
    stream = Stream.objects.get(pk=stream_id)
    assert (stream.bytes, stream.actors, stream.version) == (size, [7, 9], 4)

"""The tail of the log, read while appends are under way."""

import psycopg
import pytest
from django.db import connection

from eventstore import tail
from eventstore.tail import MOST_MISSING, Tail
from tests.concurrency import in_a_loop
from tests.eventstore.counter import Add

pytestmark = pytest.mark.django_db(transaction=True)

EVENT = """
INSERT INTO eventstore_event (stream_id, version, type, schema_version, data, metadata)
VALUES (%s, %s, 'Counted', 1, '{}', '{}')
"""


def connect():
    params = connection.get_connection_params()
    del params["cursor_factory"], params["context"]
    return psycopg.AsyncConnection.connect(**params, autocommit=True)


def read_while(story):
    """Run `story(tail, reader, writer)`: a tail at the end of the log, and two connections."""

    async def run():
        async with await connect() as reader, await connect() as writer:
            return await story(await Tail.at_the_end(reader), reader, writer)

    return in_a_loop(run())


async def versions(tail, reader):
    return [version for _, version in await tail.read(reader)]


def test_it_tells_what_came_and_each_event_once(send, stream_id):
    send(Add((1, 2)))

    async def story(tail, reader, writer):
        nothing = await tail.read(reader)
        await writer.execute(EVENT, [stream_id, 3])
        return nothing, await tail.read(reader), await tail.read(reader)

    assert read_while(story) == ([], [(stream_id, 3)], [])


def test_an_event_that_is_committed_after_a_later_one_is_not_missed(send, stream_id):
    send(Add((1,)))

    async def story(tail, reader, writer):
        async with await connect() as slow:
            async with slow.transaction():
                await slow.execute(EVENT, [stream_id, 2])
                await writer.execute(EVENT, [stream_id, 3])
                first = await versions(tail, reader)
                nothing = await versions(tail, reader)
            return first, nothing, await versions(tail, reader), await versions(tail, reader)

    assert read_while(story) == ([3], [], [2], [])


def test_what_was_under_way_when_it_began_is_told_when_it_is_committed(send, stream_id):
    send(Add((1,)))

    async def story(_, reader, writer):
        async with await connect() as slow:
            async with slow.transaction():
                await slow.execute(EVENT, [stream_id, 2])
                await writer.execute(EVENT, [stream_id, 3])
                began_now = await Tail.at_the_end(reader)
            return await versions(began_now, reader)

    assert read_while(story) == [2]


def test_it_stops_waiting_for_a_position_whose_transaction_cannot_be_alive(
    send, stream_id, monkeypatch
):
    send(Add((1,)))

    async def story(tail_, reader, writer):
        async with await connect() as slow:
            await slow.execute("BEGIN")
            await slow.execute(EVENT, [stream_id, 2])
            await writer.execute(EVENT, [stream_id, 3])
            await tail_.read(reader)
            waiting = bool(tail_._missing)
            monkeypatch.setattr(tail, "PATIENCE", 0)
            await tail_.read(reader)
            await slow.execute("ROLLBACK")
        return waiting, bool(tail_._missing)

    assert read_while(story) == (True, False)


def test_more_than_a_batch_comes_in_several(send, stream_id, monkeypatch):
    send(Add((1,)))
    monkeypatch.setattr(tail, "BATCH", 2)

    async def story(tail_, reader, writer):
        for version in range(2, 7):
            await writer.execute(EVENT, [stream_id, version])
        return [await versions(tail_, reader) for _ in range(4)]

    assert read_while(story) == [[2, 3], [4, 5], [6], []]


def test_positions_that_leap_are_not_all_remembered():
    """As after an import, whose positions are kept."""
    assert list(tail.drawn(3, 6)) == [4, 5, 6]
    leap = tail.drawn(3, 10**15)
    assert len(leap) == MOST_MISSING
    assert leap[-1] == 10**15


def test_what_comes_after_a_leap_is_told(send, stream_id):
    send(Add((1,)))

    async def story(tail, reader, writer):
        leap = tail.position + 3 * MOST_MISSING
        await writer.execute(
            "SELECT setval(pg_get_serial_sequence('eventstore_event', 'position'), %s)", [leap]
        )
        await writer.execute(EVENT, [stream_id, 2])
        return await versions(tail, reader)

    assert read_while(story) == [2]

"""Events as lines: a whole log or one stream at one moment, or what an admin's list has."""

from collections.abc import Iterable, Iterator
from uuid import UUID

from django.db import Error, connection, transaction

from eventstore.finding import Wanted, walk
from eventstore.moving.lines import COMMAND, EVENT, SKIP, Writer

CHUNK = 2000  # lines that are read at once
STREAMS = 50  # streams that are read at once

EVENTS = f"SELECT {EVENT} FROM eventstore_event ORDER BY position"  # noqa: S608
OF_A_STREAM = (
    f"SELECT {EVENT} FROM eventstore_event"  # noqa: S608
    " WHERE stream_id = %s ORDER BY version"
)
OF_STREAMS = (
    f"SELECT {EVENT} FROM eventstore_event"  # noqa: S608
    " WHERE stream_id = ANY(%s) AND position <= %s ORDER BY stream_id, version"
)
COMMANDS = f"SELECT {COMMAND} FROM eventstore_command ORDER BY id"  # noqa: S608
SKIPS = f"SELECT {SKIP} FROM eventstore_skip ORDER BY subscription, position"  # noqa: S608


def export_log(stream_id: UUID | None = None) -> Iterator[str]:
    """The lines of the whole log, or of one stream, as they are at this moment. Reads one snapshot
    of the database, without keeping anybody waiting."""
    writer = Writer()
    with transaction.atomic(durable=True):
        with connection.cursor() as cursor:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
            cursor.execute("SET LOCAL transaction_timeout = 0")
            # Whoever takes the lines may be slow.
            cursor.execute("SET LOCAL idle_in_transaction_session_timeout = 0")
        yield writer.begin(f"stream {stream_id}" if stream_id else "all")
        if stream_id:
            parts = [("event", OF_A_STREAM, [stream_id])]
        else:
            parts = [("event", EVENTS, []), ("command", COMMANDS, []), ("skip", SKIPS, [])]
        for kind, query, params in parts:
            with connection.chunked_cursor() as cursor:
                cursor.execute(query, params)
                while rows := cursor.fetchmany(CHUNK):
                    yield from (writer.add(kind, text) for [text] in rows)
        yield writer.end()


def export_wanted(wanted: Wanted, *, upto: int) -> Iterator[str]:
    """The lines of all events that are wanted up to a settled position, oldest first. Each chunk is
    a statement of its own. When the database fails, the last line says so, and the error is raised.
    """
    texts = (row[2] for row in walk(wanted, EVENT, upto=upto))
    return _lines(texts, f"{wanted}; up to position {upto}".removeprefix("; "))


def export_streams(streams: Iterable[bytes], *, upto: int) -> Iterator[str]:
    """The same of streams, given by the bytes of their ids: each one's events in order."""

    def texts() -> Iterator[str]:
        ids: list[UUID] = []
        for one in streams:
            ids.append(UUID(bytes=one))
            if len(ids) == STREAMS:
                yield from _of(ids)
                ids = []
        yield from _of(ids)

    def _of(ids: list[UUID]) -> Iterator[str]:
        with connection.cursor() as cursor:
            cursor.execute(OF_STREAMS, [ids, upto])
            yield from (text for [text] in cursor.fetchall())

    return _lines(texts(), f"streams; up to position {upto}")


def _lines(texts: Iterable[str], of: str) -> Iterator[str]:
    writer = Writer()
    yield writer.begin(of)
    try:
        for text in texts:
            yield writer.add("event", text)
    except Error:
        yield writer.broken("The database failed. What follows is missing.")
        raise
    yield writer.end()

"""Appending to streams and reading them.

Written as SQL: it is the hot path, and every statement's place in the lock order matters
(the stream's row first, then everything else).
"""

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection

from eventstore.codec import UnreadableEvent, codec


@dataclass(frozen=True, slots=True)
class Metadata:
    """Who caused an event (an agent's id, None for the shop itself), through which entrance, in
    which request, and because of which earlier message."""

    actor: int | None = None
    source: str = ""
    correlation_id: str = ""
    causation_id: str = ""


@dataclass(frozen=True, slots=True)
class RecordedEvent:
    """An event as the log has it. `event` is the decoded dataclass."""

    position: int
    stream_id: UUID
    version: int
    event: Any
    metadata: Metadata
    command_id: UUID | None
    recorded_at: datetime


class WrongVersion(Exception):
    """The stream is not at the version that the caller expected."""

    def __init__(self, stream_id: UUID, expected: int, actual: int) -> None:
        self.stream_id, self.expected, self.actual = stream_id, expected, actual
        super().__init__(f"stream {stream_id}: expected version {expected}, found {actual}")


COLUMNS = (
    "position, stream_id, version, type, schema_version, data, metadata, command_id, recorded_at"
)


def lock(stream_id: UUID) -> int:
    """Take the stream's lock until the transaction ends; its version, 0 for a new stream.

    A new stream has no row to lock: of two that start it at once, `append` refuses the second.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT version FROM eventstore_stream WHERE id = %s FOR UPDATE", [stream_id]
        )
        row = cursor.fetchone()
    return row[0] if row else 0


def append(
    stream_id: UUID,
    category: str,
    expected: int,
    events: Sequence[object],
    metadata: Metadata,
    command_id: UUID | None = None,
) -> tuple[RecordedEvent, ...]:
    """Append `events` after version `expected` (0: a new stream), inside the caller's transaction.

    Raises WrongVersion when the stream is elsewhere, UnreadableEvent for an event that could not
    be read back.
    """
    if not events:
        return ()
    encoded = [codec.encode(event) for event in events]
    versions = list(range(expected + 1, expected + 1 + len(events)))
    about = asdict(metadata)
    size = sum(_bytes(one.data) + _bytes(about) for one in encoded)
    actors = [] if metadata.actor is None else [metadata.actor]
    with connection.cursor() as cursor:
        _move_head(cursor, stream_id, category, expected, versions[-1], size, actors)
        cursor.execute(
            # ORDER BY: positions are drawn in the order of the versions.
            """
            INSERT INTO eventstore_event
                   (stream_id, version, type, schema_version, data, metadata, command_id)
            SELECT %s, version, type, schema_version, data::jsonb, %s::jsonb, %s
              FROM unnest(%s::int[], %s::text[], %s::int[], %s::text[])
                   AS new (version, type, schema_version, data)
             ORDER BY version
            RETURNING version, position, recorded_at
            """,
            [
                stream_id,
                json.dumps(about),
                command_id,
                versions,
                [e.type for e in encoded],
                [e.schema_version for e in encoded],
                [json.dumps(e.data) for e in encoded],
            ],
        )
        drawn = sorted(cursor.fetchall())
    return tuple(
        RecordedEvent(position, stream_id, version, event, metadata, command_id, recorded_at)
        for event, (version, position, recorded_at) in zip(events, drawn, strict=True)
    )


def _move_head(
    cursor,
    stream_id: UUID,
    category: str,
    expected: int,
    version: int,
    size: int,
    actors: list[int],
) -> None:
    if expected == 0:
        cursor.execute(
            "INSERT INTO eventstore_stream (id, category, version, bytes, actors)"
            " VALUES (%s, %s, %s, %s, %s::bigint[]) ON CONFLICT (id) DO NOTHING",
            [stream_id, category, version, size, actors],
        )
    else:
        cursor.execute(
            # An array that stays as it was leaves its index alone.
            """
            UPDATE eventstore_stream
               SET version = %(version)s, bytes = bytes + %(size)s,
                   actors = CASE WHEN actors @> %(actors)s::bigint[] THEN actors
                                 ELSE actors || %(actors)s::bigint[] END
             WHERE id = %(id)s AND version = %(expected)s
            """,
            {
                "id": stream_id,
                "expected": expected,
                "version": version,
                "size": size,
                "actors": actors,
            },
        )
    if cursor.rowcount != 1:
        raise WrongVersion(stream_id, expected, lock(stream_id))


def _bytes(value: dict) -> int:
    """What jsonb shows of it takes in UTF-8."""
    return len(json.dumps(value, ensure_ascii=False).encode(errors="surrogatepass"))


def read_stream(
    stream_id: UUID, *, after: int = 0, upto: int | None = None
) -> Iterator[RecordedEvent]:
    """The stream's events with `after` < version <= `upto`, in order.

    Raises UnreadableEvent at an event that this code cannot read.
    """
    return recorded(rows_of(stream_id, after=after, upto=upto))


def rows_of(stream_id: UUID, *, after: int = 0, upto: int | None = None) -> list[tuple]:
    """The same as rows of COLUMNS, as they are stored."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT {COLUMNS} FROM eventstore_event"  # noqa: S608  (a constant)
            " WHERE stream_id = %s AND version > %s AND version <= %s ORDER BY version",
            [stream_id, after, 2**31 - 1 if upto is None else upto],
        )
        return cursor.fetchall()


def recorded(rows: Iterable[tuple]) -> Iterator[RecordedEvent]:
    """Rows of COLUMNS, decoded."""
    for position, stream_id, version, type_, schema, data, metadata, command_id, at in rows:
        where = f"stream {stream_id} version {version} (position {position})"
        event = codec.decode(type_, schema, json.loads(data), where=where)
        said = metadata_of(json.loads(metadata), where=where)
        yield RecordedEvent(position, stream_id, version, event, said, command_id, at)


def metadata_of(said: Any, *, where: str) -> Metadata:
    """The metadata as stored. Raises UnreadableEvent for what is not an object of its fields."""
    try:
        return Metadata(**said)
    except TypeError:
        names = ", ".join(Metadata.__dataclass_fields__)
        found = ", ".join(map(repr, said)) if isinstance(said, dict) else repr(said)
        raise UnreadableEvent(where, f"metadata with {names}", found[:200]) from None

"""The chain of hashes in each stream: has anybody changed what was recorded?

No trigger stops a superuser. But an event's `hash` is the SHA-256 of the hash before it in its
stream (nothing before the first), followed by this JSON array in UTF-8, as PostgreSQL's jsonb
writes it: stream id, version, type, schema version, data, metadata, command id, seconds since 1970
at which it was recorded. So one that was changed does not fit its own hash, one that was changed
with its hash does not fit the next one's, and who made all of them anew from there on has another
*head*, the hash of the stream's last event: kept elsewhere, heads show that too, and what was cut
off. The position is not in it, since an import may draw another one.

The hashes are made by the database, and checked here without its functions for making them.
"""

import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from uuid import UUID

from django.db import connection, transaction

SPAN = 20_000  # events between two calls of `progress`, and how many are read at a time

# In the order of the index that makes versions unique.
EVENTS = """
SELECT stream_id, version, hash, position, type,
       jsonb_build_array(stream_id, version, type, schema_version, data, metadata, command_id,
                         extract(epoch FROM recorded_at))::text
  FROM eventstore_event WHERE %(stream)s::uuid IS NULL OR stream_id = %(stream)s
 ORDER BY stream_id, version
"""
STREAMS = """
SELECT id, version FROM eventstore_stream WHERE %(stream)s::uuid IS NULL OR id = %(stream)s
"""


@dataclass(frozen=True, slots=True)
class Head:
    """The last event of a stream: its version, and its hash in hexadecimal digits."""

    stream_id: UUID
    version: int
    hash: str


@dataclass(frozen=True, slots=True)
class Break:
    """Where a stream is not what was recorded. `what` says it in words."""

    stream_id: UUID
    version: int
    what: str

    def __str__(self) -> str:
        return f"stream {self.stream_id} version {self.version}: {self.what}"


@dataclass(frozen=True, slots=True)
class Walked:
    """`heads` are those that the database has now, whatever broke before them."""

    events: int
    breaks: list[Break]
    heads: dict[UUID, Head]


def walk(
    stream_id: UUID | None = None,
    kept: Mapping[UUID, Head] | None = None,
    progress: Callable[[int], None] = lambda events: None,
) -> Walked:
    """Check all streams, or one, as they are at one moment. With `kept`, heads that were kept
    elsewhere, these are expected to be still there."""
    kept, breaks, last, events = kept or {}, [], {}, 0
    with transaction.atomic(durable=True):
        with connection.cursor() as cursor:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
            cursor.execute("SET LOCAL transaction_timeout = 0")
            cursor.execute(STREAMS, {"stream": stream_id})
            expected = dict(cursor.fetchall())
        with connection.chunked_cursor() as cursor:
            cursor.execute(EVENTS, {"stream": stream_id})
            before = None
            while rows := cursor.fetchmany(SPAN):
                for row in rows:
                    breaks += _compared(row, before, kept.get(row[0]))
                    last[row[0]] = row[1:3]
                    before = row
                events += len(rows)
                if len(rows) == SPAN:
                    progress(events)
    heads = {stream: Head(stream, version, made.hex()) for stream, (version, made) in last.items()}
    breaks += _ends(expected, heads)
    breaks += _lost(kept.values(), heads)
    return Walked(events, breaks, heads)


def hashed(before: bytes, event: str) -> bytes:
    """The hash of an event, given as JSON array, after that of the one before it."""
    return hashlib.sha256(before + event.encode()).digest()


def _compared(row: tuple, before: tuple | None, kept: Head | None) -> Iterator[Break]:
    stream, version, digest, position, kind, text = row
    following = before is not None and before[0] == stream
    due = before[1] + 1 if following else 1
    if version != due:
        yield Break(stream, version, f"expected version {due} before it, found none")
    if hashed(before[2] if following else b"", text) != digest:
        yield Break(
            stream,
            version,
            f"{kind} (position {position}) was changed after it was recorded, or its hash was, or"
            " that of the event before it",
        )
    if kept and kept.version == version and kept.hash != digest.hex():
        yield Break(
            stream,
            version,
            f"{kind} (position {position}) or one before it was changed: expected the hash"
            f" {kept.hash} that was kept, found {digest.hex()}",
        )


def _ends(expected: Mapping[UUID, int], heads: Mapping[UUID, Head]) -> Iterator[Break]:
    for stream, version in expected.items():
        found = heads[stream].version if stream in heads else 0
        if found != version:
            yield Break(
                stream, version, f"expected to end here, as the stream says, found {found} events"
            )
    for stream in heads.keys() - expected.keys():
        yield Break(stream, heads[stream].version, "expected a stream of that id, found its events")


def _lost(kept: Iterable[Head], heads: Mapping[UUID, Head]) -> Iterator[Break]:
    for head in kept:
        found = heads[head.stream_id].version if head.stream_id in heads else 0
        if found < head.version:
            yield Break(
                head.stream_id,
                head.version,
                f"expected this version, whose hash was kept, found {found} events",
            )

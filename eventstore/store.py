"""Appending to streams and reading them.

Written as SQL: it is the hot path, and every statement's place in the lock order matters
(the stream's row first, then everything else).
"""

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any
from uuid import UUID

from django.db import router

from eventstore import command_ids
from eventstore.codec import UnreadableEvent, codec
from eventstore.models import Event
from eventstore.statements import Statement, run


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
LATEST = 2**31 - 1  # no version is beyond it
STREAM = f"""
SELECT {COLUMNS} FROM eventstore_event
 WHERE stream_id = %s AND version > %s AND version <= %s ORDER BY version
"""  # noqa: S608  (a constant)
LOCK = "SELECT version FROM eventstore_stream WHERE id = %s FOR UPDATE"
BEGIN = """
INSERT INTO eventstore_stream (id, category, version, bytes, actors)
VALUES (%s, %s, %s, %s, array_remove(ARRAY[%s::bigint], NULL))
    ON CONFLICT (id) DO NOTHING RETURNING id
"""
# An array that stays as it was leaves its index alone.
MOVE = """
UPDATE eventstore_stream
   SET version = %s, bytes = bytes + %s,
       actors = CASE WHEN coalesce(%s::bigint = ANY(actors), true) THEN actors
                     ELSE actors || %s::bigint END
 WHERE id = %s AND version = %s RETURNING id
"""
# ORDER BY: positions are drawn in the order of the versions.
APPEND = """
WITH head AS ({head}), appended AS (
    INSERT INTO eventstore_event
           (stream_id, version, type, schema_version, data, metadata, command_id)
    SELECT head.id, new.version, type, schema_version, data, %s::jsonb, %s
      FROM head, jsonb_to_recordset(%s::jsonb)
                     AS new (version int, type text, schema_version int, data jsonb)
     ORDER BY new.version
    RETURNING version, position, recorded_at), also AS ({also})
SELECT version, position, recorded_at, ARRAY(SELECT 1 FROM also) FROM appended ORDER BY version
"""


def lock(stream_id: UUID) -> int:
    """Take the stream's lock until the transaction ends; its version, 0 for a new stream.

    A new stream has no row to lock: of two that start it at once, `append` refuses the second.
    """
    rows = run(Statement(LOCK, [stream_id]))
    return rows[0][0] if rows else 0


def append(
    stream_id: UUID,
    category: str,
    expected: int,
    events: Sequence[object],
    metadata: Metadata,
    command_id: UUID | None = None,
    *,
    also: Statement = command_ids.NOTHING,
) -> tuple[RecordedEvent, ...]:
    """Append `events` after version `expected` (0: a new stream), inside the caller's transaction.
    `also` keeps the outcome of the command id with them.

    Raises WrongVersion when the stream is elsewhere, Known for a command id that has an outcome
    (then roll back), UnreadableEvent for an event that could not be read back.
    """
    if not events:
        return ()
    encoded = [codec.encode(event) for event in events]
    data, about = [json.dumps(one.data) for one in encoded], json.dumps(_said(metadata))
    size = sum(map(_bytes, data)) + len(data) * _bytes(about)
    new = ", ".join(
        f'{{"version": {version}, "type": "{one.type}",'
        f' "schema_version": {one.schema_version}, "data": {said}}}'
        for version, (one, said) in enumerate(zip(encoded, data, strict=True), expected + 1)
    )
    after, actor = expected + len(events), metadata.actor
    if expected:
        head = [after, size, actor, actor, stream_id, expected]
    else:
        head = [stream_id, category, after, size, actor]
    params = [*head, about, command_id, f"[{new}]", *also.params]
    drawn = run(Statement(_appending(expected == 0, also.sql), params))
    if not drawn:
        raise WrongVersion(stream_id, expected, lock(stream_id))
    *_, kept = drawn[0]
    command_ids.expect_kept(kept)
    return tuple(
        RecordedEvent(position, stream_id, version, event, metadata, command_id, at)
        for event, (version, position, at, _) in zip(events, drawn, strict=True)
    )


@cache
def _appending(new: bool, also: str) -> str:
    return APPEND.format(head=BEGIN if new else MOVE, also=also)


def _said(metadata: Metadata) -> dict[str, Any]:
    return {name: getattr(metadata, name) for name in Metadata.__dataclass_fields__}


def _bytes(text: str) -> int:
    """What jsonb shows of the JSON, written in ASCII here, takes in UTF-8."""
    if "\\u" not in text:
        return len(text)
    shown = json.dumps(json.loads(text), ensure_ascii=False)
    return len(shown.encode(errors="surrogatepass"))


def read_stream(
    stream_id: UUID, *, after: int = 0, upto: int | None = None
) -> Iterator[RecordedEvent]:
    """The stream's events with `after` < version <= `upto`, in order.

    Raises UnreadableEvent at an event that this code cannot read.
    """
    return recorded(rows_of(stream_id, after=after, upto=upto))


def rows_of(stream_id: UUID, *, after: int = 0, upto: int | None = None) -> list[tuple]:
    """The same as rows of COLUMNS, as they are stored."""
    asked = Statement(STREAM, [stream_id, after, LATEST if upto is None else upto])
    return run(asked, router.db_for_read(Event))


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

"""Reading events of many streams, one stream after another, as fast as Python decodes them.

The database writes the events of a stream as lines of JSON, and one call decodes all of them.
Where that fails, they are read and decoded in the thorough way, which says what is wrong with which
event.
"""

from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from functools import cache
from typing import Any, Union
from uuid import UUID

import msgspec
from django.db import connection

from eventstore.codec import codec
from eventstore.quick import METADATA, converters_of, stand_in_for
from eventstore.store import COLUMNS, recorded
from eventstore.subscriptions import WANTED, wanted

TOGETHER = 1_000  # versions whose events are decoded together

# Its text has no offset but UTC's, and that in hours: JSON wants minutes too.
UTC = "SET LOCAL TimeZone = 'UTC'"
OF_STREAMS = f"""
SELECT stream_id, version / {TOGETHER},
       string_agg(concat('["', type, '@', schema_version, '",', position, ',', version, ',"',
                         recorded_at, ':00","', command_id, '",', metadata, ',', data, ']'),
                  E'\\n' ORDER BY version)
  FROM eventstore_event
 WHERE stream_id <= %(until)s AND (%(after)s::uuid IS NULL OR stream_id > %(after)s)
   AND position <= %(upto)s AND {WANTED}
 GROUP BY 1, 2 ORDER BY 1, 2
"""  # noqa: S608  (constants)
AS_STORED = f"""
SELECT {COLUMNS} FROM eventstore_event
 WHERE stream_id = %(stream)s AND version / {TOGETHER} = %(part)s
   AND position <= %(upto)s AND {WANTED} ORDER BY version
"""  # noqa: S608  (constants)


class ReadEvent(msgspec.Struct, gc=False):
    """As a RecordedEvent, with the name of its event's type. Those that were decoded in the quick
    way have the same attributes, and stand-ins for event and metadata (see eventstore.quick).
    """

    type: str
    position: int
    stream_id: UUID
    version: int
    event: Any
    metadata: Any
    command_id: UUID | None
    recorded_at: datetime


def read_streams(
    *,
    after: UUID | None,
    until: UUID,
    upto: int,
    types: Iterable[str],
    left_out: Callable[[int, str], bool] | None = None,
) -> Iterator[tuple[UUID, list[ReadEvent]]]:
    """Events of `types`, and of those that this code does not know: of the streams with `after` <
    id <= `until`, up to a position, stream by stream, in their order. A long stream comes in parts.
    Of an event that cannot be decoded `left_out` is asked, by position and type, whether nobody
    wants it. Needs a transaction. Raises UnreadableEvent."""
    asked = {"after": after, "until": until, "upto": upto} | wanted(types)
    decode = _decoder(tuple(_versions(types)))
    with connection.cursor() as cursor:
        cursor.execute(UTC)
        cursor.execute(OF_STREAMS, asked)
        streams = cursor.fetchall()
    for stream_id, part, lines in streams:
        try:
            events = decode(lines)
            for event in events:
                event.stream_id = stream_id
                if event.finish is not None:
                    event.finish()
        except Exception:
            events = _thoroughly(asked | {"stream": stream_id, "part": part}, left_out)
        yield stream_id, events


def _thoroughly(asked: dict, left_out: Callable[[int, str], bool] | None) -> list[ReadEvent]:
    with connection.cursor() as cursor:
        cursor.execute(AS_STORED, asked)
        rows = cursor.fetchall()
    # Position and type, of which the latter is not part of a RecordedEvent.
    kept = [row for row in rows if left_out is None or not left_out(row[0], row[3])]
    return [
        ReadEvent(
            row[3],
            one.position,
            one.stream_id,
            one.version,
            one.event,
            one.metadata,
            one.command_id,
            one.recorded_at,
        )
        for row, one in zip(kept, recorded(kept), strict=True)
    ]


def _versions(types: Iterable[str]) -> Iterator[tuple[type, int, bool]]:
    """What may be stored of them: event class, schema version, and whether that is today's."""
    today = codec.schema_versions()
    for name in sorted(set(types) & today.keys()):
        for version in range(1, today[name] + 1):
            yield codec.class_of(name), version, version == today[name]


@cache
def _decoder(versions: tuple[tuple[type, int, bool], ...]) -> Callable[[str], list[Any]]:
    """What decodes lines of OF_STREAMS. Each is told by its first value what the others are."""
    kinds = [_kind(*one) for one in versions]
    return msgspec.json.Decoder(Union[tuple(kinds)] if kinds else None).decode_lines  # noqa: UP007


def _kind(event: type, version: int, today: bool) -> type:
    """A struct for one line. Its `finish` does what is left to do after it was decoded, if any."""
    name, finish = event.__name__, None
    if not today:

        def finish(self):
            where = f"stream {self.stream_id} version {self.version} (position {self.position})"
            self.event = codec.decode(name, version, self.event, where=where)

    elif len(converters := converters_of(event)) == 1:
        [(only, convert)] = converters

        def finish(self):
            made = self.event
            setattr(made, only, convert(getattr(made, only)))

    elif converters:

        def finish(self):
            made = self.event
            for field, convert in converters:
                setattr(made, field, convert(getattr(made, field)))

    return msgspec.defstruct(
        name,
        [
            ("position", int),
            ("version", int),
            ("recorded_at", datetime),
            ("command", str),
            ("metadata", METADATA),
            ("event", stand_in_for(event) if today else dict[str, Any]),
            ("stream_id", Any, None),
        ],
        namespace={"type": name, "finish": finish, "command_id": property(_command_id)},
        tag=f"{name}@{version}",
        array_like=True,
        gc=False,
    )


def _command_id(event: Any) -> UUID | None:
    return UUID(event.command) if event.command else None

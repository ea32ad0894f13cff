"""Reading events of many streams by COPY, one stream after another, as fast as Python decodes them.

An event that cannot be decoded in the quick way is decoded in the thorough one, which says what is
wrong with it.
"""

import json
import re
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
from django.db import connection

from eventstore.codec import codec
from eventstore.quick import decode_metadata, decoder_of
from eventstore.store import metadata_of
from eventstore.subscriptions import WANTED, wanted

OF_STREAMS = f"""
COPY (SELECT position, stream_id, version, type, schema_version, command_id, recorded_at, metadata,
             data
        FROM eventstore_event
       WHERE stream_id <= %(until)s AND (%(after)s::uuid IS NULL OR stream_id > %(after)s)
         AND position <= %(upto)s AND {WANTED}
       ORDER BY stream_id, version) TO STDOUT
"""  # noqa: S608  (constants)
NULL = r"\N"
ESCAPED = re.compile(r"\\(.)")
MEANT = {"n": "\n", "t": "\t", "r": "\r", "b": "\b", "f": "\f", "v": "\v"}


class ReadEvent(msgspec.Struct, gc=False):
    """As a RecordedEvent; its event and metadata are stand-ins (see eventstore.quick). `texts` are
    the columns as they were read."""

    stream_id: UUID
    version: int
    event: Any
    metadata: Any
    recorded_at: datetime
    texts: list[str]

    @property
    def position(self) -> int:
        return int(self.texts[0])

    @property
    def command_id(self) -> UUID | None:
        return None if self.texts[5] == NULL else UUID(self.texts[5])


def read_streams(
    *,
    after: UUID | None,
    until: UUID,
    upto: int,
    types: Iterable[str],
    left_out: Callable[[int, str], bool] | None = None,
) -> Iterator[tuple[str, ReadEvent]]:
    """Events of `types`, and of those that this code does not know, with the names of their types:
    of the streams with `after` < id <= `until`, up to a position, ordered by stream and version.
    `left_out` tells of a position and type whether that event is not even decoded. Raises
    UnreadableEvent."""
    asked = {"after": after, "until": until, "upto": upto} | wanted(types)
    quick = {
        (name, f"{version}"): decoder_of(codec.class_of(name))
        for name, version in codec.schema_versions().items()
    }
    at, current, stream_id = datetime.fromisoformat, "", None
    with connection.cursor() as cursor, cursor.copy(OF_STREAMS, asked) as copy:
        lines = b"".join(copy).decode().split("\n")
    lines.pop()  # what follows the last line
    for line in lines:
        texts = line.split("\t")
        _, stream, version, type_, schema_version, _, recorded_at, metadata, data = texts
        if "\\" in data or "\\" in metadata or "\\" in type_:
            texts = [one if one == NULL else _unescaped(one) for one in texts]
            type_, metadata, data = texts[3], texts[7], texts[8]
        if left_out and left_out(int(texts[0]), type_):
            continue
        if stream != current:
            current, stream_id = stream, UUID(stream)
        try:
            event = quick[type_, schema_version](data)
        except Exception:
            event = codec.decode(type_, int(schema_version), json.loads(data), where=_where(texts))
        try:
            said = decode_metadata(metadata)
        except Exception:
            said = metadata_of(json.loads(metadata), where=_where(texts))
        yield type_, ReadEvent(stream_id, int(version), event, said, at(recorded_at), texts)


def _where(texts: list[str]) -> str:
    return f"stream {texts[1]} version {texts[2]} (position {texts[0]})"


def _unescaped(text: str) -> str:
    return ESCAPED.sub(lambda found: MEANT.get(found[1], found[1]), text)

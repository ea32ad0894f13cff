"""Folded states, kept so that a long stream is as quick to change as a short one."""

import json
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NamedTuple
from uuid import UUID

from django.db import router

from eventstore import store
from eventstore.codec import codec
from eventstore.models import Snapshot
from eventstore.statements import Statement, run

if TYPE_CHECKING:
    from eventstore.decider import Decider

# A command folds at most this many events after the snapshot; a snapshot is written once in as
# many events, and costs about as much as folding them.
EVERY = 50


def due(since: int, after: int) -> bool:
    """Whether a state at version `after` is worth a snapshot: the usable one is at `since`."""
    return after - since >= EVERY


FORGET = "DELETE FROM eventstore_snapshot WHERE stream_id = %s AND fingerprint <> %s"
SAVE = """
INSERT INTO eventstore_snapshot (stream_id, version, fingerprint, state)
VALUES (%s, %s, %s, %s)
    ON CONFLICT (stream_id, version) DO UPDATE
   SET fingerprint = excluded.fingerprint, state = excluded.state
"""
USABLE = """
SELECT version, state FROM eventstore_snapshot
 WHERE stream_id = %s AND fingerprint = %s AND version <= %s ORDER BY version DESC LIMIT 1
"""
# The usable snapshot as the first row, which has no type, and the events after it.
_FOLDABLE = f"""
WITH usable AS ({USABLE})
SELECT version, NULL AS type, 0 AS schema_version, state, 0 AS position FROM usable
 UNION ALL
(SELECT version, type, schema_version, data::text, position FROM eventstore_event
  WHERE stream_id = %s AND version <= %s
    AND version > coalesce((SELECT version FROM usable), 0){{}}
  ORDER BY version)
"""  # noqa: S608  (a constant)
FOLDABLE = _FOLDABLE.format("")
FOLDABLE_ABOUT = _FOLDABLE.format(" AND data ->> %s = ANY(%s)")


class About(NamedTuple):
    """Events whose data has one of these values in that field."""

    field: str
    values: Sequence[str]


def fold(
    decider: "Decider", stream_id: UUID, *, upto: int | None = None, about: About | None = None
) -> tuple[Any, int, int]:
    """The state up to version `upto` (None: the last), its version, and that of the snapshot which
    it was folded from; 0: from the start. With `about`, only those events are folded after the
    snapshot: right for who asks the state of nothing else. Raises UnreadableEvent."""
    upto = store.LATEST if upto is None else upto
    sql, asked = FOLDABLE, [stream_id, decider.fingerprint, upto, stream_id, upto]
    if about:
        sql, asked = FOLDABLE_ABOUT, [*asked, about.field, list(about.values)]
    rows = run(Statement(sql, asked), router.db_for_read(Snapshot))
    state, version, since = decider.initial, 0, 0
    for version, type_, schema_version, said, position in rows:
        if type_ is None:
            state, since = decider.shape.decode(json.loads(said)), version
            continue
        where = f"stream {stream_id} version {version} (position {position})"
        event = codec.decode(type_, schema_version, json.loads(said), where=where)
        state = decider.evolve(state, event)
    return state, version, since


def load(decider: "Decider", stream_id: UUID, *, upto: int | None = None) -> tuple[Any, int] | None:
    """The state and its version, or None when there is no usable snapshot at or before `upto`."""
    asked = [stream_id, decider.fingerprint, store.LATEST if upto is None else upto]
    rows = run(Statement(USABLE, asked), router.db_for_read(Snapshot))
    return (decider.shape.decode(json.loads(rows[0][1])), rows[0][0]) if rows else None


def save(decider: "Decider", stream_id: UUID, version: int, state: Any) -> None:
    """Keep the state, and forget those that other code made."""
    kept = json.dumps(decider.shape.encode(state))
    run(Statement(FORGET, [stream_id, decider.fingerprint]))
    run(Statement(SAVE, [stream_id, version, decider.fingerprint, kept]))

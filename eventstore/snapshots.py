"""Folded states, kept so that a long stream is as quick to change as a short one."""

import json
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.db import connection

if TYPE_CHECKING:
    from eventstore.decider import Decider

# A command folds at most this many events after the snapshot; a snapshot is written once in as
# many events, and costs about as much as folding them.
EVERY = 100


def due(since: int, after: int) -> bool:
    """Whether a state at version `after` is worth a snapshot: the usable one is at `since`."""
    return after - since >= EVERY


def load(decider: "Decider", stream_id: UUID, *, upto: int | None = None) -> tuple[Any, int] | None:
    """The state and its version, or None when there is no usable snapshot at or before `upto`."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT state, version FROM eventstore_snapshot"
            " WHERE stream_id = %s AND fingerprint = %s AND version <= %s"
            " ORDER BY version DESC LIMIT 1",
            [stream_id, decider.fingerprint, 2**31 - 1 if upto is None else upto],
        )
        row = cursor.fetchone()
    return (decider.shape.decode(json.loads(row[0])), row[1]) if row else None


def save(decider: "Decider", stream_id: UUID, version: int, state: Any) -> None:
    """Keep the state, and forget those that other code made."""
    with connection.cursor() as cursor:
        cursor.execute(
            "DELETE FROM eventstore_snapshot WHERE stream_id = %s AND fingerprint <> %s",
            [stream_id, decider.fingerprint],
        )
        cursor.execute(
            """
            INSERT INTO eventstore_snapshot (stream_id, version, fingerprint, state)
            VALUES (%s, %s, %s, %s)
            ON CONFLICT (stream_id, version) DO UPDATE
               SET fingerprint = excluded.fingerprint, state = excluded.state
            """,
            [stream_id, version, decider.fingerprint, json.dumps(decider.shape.encode(state))],
        )

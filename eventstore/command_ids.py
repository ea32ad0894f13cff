"""The outcomes of command ids: one command, one effect.

An outcome is kept in its command's transaction, by the statement that appends its events. Whoever
sends the same id again cannot keep it a second time, and finds the first outcome.
"""

import json
from typing import Any, NamedTuple
from uuid import UUID

from eventstore.statements import Statement, run

FIND = """
SELECT stream_id, fingerprint, before, after, refusal FROM eventstore_command WHERE id = %s
"""
# Waits for a command with the same id that is under way on another stream.
KEEP = """
INSERT INTO eventstore_command (id, stream_id, fingerprint, before, after, refusal)
VALUES (%s, %s, %s, %s, %s, %s::jsonb) ON CONFLICT (id) DO NOTHING RETURNING id
"""
NOTHING = Statement("SELECT 1")


class Known(Exception):
    """The id has an outcome already; what was done for it this time is to be rolled back."""


class KnownCommand(NamedTuple):
    """As eventstore.models.Command."""

    stream_id: UUID
    fingerprint: bytes
    before: int
    after: int
    refusal: dict[str, Any] | None


def keeping(
    command_id: UUID | None,
    stream_id: UUID,
    fingerprint: bytes,
    before: int,
    after: int,
    refusal: Any = None,
) -> Statement:
    """Keeps the outcome; without rows when there is one already. None keeps nothing."""
    if command_id is None:
        return NOTHING
    told = json.dumps({"code": refusal.code, "params": refusal.params}) if refusal else None
    return Statement(KEEP, [command_id, stream_id, fingerprint, before, after, told])


def expect_kept(rows: list[tuple]) -> None:
    """Raises Known when the statement of `keeping` returned no rows."""
    if not rows:
        raise Known


def keep(*outcome: Any) -> None:
    """As `keeping`, at once. Raises Known."""
    expect_kept(run(keeping(*outcome)))


def find(command_id: UUID) -> KnownCommand | None:
    rows = run(Statement(FIND, [command_id]))
    if not rows:
        return None
    stream_id, fingerprint, before, after, refusal = rows[0]
    told = json.loads(refusal) if refusal else None
    return KnownCommand(stream_id, bytes(fingerprint), before, after, told)

"""The log of commands that were refused, so that "it did not take my change" can be answered.

`handle` notes what the decider refuses, in the command's own transaction; whoever refuses a command
before the store sees it notes that by itself. Noting neither fails nor waits: a refusal stays a
refusal. No personal data but agents' ids and what they asked in their own words, which may be a
note or a reason: it is kept for 90 days, as `purge` sees to.

It cannot be flooded: the same again within a minute is counted and not kept, MOST_A_MINUTE others
of one actor are, and MOST in all.
"""

import json
import logging
import re
from dataclasses import asdict, is_dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.db import Error, connection, transaction

from eventstore.store import Metadata

logger = logging.getLogger(__name__)

KEPT = timedelta(days=90)
MOST = 1_000_000
MOST_A_MINUTE = 60
LONGEST_TEXT, LONGEST_LIST = 500, 20
LARGEST = 2**31 - 1  # version that a column holds
BATCH = 1_000  # rows a purge deletes at once

# SKIP LOCKED: two that come at once are kept twice, rather than that one waits for the other.
NOTE = """
WITH recent AS MATERIALIZED (
    SELECT id, (stream_id, category, source, command, asked, code, params, seen, version)
               IS NOT DISTINCT FROM
               (%(stream_id)s::uuid, %(category)s::text, %(source)s::text, %(command)s::text,
                %(asked)s::jsonb, %(code)s::text, %(params)s::jsonb, %(seen)s::int,
                %(version)s::int) AS same
      FROM eventstore_refusal
     WHERE {actor} AND recorded_at > clock_timestamp() - interval '1 minute'
     ORDER BY recorded_at DESC, id DESC
     LIMIT %(most)s
), repeated AS (
    UPDATE eventstore_refusal SET repeats = repeats + 1
     WHERE id = (SELECT id FROM eventstore_refusal
                  WHERE id = (SELECT max(id) FROM recent WHERE same) FOR UPDATE SKIP LOCKED)
    RETURNING id
), crowded AS (
    UPDATE eventstore_refusal SET unkept = unkept + 1
     WHERE NOT EXISTS (SELECT FROM repeated)
       AND (SELECT count(*) FROM recent) >= %(most)s
       AND id = (SELECT id FROM eventstore_refusal
                  WHERE id = (SELECT max(id) FROM recent) FOR UPDATE SKIP LOCKED)
)
INSERT INTO eventstore_refusal
       (stream_id, category, actor, source, correlation_id, command_id, command, asked, code,
        params, seen, version, repeats, unkept)
SELECT %(stream_id)s, %(category)s, %(actor)s, %(source)s, %(correlation_id)s, %(command_id)s,
       %(command)s, %(asked)s::jsonb, %(code)s, %(params)s::jsonb, %(seen)s, %(version)s, 0, 0
 WHERE NOT EXISTS (SELECT FROM repeated) AND (SELECT count(*) FROM recent) < %(most)s
"""

PURGE = """
DELETE FROM eventstore_refusal WHERE id IN (
    (SELECT id FROM eventstore_refusal
      WHERE recorded_at < clock_timestamp() - %(kept)s ORDER BY recorded_at LIMIT %(batch)s)
    UNION ALL
    (SELECT id FROM eventstore_refusal
      WHERE id <= (SELECT max(id) FROM eventstore_refusal) - %(most)s ORDER BY id LIMIT %(batch)s))
"""

FORGET = """
DELETE FROM eventstore_refusal
 WHERE {actor} AND recorded_at > clock_timestamp() - interval '1 minute'
   AND command_id = %(command_id)s AND code = %(code)s
"""


def note(
    refusal: Any,
    category: str,
    stream_id: UUID | None,
    command: str,
    asked: Any,
    metadata: Metadata,
    *,
    command_id: UUID | None = None,
    seen: int | None = None,
    version: int | None = None,
) -> None:
    """Keep that a command was refused. `asked` is the command, or a dict of what it asked.

    Raises only where the transaction around it is lost anyway.
    """
    try:
        values = {
            "stream_id": stream_id,
            "category": category,
            "actor": metadata.actor,
            "source": metadata.source,
            "correlation_id": metadata.correlation_id,
            "command_id": command_id,
            "command": command,
            "asked": _json(asdict(asked) if is_dataclass(asked) else asked),
            "code": refusal.code,
            "params": _json(refusal.params),
            # A sender may claim to have seen what its column cannot hold; params say what it was.
            "seen": seen if seen is None else min(max(seen, 0), LARGEST),
            "version": version,
            "most": MOST_A_MINUTE,
        }
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(NOTE.format(actor=_of(metadata.actor)), values)
    except (Error, TypeError, ValueError) as error:
        if connection.in_atomic_block and connection.needs_rollback:
            raise
        logger.error("Not kept that %s was refused (%s): %s", command, refusal.code, error)


def forget(actor: int | None, command_id: UUID, code: str) -> None:
    """Take back what was just noted: what was refused is done in another way."""
    values = {"actor": actor, "command_id": command_id, "code": code}
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(FORGET.format(actor=_of(actor)), values)
    except Error as error:
        logger.error("Kept that %s was refused, though it was done then: %s", command_id, error)


def purge() -> bool:
    """Delete a batch of what is kept no longer. Whether there may be more."""
    with connection.cursor() as cursor:
        cursor.execute(PURGE, {"kept": KEPT, "most": MOST, "batch": BATCH})
        return cursor.rowcount >= BATCH


def _of(actor: int | None) -> str:
    # IS NOT DISTINCT FROM would use no index.
    return "actor IS NULL" if actor is None else "actor = %(actor)s"


def _json(value: Any) -> str:
    return json.dumps(_kept(value), default=str, ensure_ascii=False)


def _kept(value: Any) -> Any:
    """As much of it as is kept, and nothing that PostgreSQL has no text for."""
    match value:
        case str():
            text = re.sub(r"[\x00\ud800-\udfff]", "\ufffd", value)
            return text if len(text) <= LONGEST_TEXT else f"{text[:LONGEST_TEXT]}…"
        case dict():
            return {name: _kept(one) for name, one in value.items()}
        case list() | tuple():
            more = len(value) - LONGEST_LIST
            kept = [_kept(one) for one in value[:LONGEST_LIST]]
            return [*kept, f"… and {more} more"] if more > 0 else kept
    return value

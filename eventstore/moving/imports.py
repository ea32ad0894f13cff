"""Taking a file of events into this store: all of it in one transaction, or nothing.

Half a store would be worse than none, and whoever was interrupted begins anew in a minute. The
lines go into tables of the session first, are compared there with one another and with the store,
and then moved over. Appends wait from that moment on until the end, and not before.
"""

from collections.abc import Callable
from dataclasses import dataclass
from itertools import groupby
from operator import attrgetter
from typing import BinaryIO

from django.db import DataError, OperationalError, connection, transaction

from eventstore.checkpoints import WELL, last_event
from eventstore.models import Checkpoint
from eventstore.moving import IMPORTED
from eventstore.moving.reading import BadLine, read_lines

IMPORTS = 0x1B04  # the advisory lock of whoever imports
PATIENCE = "10s"  # that it waits for a moment without appends
TOLD = 50_000  # lines between two calls of `progress`

INCOMING = """
CREATE TEMP TABLE incoming_event (
    n bigint, position bigint, stream_id uuid, category text, version int, type text,
    schema_version smallint, command_id uuid, recorded_at timestamptz, said jsonb) ON COMMIT DROP;
CREATE TEMP TABLE incoming_command (
    n bigint, id uuid, stream_id uuid, fingerprint bytea, before int, after int,
    recorded_at timestamptz, said jsonb) ON COMMIT DROP;
CREATE TEMP TABLE incoming_skip (
    n bigint, subscription text, position bigint, error text, skipped_by text,
    skipped_at timestamptz, said jsonb) ON COMMIT DROP;
"""

# Each gives the first line that is wrong: its number, expected and found.
WITHIN_THE_FILE = [
    """SELECT n, format('stream %s to go on with version %s', stream_id, due), version::text
         FROM (SELECT *, row_number() OVER (PARTITION BY stream_id ORDER BY n) AS due
                 FROM incoming_event) AS event
        WHERE version <> due ORDER BY n LIMIT 1""",
    """SELECT n, format('stream %s to be of the category %s', stream_id, first), category
         FROM (SELECT *, first_value(category) OVER (PARTITION BY stream_id ORDER BY n) AS first
                 FROM incoming_event) AS event
        WHERE category <> first ORDER BY n LIMIT 1""",
    """SELECT n, format('stream %s to go on after position %s', stream_id, before), position::text
         FROM (SELECT *, lag(position) OVER (PARTITION BY stream_id ORDER BY n) AS before
                 FROM incoming_event) AS event
        WHERE position <= before ORDER BY n LIMIT 1""",
    """SELECT n, 'each position once', format('position %s again', position)
         FROM (SELECT *, row_number() OVER (PARTITION BY position ORDER BY n) AS nth
                 FROM incoming_event) AS event
        WHERE nth > 1 ORDER BY n LIMIT 1""",
    """SELECT n, 'each command once', format('%s again', id)
         FROM (SELECT *, row_number() OVER (PARTITION BY id ORDER BY n) AS nth
                 FROM incoming_command) AS command
        WHERE nth > 1 ORDER BY n LIMIT 1""",
    """SELECT n, format('stream %s to have come to version %s', stream_id, after),
              format('version %s', coalesce(stream.version, 0))
         FROM incoming_command LEFT JOIN (SELECT stream_id, max(version) AS version
                FROM incoming_event GROUP BY stream_id) AS stream USING (stream_id)
        WHERE after > coalesce(stream.version, 0) ORDER BY n LIMIT 1""",
    """SELECT skip.n, 'the position of an event of this file', position::text
         FROM incoming_skip AS skip LEFT JOIN incoming_event AS event USING (position)
        WHERE event.n IS NULL ORDER BY skip.n LIMIT 1""",
    """SELECT n, 'each skip once', format('%s without %s again', subscription, position)
         FROM (SELECT *, row_number() OVER (PARTITION BY subscription, position ORDER BY n) AS nth
                 FROM incoming_skip) AS skip
        WHERE nth > 1 ORDER BY n LIMIT 1""",
]
WITH_THE_STORE = [
    """SELECT event.n, 'a stream that this store does not have',
              format('stream %s, here at version %s', stream.id, stream.version)
         FROM eventstore_stream AS stream
         JOIN incoming_event AS event ON event.stream_id = stream.id
        ORDER BY 1 LIMIT 1""",
    """SELECT n, 'a command that this store does not have', id::text
         FROM eventstore_command JOIN incoming_command AS command USING (id) ORDER BY n LIMIT 1""",
]

# Column -> what it is of a stream's events.
STREAM = {
    "id": "stream_id",
    "category": "min(category)",
    "version": "max(version)",
    "created_at": "min(recorded_at)",
    # As store.append counts them.
    "bytes": "sum(octet_length((said->'data')::text) + octet_length((said->'metadata')::text))",
    "actors": "coalesce(array_agg(DISTINCT (said#>>'{metadata,actor}')::bigint)"
    " FILTER (WHERE said#>>'{metadata,actor}' IS NOT NULL), '{}')",
}
EVENT = "stream_id, version, type, schema_version, data, metadata, command_id, recorded_at"
SAID = (
    "stream_id, version, type, schema_version, said->'data', said->'metadata', command_id,"
    " recorded_at"
)
MOVE_STREAMS = (
    f"INSERT INTO eventstore_stream ({', '.join(STREAM)})"  # noqa: S608
    f" SELECT {', '.join(STREAM.values())} FROM incoming_event GROUP BY stream_id"
)
KEEPING_POSITIONS = (
    f"INSERT INTO eventstore_event (position, {EVENT}) OVERRIDING SYSTEM VALUE"  # noqa: S608
    f" SELECT position, {SAID} FROM incoming_event"  # as they came: sorting all of it takes long
)
DRAWING_POSITIONS = (
    f"INSERT INTO eventstore_event ({EVENT})"  # noqa: S608
    f" SELECT {SAID} FROM incoming_event ORDER BY n"
)
MOVE_SEQUENCE = """
SELECT setval(sequence, greatest(coalesce(pg_sequence_last_value(sequence), 1),
                                 (SELECT max(position) FROM incoming_event)))
  FROM (SELECT pg_get_serial_sequence('eventstore_event', 'position')::regclass AS sequence) AS of
 WHERE EXISTS (SELECT FROM incoming_event)
"""
MOVE_COMMANDS = """
INSERT INTO eventstore_command (id, stream_id, fingerprint, before, after, refusal, recorded_at)
SELECT id, stream_id, fingerprint, before, after, nullif(said->'refusal', 'null'), recorded_at
  FROM incoming_command ORDER BY n
"""
MOVE_SKIPS = """
INSERT INTO eventstore_skip (subscription, position, error, skipped_by, skipped_at)
SELECT skip.subscription, event.position, skip.error, skip.skipped_by, skip.skipped_at
  FROM incoming_skip AS skip JOIN incoming_event AS said USING (position)
  JOIN eventstore_event AS event
    ON event.stream_id = said.stream_id AND event.version = said.version
 ORDER BY skip.n
"""
END = "SELECT coalesce(max(position), 0) FROM eventstore_event"


class Refused(Exception):
    """The store is not ready to take the file."""


@dataclass(frozen=True, slots=True)
class Imported:
    """`kept`: the events have the positions of the file, since this log was empty."""

    events: int
    streams: int
    commands: int
    skips: int
    kept: bool


def import_log(file: BinaryIO, progress: Callable[[int], None] = lambda lines: None) -> Imported:
    """Take in all of the file, or nothing. Raises BadLine, and Refused."""
    try:
        with transaction.atomic(durable=True), connection.cursor() as cursor:
            for setting in ("transaction_timeout", "idle_in_transaction_session_timeout"):
                cursor.execute(f"SET LOCAL {setting} = 0")
            cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [IMPORTS])
            if not cursor.fetchone()[0]:
                raise Refused("Expected to be the only import, found another one at work.")
            counts = _read(cursor, file, progress)
            _check(cursor, WITHIN_THE_FILE)
            # No append from here on: it would wait for the end of this transaction.
            cursor.execute("SELECT set_config('lock_timeout', %s, true)", [PATIENCE])
            cursor.execute("LOCK TABLE eventstore_event IN SHARE ROW EXCLUSIVE MODE")
            _check(cursor, WITH_THE_STORE)
            streams, kept = _move(cursor)
    except DataError as error:
        raise Refused(f"The database cannot store what the file says: {error}") from None
    except OperationalError as error:
        if getattr(error.__cause__, "sqlstate", None) != "55P03":
            raise
        raise Refused(
            f"Expected a moment without appends, found none in {PATIENCE}. Stop the shop first."
        ) from None
    with connection.cursor() as cursor:
        for table in ("eventstore_stream", "eventstore_event"):
            cursor.execute(f"ANALYZE {table}")
    return Imported(counts["event"], streams, counts["command"], counts["skip"], kept)


def _read(cursor, file: BinaryIO, progress: Callable[[int], None]) -> dict[str, int]:
    cursor.execute(INCOMING)
    counts = {"event": 0, "command": 0, "skip": 0}
    for kind, lines in groupby(read_lines(file), key=attrgetter("kind")):
        copying = cursor.copy(f"COPY incoming_{kind} FROM STDIN")
        with connection.wrap_database_errors, copying as copy:
            for line in lines:
                copy.write_row((*line.row, line.text))
                counts[kind] += 1
                if line.number % TOLD == 0:
                    progress(line.number)
    for kind in counts:
        cursor.execute(f"ANALYZE incoming_{kind}")
    return counts


def _check(cursor, queries: list[str]) -> None:
    found = []
    for query in queries:
        cursor.execute(query)
        found += cursor.fetchall()
    if found:
        raise BadLine(*min(found))


def _move(cursor) -> tuple[int, bool]:
    """How many streams came, and whether the positions were kept."""
    cursor.execute(END)
    [end] = cursor.fetchone()
    reactors = Checkpoint.objects.select_for_update().filter(kind="reactor")
    behind = [one.name for one in reactors if end and one.position < end]
    if behind:
        raise Refused(
            f"Expected reactors that have come to the log's end ({end}), found {', '.join(behind)} "
            "behind: what is imported is no news to them. First: manage.py run_projections --once"
        )
    cursor.execute(MOVE_STREAMS)
    streams = cursor.rowcount
    cursor.execute(DRAWING_POSITIONS if end else KEEPING_POSITIONS)
    cursor.execute(MOVE_COMMANDS)
    cursor.execute(MOVE_SKIPS)
    if not end:
        cursor.execute(MOVE_SEQUENCE)
    if streams:
        cursor.execute(END)
        [end_now] = cursor.fetchone()
        # What happened elsewhere was answered there: no e-mail is sent a second time.
        reactors.update(position=end_now, last_event=last_event(end_now), **WELL)
        Checkpoint.objects.filter(kind="inline").update(code=IMPORTED)
    return streams, not end

"""Rebuilding projections from the log without taking the shop down, and comparing them with it.

Rows are made in tables beside the live ones while commands and readers go on. Only for the last
events appends wait, for a moment, and the tables change places by a rename. Whoever gets in the way
of that is let pass first, and it is tried again.
"""

import random
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db import OperationalError, connection, models, transaction

from eventstore import aside, build, store
from eventstore.aside import PREVIOUS, SHADOW, TWICE, VERIFIED, Difference
from eventstore.build import Progress
from eventstore.checkpoints import WELL, last_event
from eventstore.copying import copy_in
from eventstore.folding import fold, skipped
from eventstore.models import Build, Checkpoint, Stream
from eventstore.projections import Key, Projection, asynchronous, inline
from eventstore.subscriptions import settled

POLITE = "200ms"  # that the swap waits for others before it lets them pass
PAUSE = 0.05, 0.3  # seconds before it tries again
ATTEMPTS = 200
LOOKS = 3  # at a stream that is changed meanwhile
REPLAYS = 0x7A4F  # the family of advisory locks, one a projection

quiet: Progress = lambda done, total: None  # noqa: E731


class Busy(Exception):
    """Somebody else replays this projection, or the swap found no quiet moment."""


@dataclass(frozen=True, slots=True)
class Replayed:
    """`resumed`: an interrupted build was gone on with. `blocked`: seconds that appends waited for
    the swap; `attempts`: how often it was tried."""

    resumed: bool
    blocked: float
    attempts: int


def replay(
    projection: Projection, *, workers: int | None = None, progress: Progress = quiet
) -> Replayed:
    """Rebuild the projection's rows, and let them take the place of the live ones.

    When it fails or is killed, the live rows stay, and the next replay goes on from there. Raises
    UnreadableEvent for a stored event that the code cannot read, Busy, and ValueError for tables
    that cannot change places.
    """
    [done] = replay_together([projection], workers=workers, progress=progress)
    return done


def replay_together(
    projections: Sequence[Projection], *, workers: int | None = None, progress: Progress = quiet
) -> Iterator[Replayed]:
    """The same for several, each event read once for all of them; what became of each, in their
    order, as soon as its rows are in place."""
    for projection in projections:
        aside.check_fit(projection.tables)
    with ExitStack() as alone:
        for projection in projections:
            alone.enter_context(_alone(projection))
        builds, resumed = build.begin(projections, SHADOW)
        build.fill(builds, workers=workers, progress=progress)
        for projection, made in zip(projections, builds, strict=True):
            yield Replayed(resumed, *_finish(projection, made))


def rollback(projection: Projection) -> Replayed:
    """Put the tables that the last replay replaced back, with what has come since folded in by
    today's code. Raises LookupError when there are none, ValueError when they have another shape.
    """
    with _alone(projection):
        made = Build.objects.filter(projection=projection.name, schema=PREVIOUS).first()
        if made is None:
            raise LookupError(f"{projection.name}: there are no previous tables to go back to")
        if not aside.same_shape(PREVIOUS, projection.tables):
            raise ValueError(
                f"{projection.name}: expected previous tables with the columns of now; they are "
                "gone, or were made before a migration"
            )
        build.catch_up(projection, made, settled())
        blocked, attempts = _finish(projection, made)
    return Replayed(False, blocked, attempts)


def drop_previous(projection: Projection) -> int:
    """Drop the tables that the last replay replaced; how many."""
    with transaction.atomic():
        Build.objects.filter(projection=projection.name, schema=PREVIOUS).delete()
        return aside.drop(PREVIOUS, projection.tables)


def _finish(projection: Projection, made: Build) -> tuple[float, int]:
    """Keep appends out for the last events, and swap; how long that took, and how many tries."""
    for attempt in range(1, ATTEMPTS + 1):
        # What can be folded while appends go on is.
        build.catch_up(projection, made, settled())
        try:
            return _swap(projection, made), attempt
        except OperationalError as error:
            if getattr(error.__cause__, "sqlstate", None) not in ("55P03", "40P01"):
                raise
            made.refresh_from_db()
        time.sleep(random.uniform(*PAUSE))  # noqa: S311  (spreads tries, guards nothing)
    raise Busy(f"{projection.name}: no quiet moment for the swap in {ATTEMPTS} tries")


def _swap(projection: Projection, made: Build) -> float:
    with transaction.atomic(durable=True), connection.cursor() as cursor:
        cursor.execute(f"SET LOCAL lock_timeout = '{POLITE}'")
        began = time.monotonic()
        # Conflicts with every append, and comes only when none is under way: the log is complete.
        cursor.execute("LOCK TABLE eventstore_event IN SHARE ROW EXCLUSIVE MODE")
        checkpoint = Checkpoint.objects.select_for_update().get(pk=projection.name)
        cursor.execute("SELECT coalesce(max(position), 0) FROM eventstore_event")
        [end] = cursor.fetchone()
        build.fold_on(projection, made, end)
        before = end if projection.name in inline else checkpoint.position
        aside.swap(made.schema, projection.tables)
        Build.objects.filter(projection=projection.name).delete()
        Build.objects.create(
            projection=projection.name,
            schema=PREVIOUS,
            code=checkpoint.code,
            position=before,
            indexed=True,
        )
        Checkpoint.objects.filter(pk=projection.name).update(
            position=end,
            last_event=last_event(end),
            code=made.code,
            **WELL,
        )
    return time.monotonic() - began


@contextmanager
def _alone(projection: Projection) -> Iterator[None]:
    with connection.cursor() as cursor:
        key = [REPLAYS, projection.name]
        cursor.execute("SELECT pg_try_advisory_lock(%s, hashtext(%s))", key)
        if not cursor.fetchone()[0]:
            raise Busy(f"{projection.name}: somebody else replays it at this moment")
        try:
            yield
        finally:
            if connection.connection and not connection.connection.closed:
                cursor.execute("SELECT pg_advisory_unlock(%s, hashtext(%s))", key)


# --- Comparing ------------------------------------------------------------------------------------


def verify(
    projection: Projection, *, workers: int | None = None, progress: Progress = quiet
) -> Iterator[Difference]:
    """The live rows that are not what the log says, from one snapshot of the database. The rows
    are made once more aside for that, and dropped; nobody waits."""
    upto = None
    if projection.name in asynchronous:
        upto = Checkpoint.objects.get(pk=projection.name).position
    with (
        _made_aside(projection, VERIFIED, upto, workers, progress) as made,
        transaction.atomic(durable=True),
        connection.cursor() as cursor,
    ):
        cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        cursor.execute("SET LOCAL transaction_timeout = 0")
        # Up to where the live rows of this snapshot have come.
        end = 2**62
        if projection.name in asynchronous:
            end = Checkpoint.objects.get(pk=projection.name).position
        build.fold_on(projection, made, end)
        yield from aside.differences(VERIFIED, None, projection.tables)
        transaction.set_rollback(True)


def differ_when_made_twice(
    projection: Projection, *, workers: int | None = None, progress: Progress = quiet
) -> Iterator[Difference]:
    """The rows that come out otherwise when they are made a second time from the same events: of a
    fold that looks at the clock, at other rows or tables, or at something random."""
    upto = settled()
    with (
        _made_aside(projection, VERIFIED, upto, workers, progress),
        _made_aside(projection, TWICE, upto, workers, progress),
    ):
        yield from aside.differences(VERIFIED, TWICE, projection.tables)


@contextmanager
def _made_aside(
    projection: Projection,
    schema: str,
    upto: int | None,
    workers: int | None,
    progress: Progress,
) -> Iterator[Build]:
    Build.objects.filter(projection=projection.name, schema=schema).delete()
    try:
        [made], _ = build.begin([projection], schema, upto=upto)
        build.fill([made], upto=upto, workers=workers, progress=progress)
        yield made
    finally:
        Build.objects.filter(projection=projection.name, schema=schema).delete()
        aside.drop(schema, projection.tables)


def repair(projection: Projection, stream_id: UUID) -> list[Difference]:
    """Put the rows of one stream right, in place; what was wrong. Commands on it wait meanwhile.

    Raises UnreadableEvent, and ValueError for a projection whose rows many streams share, or that
    runs behind the log.
    """
    _expect_of_single_streams(projection)
    with transaction.atomic(durable=True):
        store.lock(stream_id)
        should_be, live = _rows_of(projection, stream_id)
        found = _differences(projection, should_be, live)
        for table in projection.tables:
            table._base_manager.filter(**{projection.stream: stream_id}).delete()
            wanted = [row for (model, _), row in should_be.items() if model is table]
            copy_in(aside.name(table), table, wanted)
    return found


def differences_of(projection: Projection, stream_id: UUID) -> list[Difference]:
    """How the live rows of one stream differ from what its events say. Changes nothing, and nobody
    waits. Raises as `repair` does, and Busy when the stream is changed again and again meanwhile.
    """
    _expect_of_single_streams(projection)
    for _ in range(LOOKS):
        # Inline rows are written with their events: while the version stays, both belong together.
        before = _version(stream_id)
        rows = _rows_of(projection, stream_id)
        if _version(stream_id) == before:
            return _differences(projection, *rows)
    raise Busy(f"{projection.name}: stream {stream_id} changed during each of {LOOKS} looks at it")


def of_single_streams() -> list[Projection]:
    """The projections whose rows can be compared and put right stream by stream."""
    return [projection for projection in inline.values() if projection.of_single_streams]


def _expect_of_single_streams(projection: Projection) -> None:
    if projection not in of_single_streams():
        raise ValueError(
            f"{projection.name}: expected an inline projection of single streams; replay it whole"
        )


def _version(stream_id: UUID) -> int | None:
    return Stream.objects.filter(pk=stream_id).values_list("version", flat=True).first()


def _rows_of(projection: Projection, stream_id: UUID) -> tuple[dict[Key, Any], dict[Key, Any]]:
    """The rows that the stream's events make, and the live ones."""
    left_out = skipped(projection)
    rows = (row for row in store.rows_of(stream_id) if row[0] not in left_out)
    made = fold(projection, store.recorded(rows))
    should_be = {(table, row.pk): row for table in projection.tables for row in made.of(table)}
    live = {
        (table, row.pk): row
        for table in projection.tables
        for row in table._base_manager.filter(**{projection.stream: stream_id})
    }
    return should_be, live


def _differences(
    projection: Projection, should_be: dict[Key, Any], live: dict[Key, Any]
) -> list[Difference]:
    found = []
    for table in projection.tables:
        keys = {key for model, key in should_be.keys() | live.keys() if model is table}
        for key in sorted(keys, key=str):
            expected, actual = (
                _values(table, rows.get((table, key))) for rows in (should_be, live)
            )
            if expected != actual:
                found.append(Difference(table._meta.db_table, key, expected, actual))
    return found


def _values(table: type[models.Model], row: Any) -> dict | None:
    if row is None:
        return None
    return {
        field.attname: field.to_python(getattr(row, field.attname))
        for field in table._meta.concrete_fields
    }

"""Filling the tables of projections beside the live ones, while writes go on.

The first pass reads what is settled. A projection that is replayed stream by stream is filled slice
by slice of the streams, by several processes: each slice is read once for all projections that are
replayed together, folded in memory and written by COPY. Then the parts of rows that streams share
become one. The others are folded in the log's order. Then whatever came meanwhile is folded on top.
Each step is one transaction with its note of how far it came, so that a build which was killed goes
on, and takes as much memory for a long log as for a short one.
"""

import os
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from uuid import UUID

from django.db import connection, transaction

from eventstore import aside, store
from eventstore.folding import Part, fold_streams, skipped
from eventstore.models import Build, Slice
from eventstore.projections import Projection, apply, asynchronous, inline
from eventstore.subscriptions import read_rows, settled
from eventstore.workers import fill_slices

SLICE = 10_000  # events that are folded in memory at a time
BATCH = 2_000  # events a transaction, in the log's order
MOST_WORKERS = 4

SLICES = """
SELECT max(id::text COLLATE "C")::uuid, sum(version)
  FROM (SELECT id, version, (sum(version) OVER (ORDER BY id) - 1) / %s AS slice
          FROM eventstore_stream) AS numbered
 GROUP BY slice ORDER BY slice
"""

# Told of progress: events handled since the last call, and how many there are to handle in all.
Progress = Callable[[int, int], None]


def begin(
    projections: Iterable[Projection], schema: str, *, upto: int | None = None
) -> tuple[list[Build], bool]:
    """Builds to go on with, and whether any of them is an interrupted one. `upto`: how far a first
    pass goes; None: as far as the log is settled."""
    builds, resumed, cuts = [], False, None
    for projection in projections:
        build = _unfinished(projection, schema)
        resumed |= build is not None
        if build is None:
            # Before the slices are cut: every stream with an event up to here is then among them.
            upto = settled() if upto is None else upto
            cuts = _cuts() if cuts is None else cuts
            build = _begun(projection, schema, upto, cuts)
        builds.append(build)
    return builds, resumed


def _unfinished(projection: Projection, schema: str) -> Build | None:
    found = Build.objects.filter(projection=projection.name, schema=schema).first()
    if found and found.code == projection.code and aside.same_shape(schema, projection.tables):
        return found
    return None


def _begun(projection: Projection, schema: str, upto: int, cuts: list[tuple]) -> Build:
    with transaction.atomic():
        Build.objects.filter(projection=projection.name, schema=schema).delete()
        aside.create(schema, projection.tables)
        build = Build.objects.create(
            projection=projection.name, schema=schema, code=projection.code, position=0
        )
        if projection.stream:
            build.position = upto
            after, slices = None, []
            for until, events in cuts:
                slices.append(Slice(build=build, after=after, until=until, events=events))
                after = until
            Slice.objects.bulk_create(slices)
        else:
            aside.add_indexes(schema, projection.tables)
            build.indexed = True
        build.save()
    return build


def _cuts() -> list[tuple[UUID, int]]:
    """Where streams are cut into slices: the last one of each, and how many events it has."""
    with connection.cursor() as cursor:
        cursor.execute(SLICES, [SLICE])
        return cursor.fetchall()


def fill(
    builds: Iterable[Build],
    *,
    upto: int | None = None,
    workers: int | None = None,
    progress: Progress = lambda done, total: None,
) -> None:
    """Do what is left of the first pass, and fold what came meanwhile up to `upto` (None: as far
    as the log is settled). What several builds have to read is read once for all of them."""
    workers = workers or min(os.cpu_count() or 1, MOST_WORKERS)
    _fill_slices(builds, workers, progress)
    _add_indexes([build for build in builds if not build.indexed], workers)
    for build in builds:
        catch_up(projection_of(build), build, settled() if upto is None else upto, progress)


def _add_indexes(builds: Sequence[Build], workers: int) -> None:
    """The database works on several at once, and this process only waits."""
    if min(workers, len(builds)) < 2:
        for build in builds:
            _complete(build)
        return
    with ThreadPoolExecutor(workers) as pool:
        list(pool.map(_complete_and_leave, builds))


def _complete_and_leave(build: Build) -> None:
    try:
        _complete(build)
    finally:
        connection.close()  # this thread's own


def _complete(build: Build) -> None:
    """Make the parts of shared rows one, and give the tables their indexes."""
    projection = projection_of(build)
    with transaction.atomic():
        for table, fields in projection.shared.items():
            aside.merge(build.schema, table, fields)
        aside.add_indexes(build.schema, projection.tables)
        build.indexed = True
        build.save(update_fields=["indexed"])


def projection_of(build: Build) -> Projection:
    return (inline | asynchronous)[build.projection]


def _fill_slices(builds: Iterable[Build], workers: int, progress: Progress) -> None:
    slices = Slice.objects.filter(build__in=builds).order_by("until").select_related("build")
    same = defaultdict(list)
    for one in slices:
        same[one.after, one.until, one.build.position].append(one)
    left = [ones for ones in same.values() if not all(one.done for one in ones)]
    if not left:
        return
    total = sum(ones[0].events for ones in same.values())
    progress(total - sum(ones[0].events for ones in left), total)
    for events in fill_slices(
        [[one.pk for one in ones] for ones in left],
        fill_slice,
        workers=workers,
        database=connection.settings_dict["NAME"],
    ):
        progress(events, total)


def fill_slice(ids: list[int]) -> int:
    """Fold the streams of a slice, once for each of the builds that have it as the slices `ids`,
    and write their rows; how many events the streams have. Raises UnreadableEvent."""
    with transaction.atomic(durable=True), connection.cursor() as cursor:
        # Safe: what a crash of the database takes of these rows, it takes of `done` too.
        cursor.execute("SET LOCAL synchronous_commit = off")
        cursor.execute("SET LOCAL transaction_timeout = 0")
        cursor.execute("SET LOCAL lock_timeout = '60s'")
        # A worker of a replay that was killed may still be at it.
        slices = list(Slice.objects.select_for_update().filter(pk__in=ids).order_by("pk"))
        builds = [one.build for one in slices if not one.done]
        parts = [Part(projection_of(build), build.schema) for build in builds]
        one = slices[0]
        if parts:
            fold_streams(parts, after=one.after, until=one.until, upto=builds[0].position)
            for part in parts:
                part.write()
            Slice.objects.filter(pk__in=ids).update(done=True)
        return one.events


def catch_up(
    projection: Projection,
    build: Build,
    upto: int,
    progress: Progress = lambda done, total: None,
) -> None:
    """Fold what lies between the build's position and `upto`, in the log's order."""
    began = build.position
    while build.position < upto:
        with transaction.atomic(durable=True):
            from_ = build.position
            fold_on(projection, build, upto, limit=BATCH)
        if not projection.stream:
            progress(build.position - from_, upto - began)


def fold_on(projection: Projection, build: Build, upto: int, *, limit: int | None = None) -> None:
    """One step of that, in the caller's transaction; None: all that is left, in one."""
    left_out = skipped(projection)
    rows = read_rows(after=build.position, upto=upto, types=projection.types, limit=limit or 2**62)
    events = list(store.recorded(row for row in rows if row[0] not in left_out))
    with aside.looking_into(build.schema):
        apply(projection, events, lazily=not projection.of_single_streams)
    build.position = rows[-1][0] if len(rows) == limit else upto
    Build.objects.filter(pk=build.pk).update(position=build.position)

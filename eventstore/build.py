"""Filling the tables of a projection beside the live ones, while writes go on.

The first pass reads what is settled. A projection whose rows belong to one stream is filled slice
by slice of the streams, each slice folded in memory and written by COPY, by several processes; the
others are folded in the log's order. Then whatever came meanwhile is folded on top. Each step is
one transaction with its note of how far it came, so that a build which was killed goes on, and
takes as much memory for a long log as for a short one.
"""

import operator
import os
from collections.abc import Callable, Iterator
from typing import Any

from django.db import connection, models, transaction

from eventstore import aside, store
from eventstore.models import Build, Skip, Slice
from eventstore.projections import Key, Projection, Rows, apply
from eventstore.store import COLUMNS
from eventstore.subscriptions import WANTED, read_rows, settled, wanted
from eventstore.workers import fill_slices

SLICE = 10_000  # events that are folded in memory at a time
# Fields whose values psycopg does not write as they are.
PREPARED = {"JSONField", "ArrayField"}
BATCH = 2_000  # events a transaction, in the log's order
MOST_WORKERS = 4

SLICES = """
SELECT max(id::text COLLATE "C")::uuid, sum(version)
  FROM (SELECT id, version, (sum(version) OVER (ORDER BY id) - 1) / %s AS slice
          FROM eventstore_stream) AS numbered
 GROUP BY slice ORDER BY slice
"""
OF_A_SLICE = f"""
SELECT {COLUMNS} FROM eventstore_event
 WHERE stream_id <= %(until)s AND (%(after)s::uuid IS NULL OR stream_id > %(after)s)
   AND position <= %(upto)s AND {WANTED}
 ORDER BY stream_id, version
"""  # noqa: S608  (constants)

# Told of progress: events handled since the last call, and how many there are to handle in all.
Progress = Callable[[int, int], None]


def begin(projection: Projection, schema: str, *, upto: int | None = None) -> tuple[Build, bool]:
    """A build to go on with, and whether it is an interrupted one. `upto`: how far its first pass
    goes; None: as far as the log is settled."""
    found = Build.objects.filter(projection=projection.name, schema=schema).first()
    if found and found.code == projection.code and aside.same_shape(schema, projection.tables):
        return found, True
    # Before the slices are cut: every stream with an event up to here is then among them.
    upto = settled() if upto is None else upto
    with transaction.atomic():
        Build.objects.filter(projection=projection.name, schema=schema).delete()
        aside.create(schema, projection.tables)
        build = Build.objects.create(
            projection=projection.name, schema=schema, code=projection.code, position=0
        )
        if projection.stream:
            build.position = upto
            build.save()
            _cut(build)
        else:
            aside.add_indexes(schema, projection.tables)
            build.indexed = True
            build.save()
    return build, False


def _cut(build: Build) -> None:
    with connection.cursor() as cursor:
        cursor.execute(SLICES, [SLICE])
        cuts = cursor.fetchall()
    after, slices = None, []
    for until, events in cuts:
        slices.append(Slice(build=build, after=after, until=until, events=events))
        after = until
    Slice.objects.bulk_create(slices)


def fill(
    projection: Projection,
    build: Build,
    *,
    upto: int | None = None,
    workers: int | None = None,
    progress: Progress = lambda done, total: None,
) -> None:
    """Do what is left of the first pass, and fold what came meanwhile up to `upto` (None: as far
    as the log is settled)."""
    _fill_slices(projection, build, workers, progress)
    if not build.indexed:
        with transaction.atomic():
            aside.add_indexes(build.schema, projection.tables)
            build.indexed = True
            build.save(update_fields=["indexed"])
    catch_up(projection, build, settled() if upto is None else upto, progress)


def _fill_slices(
    projection: Projection, build: Build, workers: int | None, progress: Progress
) -> None:
    left = list(build.slices.filter(done=False).order_by("until"))
    total = sum(build.slices.values_list("events", flat=True))
    if left:
        progress(total - sum(one.events for one in left), total)
    at_most = workers or min(os.cpu_count() or 1, MOST_WORKERS)
    if min(at_most, len(left)) < 2:
        for one in left:
            fill_slice(projection, build, one)
            progress(one.events, total)
        return
    database = connection.settings_dict["NAME"]
    ids = [one.pk for one in left]
    workers = min(at_most, len(left))
    for events in fill_slices(projection.name, build.pk, ids, workers=workers, database=database):
        progress(events, total)


class AllRows(Rows):
    """The rows of whole streams, in memory."""

    def __init__(self) -> None:
        super().__init__({})

    def find(self, model: type[models.Model], key: Any) -> models.Model | None:
        return self._rows.get((model, key))

    def remove(self, model: type[models.Model], key: Any) -> None:
        self._rows.pop((model, key), None)

    def of(self, table: type[models.Model]) -> Iterator[models.Model]:
        return (row for (model, _), row in self._rows.items() if model is table)

    def items(self) -> dict[Key, models.Model]:
        return dict(self._rows)


def fill_slice(projection: Projection, build: Build, one: Slice) -> None:
    """Fold the streams of a slice, and write their rows. Raises UnreadableEvent."""
    asked = {"after": one.after, "until": one.until, "upto": build.position}
    asked |= wanted(projection.types)
    with transaction.atomic(durable=True), connection.cursor() as cursor:
        cursor.execute("SET LOCAL transaction_timeout = 0")
        cursor.execute("SET LOCAL lock_timeout = '60s'")
        # A worker of a replay that was killed may still be at it.
        if Slice.objects.select_for_update().get(pk=one.pk).done:
            return
        cursor.execute(OF_A_SLICE, asked)
        rows = fold(projection, cursor.fetchall())
        for table in projection.tables:
            copy_in(f"{build.schema}.{aside.name(table)}", table, rows.of(table))
        Slice.objects.filter(pk=one.pk).update(done=True)


def fold(projection: Projection, events: list[tuple]) -> AllRows:
    """The rows that whole streams make; `events` are rows of COLUMNS."""
    rows, left_out = AllRows(), skipped(projection)
    for recorded in store.recorded(row for row in events if row[0] not in left_out):
        projection.fold(rows, recorded)
    return rows


def skipped(projection: Projection) -> set[int]:
    """The positions that the projection was told to leave out."""
    return set(Skip.objects.filter(subscription=projection.name).values_list("position", flat=True))


def copy_in(there: str, table: type[models.Model], rows: Iterator[models.Model]) -> None:
    """Write the rows into a table by COPY."""
    fields = table._meta.concrete_fields
    columns = ", ".join(connection.ops.quote_name(field.column) for field in fields)
    with (
        connection.cursor() as cursor,
        cursor.copy(f"COPY {there} ({columns}) FROM STDIN") as copy,
    ):
        plain = operator.attrgetter(*(field.attname for field in fields), "pk")
        special = [
            (place, field)
            for place, field in enumerate(fields)
            if field.get_internal_type() in PREPARED
        ]
        for row in rows:
            values = list(plain(row))[:-1]
            for place, field in special:
                values[place] = field.get_db_prep_save(values[place], connection)
            copy.write_row(values)


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
        apply(projection, events, lazily=projection.stream is None)
    build.position = rows[-1][0] if len(rows) == limit else upto
    Build.objects.filter(pk=build.pk).update(position=build.position)

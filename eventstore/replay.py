"""Rebuilding projections from the log, and comparing them with it."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.db import connection, models, transaction

from eventstore.projections import Key, Projection, Rows, save
from eventstore.store import read_all

BATCH = 1_000  # rows an INSERT


@dataclass(frozen=True, slots=True)
class Rebuilt:
    events: int
    rows: int


@dataclass(frozen=True, slots=True)
class Difference:
    """A row that is not what the log says. None: there is no such row on that side."""

    table: str
    key: Any
    expected: dict[str, Any] | None
    actual: dict[str, Any] | None


def replay(projection: Projection) -> Rebuilt:
    """Rebuild the projection's rows in one transaction.

    Readers see the old rows until it commits; appends wait meanwhile. When it fails, the old rows
    stay. Raises UnreadableEvent for a stored event that the code cannot read.
    """
    with transaction.atomic(durable=True), connection.cursor() as cursor:
        cursor.execute("SET LOCAL lock_timeout = '60s'")
        cursor.execute("SET LOCAL transaction_timeout = 0")
        # Conflicts with every append, not with readers: no event can arrive behind the fold.
        cursor.execute("LOCK TABLE eventstore_event IN SHARE MODE")
        rows, events = fold_log(projection)
        for table in projection.tables:
            cursor.execute(f"DELETE FROM {connection.ops.quote_name(table._meta.db_table)}")  # noqa: S608
            mine = list(rows.of(table))
            for start in range(0, len(mine), BATCH):
                save(table, mine[start : start + BATCH])
    return Rebuilt(events, len(rows))


class AllRows(Rows):
    """Every row of a projection, in memory."""

    def find(self, model: type[models.Model], key: Any) -> models.Model | None:
        return self._rows.get((model, key))

    def remove(self, model: type[models.Model], key: Any) -> None:
        del self._rows[model, key]

    def of(self, table: type[models.Model]) -> Iterator[models.Model]:
        return (row for (model, _), row in self._rows.items() if model is table)

    def items(self) -> Iterator[tuple[Key, models.Model]]:
        return iter(self._rows.items())

    def __len__(self) -> int:
        return len(self._rows)


def fold_log(projection: Projection) -> tuple[AllRows, int]:
    """All rows that the log makes, and how many events it has, inside the caller's transaction."""
    rows, events = AllRows({}), 0
    for recorded in read_all():
        projection.fold(rows, recorded)
        events += 1
    return rows, events


def differences(projection: Projection) -> Iterator[Difference]:
    """The live rows that are not what the log says, from one snapshot of the database."""
    with transaction.atomic(durable=True), connection.cursor() as cursor:
        cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        cursor.execute("SET LOCAL transaction_timeout = 0")
        expected = dict(fold_log(projection)[0].items())
        for table in projection.tables:
            for actual in table._base_manager.order_by("pk").iterator(chunk_size=BATCH):
                wanted = expected.pop((table, actual.pk), None)
                if wanted is None or values(wanted) != values(actual):
                    yield Difference(
                        table._meta.db_table, actual.pk, wanted and values(wanted), values(actual)
                    )
    for (table, key), wanted in expected.items():
        yield Difference(table._meta.db_table, key, values(wanted), None)


def values(row: models.Model) -> dict[str, Any]:
    """The row's columns as the database would hold them."""
    return {
        field.attname: field.to_python(getattr(row, field.attname))
        for field in row._meta.concrete_fields
    }


def checksum(projection: Projection) -> str:
    """A digest of the projection's live rows, the same for the same rows whatever their order."""
    digests = []
    with connection.cursor() as cursor:
        for table in projection.tables:
            name = connection.ops.quote_name(table._meta.db_table)
            cursor.execute(
                f"SELECT md5(coalesce(string_agg(md5(row::text), '' ORDER BY md5(row::text)), ''))"  # noqa: S608
                f" FROM {name} AS row"
            )
            digests.append(cursor.fetchone()[0])
    return "-".join(digest[:12] for digest in digests)

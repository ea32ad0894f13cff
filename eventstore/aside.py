"""Tables beside the live ones, of the same shape, in a schema of their own; and changing places.

The live tables are never emptied or rewritten: rows are made aside, and a rename in one short
transaction puts them into their place. Whoever reads meanwhile waits for that rename only.
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from django.db import connection, models
from django.db.models import Aggregate

SHADOW = "projection_shadow"  # being made
PREVIOUS = "projection_previous"  # what was live before
VERIFIED = "projection_verified"  # made to be compared, and dropped
TWICE = "projection_twice"  # made once more to be compared, and dropped
LEAVING = "projection_leaving"  # within a swap only

PRIMARY_AND_UNIQUE = """
SELECT conname, pg_get_constraintdef(oid) FROM pg_constraint
 WHERE conrelid = %s::regclass AND contype IN ('p', 'u', 'x') ORDER BY conname
"""
OTHER_INDEXES = """
SELECT pg_get_indexdef(indexrelid) FROM pg_index
 WHERE indrelid = %s::regclass
   AND NOT EXISTS (SELECT FROM pg_constraint WHERE conindid = indexrelid AND contype <> 'f')
 ORDER BY indexrelid
"""
GRANTS = """
SELECT privilege_type, grantee::regrole::text FROM pg_class, aclexplode(relacl)
 WHERE oid = %s::regclass AND grantee <> 0
"""
FOREIGN_KEYS = """
SELECT conname, conrelid::regclass::text FROM pg_constraint
 WHERE contype = 'f' AND (confrelid = %(table)s::regclass OR conrelid = %(table)s::regclass)
"""
SCHEMA_OF = """
SELECT quote_ident(nspname) FROM pg_class JOIN pg_namespace ON pg_namespace.oid = relnamespace
 WHERE pg_class.oid = %s::regclass
"""
COLUMNS_OF = """
SELECT array_agg(attname || ' ' || format_type(atttypid, atttypmod) ORDER BY attnum)
  FROM pg_attribute WHERE attrelid = %s::regclass AND attnum > 0 AND NOT attisdropped
"""

Table = type[models.Model]


@dataclass(frozen=True, slots=True)
class Difference:
    """A row that is not what it should be, as {column: value}. None: no such row on that side."""

    table: str
    key: Any
    expected: dict[str, Any] | None
    actual: dict[str, Any] | None


def name(table: Table) -> str:
    return connection.ops.quote_name(table._meta.db_table)


def check_fit(tables: Iterable[Table]) -> None:
    """Raises ValueError for tables that cannot change places: a foreign key follows the old one."""
    for table in tables:
        if keys := _rows(FOREIGN_KEYS, {"table": name(table)}):
            [constraint, owner] = keys[0]
            raise ValueError(
                f"{table._meta.db_table}: expected no foreign keys from or to a read row's table, "
                f"found {constraint} of {owner}; declare it with db_constraint=False"
            )


def create(schema: str, tables: Iterable[Table]) -> None:
    """Make the tables anew, empty, without indexes."""
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE SCHEMA IF NOT EXISTS {schema}")
        for table in tables:
            cursor.execute(f"DROP TABLE IF EXISTS {schema}.{name(table)}")
            cursor.execute(
                f"CREATE TABLE {schema}.{name(table)}"
                f" (LIKE {name(table)} INCLUDING ALL EXCLUDING INDEXES)"
            )


def merge(schema: str, table: Table, fields: Mapping[str, type[Aggregate]]) -> None:
    """Make one row of the parts that have the same key: `fields` say how; the rest is the same in
    all of them. Needs a transaction, and comes before the indexes."""
    meta, quote = table._meta, connection.ops.quote_name
    whole, parts = f"{schema}.{name(table)}", quote(f"{meta.db_table}_parts")
    columns = {field.column: fields.get(field.name) for field in meta.concrete_fields}
    values = [
        f"{merged.function}({quote(one)})" if merged else quote(one)
        for one, merged in columns.items()
    ]
    key = [quote(one) for one, merged in columns.items() if merged is None]
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL transaction_timeout = 0")
        cursor.execute(f"ALTER TABLE {whole} RENAME TO {parts}")
    create(schema, [table])
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {whole} ({', '.join(map(quote, columns))})"  # noqa: S608
            f" SELECT {', '.join(values)} FROM {schema}.{parts} GROUP BY {', '.join(key)}"
        )
        cursor.execute(f"DROP TABLE {schema}.{parts}")


def add_indexes(schema: str, tables: Iterable[Table]) -> None:
    """Give them the live tables' keys, indexes and rights, by the same names."""
    with connection.cursor() as cursor:
        # Sorting a large table takes its time, and holds up nobody.
        cursor.execute("SET LOCAL transaction_timeout = 0")
        for table in tables:
            aside, live = f"{schema}.{name(table)}", name(table)
            home = f"{_schema_of(live)}.{live}"
            for constraint, definition in _rows(PRIMARY_AND_UNIQUE, [live]):
                quoted = connection.ops.quote_name(constraint)
                cursor.execute(f"ALTER TABLE {aside} ADD CONSTRAINT {quoted} {definition}")
            for [definition] in _rows(OTHER_INDEXES, [live]):
                bare = home.replace('"', "")  # PostgreSQL quotes only what it must
                for written in (home, bare):
                    definition = definition.replace(f" ON {written} ", f" ON {aside} ", 1)
                cursor.execute(definition)
            for privilege, grantee in _rows(GRANTS, [live]):
                cursor.execute(f"GRANT {privilege} ON {aside} TO {grantee}")


def drop(schema: str, tables: Iterable[Table]) -> int:
    """Drop those of the tables that are there; how many."""
    there = [table for table in tables if exists(schema, table)]
    with connection.cursor() as cursor:
        for table in there:
            cursor.execute(f"DROP TABLE {schema}.{name(table)}")
    return len(there)


def exists(schema: str, table: Table) -> bool:
    [[found]] = _rows("SELECT to_regclass(%s) IS NOT NULL", [f"{schema}.{name(table)}"])
    return found


def same_shape(schema: str, tables: Iterable[Table]) -> bool:
    """Whether all of the tables are there, with the columns that the live ones have."""
    return all(
        exists(schema, table)
        and _rows(COLUMNS_OF, [f"{schema}.{name(table)}"]) == _rows(COLUMNS_OF, [name(table)])
        for table in tables
    )


def swap(schema: str, tables: Iterable[Table]) -> None:
    """Let the tables take the live ones' place, and keep those in PREVIOUS. Needs a transaction;
    takes each live table's strongest lock, so set a short lock_timeout first."""
    with connection.cursor() as cursor:
        for kept in (LEAVING, PREVIOUS):
            cursor.execute(f"CREATE SCHEMA IF NOT EXISTS {kept}")
        for table in tables:
            home = _schema_of(name(table))
            cursor.execute(f"ALTER TABLE {home}.{name(table)} SET SCHEMA {LEAVING}")
            cursor.execute(f"ALTER TABLE {schema}.{name(table)} SET SCHEMA {home}")
            cursor.execute(f"DROP TABLE IF EXISTS {PREVIOUS}.{name(table)}")
            cursor.execute(f"ALTER TABLE {LEAVING}.{name(table)} SET SCHEMA {PREVIOUS}")


@contextmanager
def looking_into(schema: str) -> Iterator[None]:
    """Within a transaction: unqualified names mean the tables in `schema` where it has them, so
    that whatever works on live rows works on these."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT set_config('search_path', %s || ', ' || current_setting('search_path'), true)",
            [schema],
        )
        yield
        # When the block fails, the transaction is rolled back, and this setting with it.
        cursor.execute(
            "SELECT set_config('search_path',"
            " substr(current_setting('search_path'), length(%s) + 3), true)",
            [schema],
        )


def differences(expected: str, actual: str | None, tables: Iterable[Table]) -> Iterator[Difference]:
    """The rows in which the tables in schema `actual` (None: the live ones) differ from those in
    schema `expected`, compared by the database."""
    for table in tables:
        fields = getattr(table._meta, "pk_fields", None) or [table._meta.pk]
        keys = [connection.ops.quote_name(field.column) for field in fields]
        there = f"{actual}.{name(table)}" if actual else name(table)
        query = (
            f"SELECT {', '.join(keys)}, to_jsonb(expected), to_jsonb(actual)"  # noqa: S608
            f" FROM {expected}.{name(table)} AS expected FULL JOIN {there} AS actual"
            f" USING ({', '.join(keys)})"
            " WHERE to_jsonb(expected) IS DISTINCT FROM to_jsonb(actual)"
            f" ORDER BY {', '.join(keys)}"
        )
        with connection.cursor() as cursor:
            cursor.execute(query)
            for *key, wanted, found in cursor:
                shown = key[0] if len(key) == 1 else tuple(map(str, key))
                yield Difference(table._meta.db_table, shown, _values(wanted), _values(found))


def checksum(tables: Iterable[Table], schema: str | None = None) -> str:
    """A digest of the rows, the same for the same rows in whatever order they lie."""
    digests = []
    for table in tables:
        there = f"{schema}.{name(table)}" if schema else name(table)
        sums = "sum(hashtextextended(row::text, 0)), sum(hashtextextended(row::text, 1))"
        query = f"SELECT md5(concat_ws(' ', count(*), {sums})) FROM {there} AS row"  # noqa: S608
        [[digest]] = _rows(query, [])
        digests.append(digest[:12])
    return "-".join(digests)


def _values(row: str | None) -> dict[str, Any] | None:
    # Django leaves jsonb to its fields, as text.
    return None if row is None else json.loads(row)


def _schema_of(table: str) -> str:
    [[schema]] = _rows(SCHEMA_OF, [table])
    return schema


def _rows(query: str, params: Any) -> list[tuple]:
    with connection.cursor() as cursor:
        cursor.execute(query, params)
        return cursor.fetchall()

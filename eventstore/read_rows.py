"""Loading and saving the rows of a projection, by statements that are made once for each table."""

from collections.abc import Iterable, Iterator, Sequence
from functools import cache, cached_property
from operator import attrgetter
from typing import Any

from django.db import connection, models

from eventstore.statements import Statement, run

MOST_PARAMS = 65_535  # of one statement, says the protocol
# Fields whose values psycopg does not write as they are.
PREPARED = {"JSONField", "ArrayField"}


Table = type[models.Model]


def load(wanted: dict[Table, list[Any]]) -> list[models.Model]:
    """Those rows that there are, of tables and primary keys; by one statement when it is one row
    of each table, else by one a table."""
    if len(wanted) > 1 and all(len(keys) == 1 for keys in wanted.values()):
        sql = _one_of_each(tuple(wanted))
        params = [part for table, [key] in wanted.items() for part in of(table).parts(key)]
        [stored] = run(Statement(sql, params))
        found, start = [], 0
        for table in wanted:
            end = start + len(of(table).fields)
            if stored[of(table).key_column + start] is not None:
                found.append(of(table).instance(stored[start:end]))
            start = end
        return found
    return [
        of(table).instance(stored)
        for table, keys in wanted.items()
        for stored in run(of(table).load(keys))
    ]


@cache
def _one_of_each(tables: tuple[Table, ...]) -> str:
    columns = ", ".join(of(table).in_table for table in tables)
    joined = " ".join(f"LEFT JOIN {of(table).name} ON {of(table).key}" for table in tables)
    return f"SELECT {columns} FROM (SELECT) AS one {joined}"  # noqa: S608


@cache
def of(table: Table) -> "ReadRows":
    return ReadRows(table)


class ReadRows:
    """The statements for one table, and what turns rows into instances and back."""

    def __init__(self, table: Table) -> None:
        self.table = table
        quote = connection.ops.quote_name
        self.fields = table._meta.concrete_fields
        keys = getattr(table._meta, "pk_fields", None) or [table._meta.pk]
        self.composite = len(keys) > 1
        self.key_column = self.fields.index(keys[0])
        columns = ", ".join(quote(field.column) for field in self.fields)
        self.name, self._columns = quote(table._meta.db_table), columns
        self.in_table = ", ".join(f"{self.name}.{quote(field.column)}" for field in self.fields)
        self._keys = ", ".join(quote(field.column) for field in keys)
        self.key = " AND ".join(f"{self.name}.{quote(field.column)} = %s" for field in keys)
        self._row = f"({', '.join(['%s'] * len(self.fields))})"
        others = [quote(field.column) for field in self.fields if field not in keys]
        self._update = ", ".join(f"{column} = excluded.{column}" for column in others)
        self._names = [field.attname for field in self.fields]
        # A getter of one name gives the value itself.
        self._values = attrgetter(*self._names, "pk")
        self._prepared = [
            (place, field)
            for place, field in enumerate(self.fields)
            if field.get_internal_type() in PREPARED
        ]

    @cached_property
    def _converters(self) -> list[tuple[int, Any, list]]:
        found = []
        for place, field in enumerate(self.fields):
            column = field.cached_col
            converters = connection.ops.get_db_converters(column)
            if converters := converters + column.get_db_converters(connection):
                found.append((place, column, converters))
        return found

    def values(self, row: models.Model) -> list[Any]:
        """What is stored of a row, in the order of its columns."""
        values = list(self._values(row))[:-1]
        for place, field in self._prepared:
            values[place] = field.get_db_prep_save(values[place], connection)
        return values

    def instance(self, stored: tuple) -> models.Model:
        if self._converters:
            stored = list(stored)
            for place, column, converters in self._converters:
                for convert in converters:
                    stored[place] = convert(stored[place], column, connection)
        return self.table.from_db(connection.alias, self._names, stored)

    def load(self, keys: list[Any]) -> Statement:
        """The rows with these primary keys, for `instance`."""
        select = f"SELECT {self._columns} FROM {self.name} WHERE"  # noqa: S608
        if len(keys) == 1:
            return Statement(f"{select} {self.key}", self.parts(keys[0]))
        if not self.composite:
            return Statement(f"{select} {self._keys} = ANY(%s)", [keys])
        places = ", ".join([f"({', '.join(['%s'] * len(keys[0]))})"] * len(keys))
        params = [part for key in keys for part in key]
        return Statement(f"{select} ({self._keys}) IN ({places})", params, prepare=False)

    def save(self, rows: list[models.Model]) -> Iterator[Statement]:
        """Insert or replace the rows."""
        for some in self._parts(rows):
            values = [value for row in some for value in self.values(row)]
            sql = (
                f"INSERT INTO {self.name} ({self._columns})"  # noqa: S608
                f" VALUES {', '.join([self._row] * len(some))}"
                f" ON CONFLICT ({self._keys}) DO UPDATE SET {self._update}"
            )
            yield Statement(sql, values, prepare=len(some) == 1)

    def _parts(self, rows: list[models.Model]) -> Iterable[list[models.Model]]:
        most = MOST_PARAMS // len(self.fields)
        return (rows[start : start + most] for start in range(0, len(rows), most))

    def delete(self, keys: Iterable[Any]) -> Iterator[Statement]:
        for key in keys:
            sql = f"DELETE FROM {self.name} WHERE {self.key}"  # noqa: S608
            yield Statement(sql, self.parts(key))

    def parts(self, key: Any) -> Sequence[Any]:
        """The values that a primary key is made of."""
        return key if self.composite else [key]

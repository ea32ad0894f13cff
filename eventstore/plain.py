"""Rows that a replay holds in memory: light objects with the attributes and properties of models.

A model's instance costs many times what folding an event does.
"""

from collections.abc import Callable
from functools import cache
from operator import attrgetter
from typing import Any
from uuid import UUID

import msgspec
from django.db import models

from eventstore.projections import Projection, Rows
from eventstore.quick import defined_by

Table = type[models.Model]
# Where the stream's id is in the key of a row that belongs to one stream: it is the key, or the
# first of two parts.
NOWHERE, ALONE, FIRST = range(3)


class PlainRows(Rows):
    """The rows of whole streams, all in memory: there are no others. `shared` tables hold what
    these streams add to rows that they share with others."""

    def __init__(self, projection: Projection) -> None:
        self._shared = frozenset(projection.shared)
        # By what is left of their keys without the id of the stream that is folded, since that is
        # slow to hash, and in nearly every key.
        self._tables: dict[Table, tuple[dict[Any, Any], int]] = {
            table: ({}, _place(table, projection)) for table in projection.tables
        }
        self._done: dict[Table, list[Any]] = {table: [] for table in projection.tables}
        self._stream: UUID | None = None
        self.new = maker_of(projection.tables)(self._put)

    # They run several times an event: in a replay one call more within them shows.

    def get(self, model: Table, key: Any) -> Any:
        rows, place = self._tables[model]
        if place == ALONE and (key is self._stream or key == self._stream):
            row = rows.get(None)
        else:
            row = self.find(model, key)
        if row is None:
            raise LookupError(f"expected a row {model.__name__} {key}, but it does not exist")
        return row

    def find(self, model: Table, key: Any) -> Any:
        rows, place = self._tables[model]
        if place == FIRST:
            if key[0] is self._stream or key[0] == self._stream:
                key = key[1]
        elif place == ALONE and (key is self._stream or key == self._stream):
            key = None
        return rows.get(key)

    def put(self, row: Any) -> None:
        self._put(row, getattr(row, "model", type(row)))

    def _put(self, row: Any, model: Table) -> None:
        rows, place = self._tables[model]
        key = row.pk
        if place == FIRST:
            if key[0] is self._stream or key[0] == self._stream:
                key = key[1]
        elif place == ALONE and (key is self._stream or key == self._stream):
            key = None
        rows[key] = row

    def remove(self, model: Table, key: Any) -> None:
        if model in self._shared:
            raise ValueError(f"{model.__name__} {key}: expected to keep a row that streams share")
        rows, place = self._tables[model]
        if place == FIRST and key[0] == self._stream:
            key = key[1]
        elif place == ALONE and key == self._stream:
            key = None
        rows.pop(key, None)

    def begin_stream(self, stream_id: UUID) -> None:
        """No fold asks any more for the rows of another stream alone."""
        for table, (rows, _) in self._tables.items():
            if rows and table not in self._shared:
                self._done[table] += rows.values()
                rows.clear()
        self._stream = stream_id

    def of(self, table: Table) -> list[Any]:
        """The rows of a table, of all streams."""
        return [*self._done[table], *self._tables[table][0].values()]


def _place(table: Table, projection: Projection) -> int:
    keys = getattr(table._meta, "pk_fields", None) or [table._meta.pk]
    if table in projection.shared or keys[0].attname != projection.stream:
        return NOWHERE
    return {1: ALONE, 2: FIRST}.get(len(keys), NOWHERE)


@cache
def maker_of(tables: tuple[Table, ...]) -> Callable[[Callable], Callable]:
    """Makes `new(model, *, column=value, ...)`, which makes a row of one of the tables and hands it
    to `put`. It is written out for their columns: a call whose keywords Python has to collect, and
    to pass on, takes many times as long."""
    columns = {table: [one.attname for one in table._meta.concrete_fields] for table in tables}
    names = list(dict.fromkeys(name for those in columns.values() for name in those))
    # Names of columns do not end with an underscore, says Django.
    known = {"LEFT_": msgspec.UNSET, "unexpected_": _unexpected}
    lines = [
        "def maker_(put_):",
        f"    def new_(model_, *, {', '.join(f'{name}=LEFT_' for name in names)}):",
    ]
    for number, table in enumerate(tables):
        known |= {f"table_{number}_": table, f"make_{number}_": plain(table)}
        lines.append(f"        if model_ is table_{number}_:")
        if others := [name for name in names if name not in columns[table]]:
            told = ", ".join(f"{name}={name}" for name in others)
            lines.append(f"            if not ({' is '.join(others)} is LEFT_):")
            lines.append(f"                unexpected_(model_, {told})")
        values = []
        for field in table._meta.concrete_fields:
            name, default = field.attname, f"default_{number}_{field.attname}_"
            called = "()" if _makes_default(field) else ""
            known[default] = field.default if called else field.get_default()
            values.append(f"{default}{called} if {name} is LEFT_ else {name}")
        lines.append(f"            row_ = make_{number}_({', '.join(values)})")
        lines += [f"            put_(row_, table_{number}_)", "            return row_"]
    lines += ["        raise KeyError(model_)", "    return new_"]
    exec("\n".join(lines), known)  # noqa: S102  (nothing in it but names of columns)
    return known["maker_"]


def _unexpected(model_: Table, **values: Any) -> None:
    names = ", ".join(name for name, value in values.items() if value is not msgspec.UNSET)
    raise TypeError(f"{model_.__name__}: expected values of its columns, found {names}")


@cache
def plain(model: Table) -> type:
    """A class with the model's columns as attributes, their defaults, and what the model defines
    itself as properties and methods."""
    columns = [(one.attname, Any, _default(one)) for one in model._meta.concrete_fields]
    key = [one.attname for one in getattr(model._meta, "pk_fields", None) or [model._meta.pk]]
    taken = {name for name, _, _ in columns}
    namespace = {"pk": property(attrgetter(*key)), "model": model}
    namespace |= defined_by(model, models.Model)
    return msgspec.defstruct(
        model.__name__,
        columns,
        namespace={name: value for name, value in namespace.items() if name not in taken},
        array_like=True,  # as copy_in writes them
        eq=False,
        gc=False,
    )


def _default(column: models.Field) -> Any:
    """What a struct has for a column that is not named."""
    if _makes_default(column):
        return msgspec.field(default_factory=column.default)
    return msgspec.field(default=column.get_default())


def _makes_default(column: models.Field) -> bool:
    return column.has_default() and callable(column.default)

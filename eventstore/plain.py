"""Rows that a replay holds in memory: light objects with the attributes and properties of models.

A model's instance costs many times what folding an event does.
"""

from functools import cache
from operator import attrgetter
from typing import Any

import msgspec
from django.db import models

from eventstore.projections import Projection, Rows
from eventstore.quick import defined_by

Table = type[models.Model]


class PlainRows(Rows):
    """The rows of whole streams, all in memory: there are no others. `shared` tables hold what
    these streams add to rows that they share with others."""

    def __init__(self, projection: Projection) -> None:
        self._classes = {table: plain(table) for table in projection.tables}
        self._tables: dict[Table, dict[Any, Any]] = {table: {} for table in projection.tables}
        self._shared = frozenset(projection.shared)
        self._done: dict[Table, list[Any]] = {table: [] for table in projection.tables}

    def get(self, model: Table, key: Any) -> Any:
        row = self._tables[model].get(key)
        if row is None:
            raise LookupError(f"expected a row {model.__name__} {key}, but it does not exist")
        return row

    def find(self, model: Table, key: Any) -> Any:
        return self._tables[model].get(key)

    def new(self, model: Table, **values: Any) -> Any:
        row = self._classes[model](**values)
        self._tables[model][row.pk] = row
        return row

    def put(self, row: Any) -> None:
        self._tables[getattr(row, "model", type(row))][row.pk] = row

    def remove(self, model: Table, key: Any) -> None:
        if model in self._shared:
            raise ValueError(f"{model.__name__} {key}: expected to keep a row that streams share")
        self._tables[model].pop(key, None)

    def end_stream(self) -> None:
        """No fold asks any more for the rows of this stream alone."""
        for table, rows in self._tables.items():
            if rows and table not in self._shared:
                self._done[table] += rows.values()
                rows.clear()

    def of(self, table: Table) -> list[Any]:
        """The rows of a table, of all streams."""
        return [*self._done[table], *self._tables[table].values()]


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
        kw_only=True,
        array_like=True,  # as copy_in writes them
        eq=False,
        gc=False,
    )


def _default(column: models.Field) -> Any:
    if column.has_default() and callable(column.default):
        return msgspec.field(default_factory=column.default)
    return msgspec.field(default=column.get_default())

"""What a projection is, and how inline ones run.

A projection is a pure fold from events to rows, written once. It names the rows that an event
touches; the engine loads them, hands them to the fold, and saves what came of them. *How* is the
engine's business: live rows in the append's own transaction (here), rows in memory (replay).
"""

from collections.abc import Callable, Iterable
from typing import Any

from django.db import models

from eventstore.signals import events_appended
from eventstore.store import RecordedEvent

Key = tuple[type[models.Model], Any]
Touches = Callable[[RecordedEvent], Iterable[Key]]
Fold = Callable[["Rows", RecordedEvent], None]


class Rows:
    """The rows that a fold may see and change: instances of models, by primary key."""

    def __init__(self, found: dict[Key, models.Model | None]) -> None:
        self._rows = found

    def get(self, model: type[models.Model], key: Any) -> models.Model:
        """The row. Raises LookupError when it does not exist or was not named as touched."""
        row = self._rows.get((model, key))
        if row is None:
            why = "does not exist" if (model, key) in self._rows else "was not named by `touches`"
            raise LookupError(f"expected a row {model.__name__} {key}, but it {why}")
        return row

    def find(self, model: type[models.Model], key: Any) -> models.Model | None:
        """The row, or None when it does not exist."""
        return self._rows[model, key]

    def put(self, row: models.Model) -> None:
        self._rows[type(row), row.pk] = row

    def remove(self, model: type[models.Model], key: Any) -> None:
        self._rows[model, key] = None


class Projection:
    """A named read model: its tables, and per event type which rows it touches and how it folds."""

    def __init__(self, name: str, tables: Iterable[type[models.Model]]) -> None:
        self.name, self.tables = name, tuple(tables)
        self._folds: dict[type, tuple[Touches, Fold]] = {}

    def on(self, event: type, *, touches: Touches) -> Callable[[Fold], Fold]:
        """Decorator: `fold(rows, recorded)` handles events of this class. The fold is pure: rows
        and the recorded event in, changed rows out; no clock, no queries, nothing random."""

        def register(fold: Fold) -> Fold:
            if event in self._folds:
                raise ValueError(f"{self.name}: expected one fold of {event.__name__}, found two")
            self._folds[event] = touches, fold
            return fold

        return register

    def touches(self, events: Iterable[RecordedEvent]) -> set[Key]:
        return {
            key
            for recorded in events
            if type(recorded.event) in self._folds
            for key in self._folds[type(recorded.event)][0](recorded)
        }

    def fold(self, rows: Rows, recorded: RecordedEvent) -> None:
        if found := self._folds.get(type(recorded.event)):
            found[1](rows, recorded)


# name -> projection; filled by the apps' AppConfigs.
inline: dict[str, Projection] = {}


def register_inline(*projections: Projection) -> None:
    """Run these in the append's own transaction: their rows are never stale for a reader."""
    for projection in projections:
        if projection.name in inline:
            raise ValueError(f"expected one projection named {projection.name}, found two")
        inline[projection.name] = projection


def run_inline(sender: Any, events: tuple[RecordedEvent, ...], **kwargs: Any) -> None:
    """Receiver of `events_appended`. What it raises rolls the append back."""
    for projection in inline.values():
        apply(projection, events)


def apply(projection: Projection, events: Iterable[RecordedEvent]) -> None:
    """Fold `events` into the live rows: one query a table to load, one or two to save."""
    events = tuple(events)
    keys = projection.touches(events)
    found: dict[Key, models.Model | None] = dict.fromkeys(keys)
    for table in projection.tables:
        wanted = [key for model, key in keys if model is table]
        if wanted:
            found |= {(table, row.pk): row for row in table._base_manager.filter(pk__in=wanted)}
    existed = {key for key, row in found.items() if row is not None}
    for recorded in events:
        projection.fold(Rows(found), recorded)
    for table in projection.tables:
        mine = {key: row for (model, key), row in found.items() if model is table}
        save(table, [row for row in mine.values() if row is not None])
        gone = [key for key, row in mine.items() if row is None and (table, key) in existed]
        if gone:
            table._base_manager.filter(pk__in=gone).delete()


def save(table: type[models.Model], rows: list[models.Model]) -> None:
    """Insert or replace `rows` in one statement."""
    key = [field.name for field in getattr(table._meta, "pk_fields", None) or [table._meta.pk]]
    others = [field.name for field in table._meta.concrete_fields if field.name not in key]
    table._base_manager.bulk_create(
        rows, update_conflicts=True, unique_fields=key, update_fields=others
    )


events_appended.connect(run_inline, dispatch_uid="eventstore.projections.run_inline")

"""What a projection is, and how its rows are loaded and saved.

A projection is a pure fold from events to rows, written once. It names the rows that an event
touches; the engine loads them, hands them to the fold, and saves what came of them. *When* is the
engine's business: in the append's own transaction (inline), behind a checkpoint (asynchronous, see
eventstore.runner), or into tables beside the live ones (eventstore.replay).
"""

import hashlib
import inspect
from collections.abc import Callable, Iterable, Mapping
from functools import cached_property
from types import FunctionType
from typing import Any

from django.db import connection, models
from django.db.models import Aggregate

from eventstore import read_rows
from eventstore.codec import codec
from eventstore.signals import events_appended
from eventstore.statements import Statement, write_together
from eventstore.store import RecordedEvent

Key = tuple[type[models.Model], Any]
Touches = Callable[[RecordedEvent], Iterable[Key]]
Fold = Callable[["Rows", RecordedEvent], None]


class Rows:
    """The rows that a fold may see and change: instances of models, by primary key."""

    def __init__(
        self,
        found: dict[Key, models.Model | None],
        load: Callable[[type[models.Model], Any], models.Model | None] | None = None,
    ) -> None:
        self._rows, self._load = found, load

    def get(self, model: type[models.Model], key: Any) -> models.Model:
        """The row. Raises LookupError when it does not exist or was not named as touched."""
        self._look_for(model, key)
        row = self._rows.get((model, key))
        if row is None:
            why = "does not exist" if (model, key) in self._rows else "was not named by `touches`"
            raise LookupError(f"expected a row {model.__name__} {key}, but it {why}")
        return row

    def find(self, model: type[models.Model], key: Any) -> models.Model | None:
        """The row, or None when it does not exist."""
        self._look_for(model, key)
        return self._rows[model, key]

    def _look_for(self, model: type[models.Model], key: Any) -> None:
        if self._load and (model, key) not in self._rows:
            self._rows[model, key] = self._load(model, key)

    def new(self, model: type[models.Model], **values: Any) -> models.Model:
        """A new row with these values, by the names of the model's attributes (`customer_id`), and
        its defaults for the others. A replay makes a lighter object of it: with the attributes and
        properties of the model, and without what Django adds."""
        row = model(**values)
        self.put(row)
        return row

    def put(self, row: models.Model) -> None:
        self._rows[type(row), row.pk] = row

    def remove(self, model: type[models.Model], key: Any) -> None:
        self._rows[model, key] = None


class Projection:
    """A named read model: its tables, and per event type which rows it touches and how it folds.

    `stream` names the column that holds the stream's id, in each of its tables, when every row
    belongs to one stream. Such a projection may run inline, and is replayed stream by stream;
    without it the whole log is folded in its order.

    `shared` are those of its tables whose rows many streams share and yet are replayed stream by
    stream, with how the parts of a row that single streams make become one: {table: {field: Sum,
    Max or Min}}. What is not named there is the same in all parts. So a fold must change these
    fields by adding and by max() or min() alone, which give the same in any order, must ask for no
    other value of such a row, and must not remove one.
    """

    def __init__(
        self,
        name: str,
        tables: Iterable[type[models.Model]],
        *,
        stream: str | None = None,
        shared: Mapping[type[models.Model], Mapping[str, type[Aggregate]]] | None = None,
    ) -> None:
        self.name, self.tables, self.stream = name, tuple(tables), stream
        self.shared = {table: dict(fields) for table, fields in (shared or {}).items()}
        if self.shared and not stream:
            raise ValueError(f"{name}: expected `stream` beside `shared`, found none")
        self._folds: dict[type, tuple[Touches, Fold]] = {}

    @property
    def of_single_streams(self) -> bool:
        """Whether every row belongs to one stream."""
        return self.stream is not None and not self.shared

    @property
    def types(self) -> list[str]:
        """The stored names of the events that it folds."""
        return sorted(event.__name__ for event in self._folds)

    @cached_property
    def code(self) -> str:
        """A digest of what makes its rows: the folds, what they call in their module, the columns,
        and the upcasts. Rows that were made by other code may be other rows."""
        functions = [function for pair in self._folds.values() for function in pair]
        columns = [
            f"{table._meta.db_table}.{field.column} {field.db_type(connection)}"
            for table in self.tables
            for field in table._meta.concrete_fields
        ]
        columns += [
            f"{table._meta.db_table}.{field} {merged.__name__}"
            for table, fields in self.shared.items()
            for field, merged in fields.items()
        ]
        source = "\n".join(_sources(functions) + columns + codec.upcast_sources())
        return hashlib.sha256(source.encode()).hexdigest()

    def on(self, event: type, *, touches: Touches) -> Callable[[Fold], Fold]:
        """Decorator: `fold(rows, recorded)` handles events of this class. The fold is pure: rows
        and the recorded event in, changed rows out; no clock, no queries, nothing random.

        `touches(recorded)` gives the keys of the rows that it may see, so that they are loaded
        together. A fold that finds out on the way, from other rows, may ask for more, except in a
        projection that runs inline."""

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

    def folds(self) -> dict[str, Fold]:
        """What folds each of `types`."""
        return {event.__name__: fold for event, (_, fold) in self._folds.items()}

    def fold(self, rows: Rows, recorded: RecordedEvent) -> None:
        if found := self._folds.get(type(recorded.event)):
            found[1](rows, recorded)


def _sources(functions: list[FunctionType]) -> list[str]:
    """The sources of the functions, and of those that they call in their own modules."""
    found: dict[FunctionType, str] = {}
    while functions:
        function = functions.pop()
        if function in found:
            continue
        found[function] = inspect.getsource(function)
        called = (function.__globals__.get(name) for name in function.__code__.co_names)
        functions += [
            one
            for one in called
            if isinstance(one, FunctionType) and one.__module__ == function.__module__
        ]
    return sorted(found.values())


# name -> projection; filled by the apps' AppConfigs.
inline: dict[str, Projection] = {}
asynchronous: dict[str, Projection] = {}


def register_inline(*projections: Projection) -> None:
    """Run these in the append's own transaction: their rows are never stale for a reader."""
    _register(inline, projections)


def register_asynchronous(*projections: Projection) -> None:
    """Run these behind a checkpoint, in `manage.py run_projections`: their rows may be shared by
    many streams, which then do not wait for one another."""
    _register(asynchronous, projections)


def _register(kind: dict[str, Projection], projections: Iterable[Projection]) -> None:
    for projection in projections:
        if projection.name in inline | asynchronous:
            raise ValueError(f"expected one projection named {projection.name}, found two")
        kind[projection.name] = projection


def run_inline(sender: Any, events: tuple[RecordedEvent, ...], **kwargs: Any) -> None:
    """Receiver of `events_appended`. What it raises rolls the append back."""
    for projection in inline.values():
        apply(projection, events)


def apply(projection: Projection, events: Iterable[RecordedEvent], *, lazily: bool = False) -> None:
    """Fold `events` into the rows, loaded and saved in a few statements. `lazily`: a fold may see
    rows that it did not name, at a query each."""
    events = tuple(events)
    keys = projection.touches(events)
    found: dict[Key, models.Model | None] = dict.fromkeys(keys)
    existed: set[Key] = set()

    def load(wanted: dict[type[models.Model], list[Any]]) -> None:
        there = {(type(row), row.pk): row for row in read_rows.load(wanted)}
        found.update(there)
        existed.update(there)

    def load_one(table: type[models.Model], key: Any) -> models.Model | None:
        load({table: [key]})
        return found.get((table, key))

    wanted: dict[type[models.Model], list[Any]] = {}
    for table, key in keys:
        wanted.setdefault(table, []).append(key)
    if wanted:
        load(wanted)
    rows = Rows(found, load_one if lazily else None)
    for recorded in events:
        projection.fold(rows, recorded)
    _save(projection, found, existed)


def _save(projection: Projection, found: dict[Key, models.Model | None], existed: set[Key]) -> None:
    statements: list[Statement] = []
    for table in projection.tables:
        mine = {key: row for (model, key), row in found.items() if model is table}
        there = [row for row in mine.values() if row is not None]
        statements += read_rows.of(table).save(there)
        gone = [key for key, row in mine.items() if row is None and (table, key) in existed]
        statements += read_rows.of(table).delete(gone)
    write_together(statements)


events_appended.connect(run_inline, dispatch_uid="eventstore.projections.run_inline")

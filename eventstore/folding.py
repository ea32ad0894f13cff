"""Folding whole streams for several projections at once: each event is read and decoded once."""

from collections.abc import Callable, Collection, Iterable
from uuid import UUID

from eventstore import aside
from eventstore.copying import copy_in
from eventstore.models import Skip
from eventstore.plain import PlainRows
from eventstore.projections import Fold, Projection
from eventstore.reading import read_streams
from eventstore.store import RecordedEvent


class Part:
    """What some streams make of a projection."""

    def __init__(self, projection: Projection, schema: str) -> None:
        self.projection, self.schema = projection, schema
        self.rows, self.skipped = PlainRows(projection), skipped(projection)

    def write(self) -> None:
        """Write the rows into the tables in `schema`; shared ones as parts of what they will be."""
        for table in self.projection.tables:
            copy_in(f"{self.schema}.{aside.name(table)}", table, self.rows.of(table))


def fold_streams(parts: Collection[Part], *, after: UUID | None, until: UUID, upto: int) -> None:
    """Fold the streams with `after` < id <= `until`, up to a position. Needs a transaction. Raises
    UnreadableEvent."""
    targets: dict[str, list[tuple[Fold, PlainRows, set[int]]]] = {}
    for part in parts:
        for type_, fold in part.projection.folds().items():
            targets.setdefault(type_, []).append((fold, part.rows, part.skipped))
    asked = {"after": after, "until": until, "upto": upto, "types": targets}
    current = None
    for stream_id, events in read_streams(**asked, left_out=_left_out(parts)):
        if stream_id != current:
            current = stream_id
            for part in parts:
                part.rows.begin_stream(stream_id)
        for event in events:
            for fold, rows, skips in targets[event.type]:
                if not skips or event.position not in skips:
                    fold(rows, event)


def fold(projection: Projection, events: Iterable[RecordedEvent]) -> PlainRows:
    """The rows that the events of one stream make."""
    rows = PlainRows(projection)
    for recorded in events:
        projection.fold(rows, recorded)
    return rows


def skipped(projection: Projection) -> set[int]:
    """The positions that the projection was told to leave out."""
    return set(Skip.objects.filter(subscription=projection.name).values_list("position", flat=True))


def _left_out(parts: Collection[Part]) -> Callable[[int, str], bool] | None:
    """Whether an event, by its position and type, is left out by all that would have it. Of a type
    that this code does not know, that is each of them: who skips it may not be able to read it."""
    if not any(part.skipped for part in parts):
        return None
    known = {type_ for part in parts for type_ in part.projection.types}

    def left_out(position: int, type_: str) -> bool:
        return all(
            position in part.skipped
            for part in parts
            if type_ not in known or type_ in part.projection.types
        )

    return left_out

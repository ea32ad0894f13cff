"""Finding events in the whole log by what they are, in the order in which they were recorded.

No answer walks along events that are not wanted. For each kind of event (type and source) that is
stored, an index has its events in that order, and another one those of each actor; the kinds are
few, so what is wanted is read from each of them and merged. Everything else that may be asked for
(a stream, a command, a correlation id) names few events.

Ordered by time and not by position, since only then a range of dates is a part of an index: clocks
are set, and logs are merged. A position settles what was recorded in the same microsecond.
"""

import heapq
from collections.abc import Iterator
from dataclasses import dataclass, fields, replace
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from django.db import connection

# As the indexes have them.
ACTOR, SOURCE, CORRELATION = (
    f"COALESCE(metadata ->> '{name}', '')" for name in ("actor", "source", "correlation_id")
)
CHUNK = 500  # rows that `walk` reads at once

# A loose index scan: a jump from each kind to the next, whatever the size of the log.
KINDS = f"""
WITH RECURSIVE kind AS (
    (SELECT type, {SOURCE} AS source FROM eventstore_event ORDER BY 1, 2 LIMIT 1)
    UNION ALL
    SELECT following.* FROM kind, LATERAL (
        SELECT type, {SOURCE} FROM eventstore_event
         WHERE (type, {SOURCE}) > (kind.type, kind.source)
         ORDER BY 1, 2 LIMIT 1) AS following
)
SELECT type, source FROM kind
"""  # noqa: S608  (constants)


class Kind(NamedTuple):
    type: str
    source: str


class Place(NamedTuple):
    """Where an event stands in the order."""

    recorded_at: datetime
    position: int


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which events; None: not narrowed by that. `actor` is an id as text, "" the shop itself.
    `since` <= recorded_at < `before`. `nothing`: two demands contradict one another."""

    types: frozenset[str] | None = None
    sources: frozenset[str] | None = None
    streams: frozenset[UUID] | None = None
    actor: str | None = None
    correlation_id: str | None = None
    command_id: UUID | None = None
    position: int | None = None
    since: datetime | None = None
    before: datetime | None = None
    nothing: bool = False

    def narrowed(self, **more: Any) -> "Wanted":
        """What is wanted by both."""
        changes: dict[str, Any] = {}
        for name, value in more.items():
            had = getattr(self, name)
            if had is None or value == had:
                changes[name] = value
            elif isinstance(had, frozenset):
                changes[name] = had & value
            else:
                changes["nothing"] = True
        return replace(self, **changes)

    def __str__(self) -> str:
        asked = {field.name: getattr(self, field.name) for field in fields(self)}
        return "; ".join(
            f"{name} {', '.join(sorted(map(str, value)))}"
            if isinstance(value, frozenset)
            else f"{name} {value}"
            for name, value in asked.items()
            if value is not None and value is not False
        )


def kinds() -> list[Kind]:
    """The kinds of events that are stored. Costs one query."""
    with connection.cursor() as cursor:
        cursor.execute(KINDS)
        return [Kind(*row) for row in cursor.fetchall()]


def find(
    wanted: Wanted, *, beyond: Place | None = None, upwards: bool = False, limit: int
) -> list[int]:
    """The positions of at most `limit` events, newest first (`upwards`: oldest first), after the
    place `beyond` in that order. Costs at most two queries."""
    if wanted.nothing:
        return []
    if narrow := _narrow(wanted):
        query = _query("position", [narrow], _others(wanted), wanted, beyond, upwards, limit)
    else:
        query = _merged(_kinds_of(wanted), wanted, beyond, upwards, limit)
    return [position for [position] in _rows(*query)]


def walk(wanted: Wanted, columns: str, *, upto: int) -> Iterator[tuple]:
    """`columns` of all events that are wanted with position <= `upto`, oldest first, each row
    after its place. Reads in chunks, each in a statement of its own, and keeps no more."""
    if wanted.nothing:
        return iter(())
    if narrow := _narrow(wanted):
        return _walk([narrow], _others(wanted), wanted, columns, upto)
    parts = [_walk(_of_kind(kind, wanted), [], wanted, columns, upto) for kind in _kinds_of(wanted)]
    return heapq.merge(*parts, key=lambda row: row[:2])


# --- SQL --------------------------------------------------------------------------------------

Condition = tuple[str, Any]


def _narrow(wanted: Wanted) -> Condition | None:
    """The one condition that leaves few events, when there is one."""
    for value, condition in (
        (wanted.position, "position = %s"),
        (wanted.command_id, "command_id = %s"),
        (wanted.streams, "stream_id = ANY(%s)"),
        (wanted.correlation_id, f"{CORRELATION} = %s"),
    ):
        if value is not None:
            return condition, list(value) if isinstance(value, frozenset) else value
    return None


def _others(wanted: Wanted) -> list[Condition]:
    return [
        (condition, list(value) if isinstance(value, frozenset) else value)
        for value, condition in (
            (wanted.types, "type = ANY(%s)"),
            (wanted.sources, "source = ANY(%s)"),
            (wanted.actor, "actor = %s"),
            (wanted.streams, "stream_id = ANY(%s)"),
            (wanted.command_id, "command_id = %s"),
            (wanted.correlation_id, "correlation_id = %s"),
        )
        if value is not None
    ]


def _kinds_of(wanted: Wanted) -> list[Kind]:
    return [
        kind
        for kind in kinds()
        if (wanted.types is None or kind.type in wanted.types)
        and (wanted.sources is None or kind.source in wanted.sources)
    ]


def _of_kind(kind: Kind, wanted: Wanted) -> list[Condition]:
    return [
        ("type = %s", kind.type),
        (f"{SOURCE} = %s", kind.source),
        *([(f"{ACTOR} = %s", wanted.actor)] if wanted.actor is not None else []),
    ]


def _range(wanted: Wanted, beyond: Place | None, upwards: bool) -> list[Condition]:
    conditions: list[Condition] = []
    # Not both ends on one side: PostgreSQL may begin at the farther one.
    passed = beyond.recorded_at if beyond else None
    if wanted.since and not (upwards and passed and passed >= wanted.since):
        conditions.append(("recorded_at >= %s", wanted.since))
    if wanted.before and not (not upwards and passed and passed < wanted.before):
        conditions.append(("recorded_at < %s", wanted.before))
    if beyond:
        than = ">" if upwards else "<"
        conditions.append((f"(recorded_at, position) {than} (%s, %s)", tuple(beyond)))
    return conditions


def _where(conditions: list[Condition]) -> tuple[str, list]:
    params: list = []
    for _, value in conditions:
        params += value if isinstance(value, tuple) else [value]
    return " AND ".join(condition for condition, _ in conditions) or "true", params


def _order(upwards: bool) -> str:
    return "recorded_at, position" if upwards else "recorded_at DESC, position DESC"


def _query(
    columns: str,
    narrow: list[Condition],
    others: list[Condition],
    wanted: Wanted,
    beyond: Place | None,
    upwards: bool,
    limit: int,
) -> tuple[str, list]:
    inner, params = _where(narrow + _range(wanted, beyond, upwards))
    outer, more = _where(others)
    # OFFSET 0: the few are looked for first, whatever else the planner hopes for.
    query = (
        f"SELECT {columns} FROM (SELECT *, {ACTOR} AS actor, {SOURCE} AS source,"  # noqa: S608
        f" {CORRELATION} AS correlation_id FROM eventstore_event"
        f" WHERE {inner} ORDER BY {_order(upwards)} OFFSET 0) AS event"
        f" WHERE {outer} ORDER BY {_order(upwards)} LIMIT %s"
    )
    return query, [*params, *more, limit]


def _merged(
    found: list[Kind], wanted: Wanted, beyond: Place | None, upwards: bool, limit: int
) -> tuple[str, list]:
    conditions = [] if wanted.actor is None else [(f"{ACTOR} = %s", wanted.actor)]
    where, params = _where(conditions + _range(wanted, beyond, upwards))
    order = _order(upwards)
    query = f"""
        SELECT position FROM unnest(%s::text[], %s::text[]) AS kind (type, source), LATERAL (
            SELECT recorded_at, position FROM eventstore_event
             WHERE type = kind.type AND {SOURCE} = kind.source AND {where}
             ORDER BY {order} LIMIT %s) AS event
         ORDER BY {order} LIMIT %s
    """  # noqa: S608
    types, sources = [kind.type for kind in found], [kind.source for kind in found]
    return query, [types, sources, *params, limit, limit]


def _walk(
    narrow: list[Condition], others: list[Condition], wanted: Wanted, columns: str, upto: int
) -> Iterator[tuple]:
    beyond = None
    others = [*others, ("position <= %s", upto)]
    chosen = f"recorded_at, position, {columns}"
    while True:
        rows = _rows(*_query(chosen, narrow, others, wanted, beyond, True, CHUNK))
        yield from rows
        if len(rows) < CHUNK:
            return
        beyond = Place(*rows[-1][:2])


def _rows(query: str, params: list) -> list[tuple]:
    with connection.cursor() as cursor:
        cursor.execute(query, params)
        return cursor.fetchall()

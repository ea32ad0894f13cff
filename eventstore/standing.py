"""How each projection and reactor stands to the log: for people."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from django.db import connection
from django.db.models import Count, Model, Q, Sum
from django.utils import timezone

from eventstore import pace
from eventstore.aside import PREVIOUS, SHADOW
from eventstore.models import Build, Checkpoint, Skip
from eventstore.projections import asynchronous, inline
from eventstore.reactors import reactors
from eventstore.runner import RUNNERS
from eventstore.subscriptions import WANTED, wanted

COUNTED = 10_000  # events of the log that are looked through at the most

BEHIND = f"""
SELECT count(*) FILTER (WHERE {WANTED}), count(*) = %(limit)s,
       coalesce(min(recorded_at) FILTER (WHERE {WANTED}),
                CASE WHEN count(*) = %(limit)s THEN min(recorded_at) END)
  FROM (SELECT type, recorded_at FROM eventstore_event
         WHERE position > %(after)s ORDER BY position LIMIT %(limit)s) AS waiting
"""  # noqa: S608  (constants)
WORKING = """
SELECT pid, backend_start FROM pg_locks JOIN pg_stat_activity USING (pid)
 WHERE locktype = 'advisory' AND classid = 0 AND objid = %s AND objsubid = 1 AND granted
   AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
"""
SIZES = """
SELECT relname, CASE WHEN reltuples < 0 THEN NULL ELSE reltuples::bigint END
  FROM pg_class JOIN unnest(%s::text[]) AS named ON oid = to_regclass(quote_ident(named))
"""


@dataclass(frozen=True, slots=True)
class Standing:
    """`events`: how many wait among the next COUNTED of the log, and `more`: the log goes on after
    those. `seconds`: for how long the first one waits, or the first of the log when `more`.
    `rate`: events a second that it handled lately, or None for an inline projection, whose rows are
    written with the events. `types`: the stored names of the events that it handles.
    `code`: "current", "stale" (its rows were made by other code), "unknown", or "" for a reactor.
    `building`: percent of an unfinished replay. `previous`: a replay's old tables are kept."""

    checkpoint: Checkpoint
    types: list[str]
    events: int
    more: bool
    seconds: float
    rate: float | None
    code: str
    building: int | None
    previous: bool
    skipped: int

    @property
    def is_behind(self) -> bool:
        return self.more or self.events > 0

    @property
    def state(self) -> str:
        if self.checkpoint.failing_position is not None:
            return f"fails at {self.checkpoint.failing_position}"
        if self.building is not None:
            return f"replay unfinished, {self.building} %"
        return "behind" if self.is_behind else "up to date"


class Follower(NamedTuple):
    """A registered projection or reactor; `code` is None for a reactor."""

    name: str
    types: list[str]
    code: str | None
    inline: bool


def followers() -> list[Follower]:
    """All that are registered, in the order of their kinds."""
    return [
        *(Follower(one.name, one.types, one.code, True) for one in inline.values()),
        *(Follower(one.name, one.types, one.code, False) for one in asynchronous.values()),
        *(Follower(one.name, one.types, None, False) for one in reactors.values()),
    ]


def standings() -> list[Standing]:
    """Those of all that are registered and have a checkpoint: a query each, and four for all."""
    registered = followers()
    checkpoints = Checkpoint.objects.in_bulk([one.name for one in registered])
    left = Sum("slices__events", filter=Q(slices__done=True))
    builds = {
        (build.projection, build.schema): build
        for build in Build.objects.annotate(total=Sum("slices__events"), handled=left)
    }
    skips = dict(Skip.objects.values_list("subscription").annotate(Count("pk")))
    now = timezone.now()
    return [
        _standing(one, checkpoints[one.name], builds, skips.get(one.name, 0), now)
        for one in registered
        if one.name in checkpoints
    ]


def _standing(
    follower: Follower,
    checkpoint: Checkpoint,
    builds: dict[tuple[str, str], Build],
    skipped: int,
    now: datetime,
) -> Standing:
    # Inline rows are written with their events: they cannot be behind.
    behind = (0, False, None)
    if not follower.inline:
        behind = _behind(checkpoint.position, follower.types)
    events, more, since = behind
    building = builds.get((follower.name, SHADOW))
    return Standing(
        checkpoint=checkpoint,
        types=follower.types,
        events=events,
        more=more,
        seconds=max(0.0, (now - since).total_seconds()) if since else 0.0,
        rate=None if follower.inline else pace.rate(checkpoint, now),
        code=_code(checkpoint.code, follower.code),
        building=building and 100 * (building.handled or 0) // (building.total or 1),
        previous=(follower.name, PREVIOUS) in builds,
        skipped=skipped,
    )


def _behind(position: int, types: list[str]) -> tuple[int, bool, datetime | None]:
    with connection.cursor() as cursor:
        asked = {"after": position, "limit": COUNTED}
        cursor.execute(BEHIND, asked | wanted(types))
        return cursor.fetchone()


def _code(made: str, now: str | None) -> str:
    if now is None:
        return ""
    return "unknown" if not made else "current" if made == now else "stale"


class Working(NamedTuple):
    """The session of the runner that works."""

    pid: int
    since: datetime


def working() -> Working | None:
    """Who follows the log at this moment; None: nobody, and all but inline projections stand."""
    with connection.cursor() as cursor:
        cursor.execute(WORKING, [RUNNERS])
        row = cursor.fetchone()
    return Working(*row) if row else None


def sizes(tables: Iterable[type[Model]]) -> dict[str, int | None]:
    """About how many rows each table has, as the planner believes; None: it does not know yet."""
    names = [table._meta.db_table for table in tables]
    with connection.cursor() as cursor:
        cursor.execute(SIZES, [names])
        return dict.fromkeys(names) | dict(cursor.fetchall())

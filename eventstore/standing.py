"""How each projection and reactor stands to the log: for people."""

from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from django.db import connection
from django.utils import timezone

from eventstore.aside import PREVIOUS, SHADOW
from eventstore.models import Build, Checkpoint, Skip
from eventstore.projections import asynchronous, inline
from eventstore.reactors import reactors
from eventstore.subscriptions import WANTED, wanted

COUNTED = 10_000  # events that are counted at the most

BEHIND = f"""
SELECT count(*), min(recorded_at) FROM (
    SELECT recorded_at FROM eventstore_event
     WHERE position > %(after)s AND {WANTED} ORDER BY position LIMIT %(limit)s) AS waiting
"""  # noqa: S608  (constants)


@dataclass(frozen=True, slots=True)
class Standing:
    """`events`: how many wait, counted up to COUNTED; `seconds`: for how long the first one does.
    `code`: "current", "stale" (its rows were made by other code), "unknown", or "" for a reactor.
    `building`: percent of an unfinished replay. `previous`: a replay's old tables are kept."""

    checkpoint: Checkpoint
    events: int
    seconds: float
    code: str
    building: int | None
    previous: bool
    skipped: int

    @property
    def state(self) -> str:
        if self.checkpoint.failing_position is not None:
            return f"fails at {self.checkpoint.failing_position}"
        if self.building is not None:
            return f"replay unfinished, {self.building} %"
        return "behind" if self.events else "up to date"


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
    return [_standing(follower) for follower in followers()]


def standing_of(name: str) -> Standing:
    """Raises StopIteration for a name that is not registered."""
    return _standing(next(one for one in followers() if one.name == name))


def _standing(follower: Follower) -> Standing:
    name = follower.name
    checkpoint = Checkpoint.objects.get(pk=name)
    # Inline rows are written with their events: they cannot be behind.
    behind = (0, None) if follower.inline else _behind(checkpoint.position, follower.types)
    events, since = behind
    building = Build.objects.filter(projection=name, schema=SHADOW).first()
    return Standing(
        checkpoint=checkpoint,
        events=events,
        seconds=(timezone.now() - since).total_seconds() if since else 0.0,
        code=_code(checkpoint.code, follower.code),
        building=building and _percent(building),
        previous=Build.objects.filter(projection=name, schema=PREVIOUS).exists(),
        skipped=Skip.objects.filter(subscription=name).count(),
    )


def _behind(position: int, types: list[str]) -> tuple[int, datetime | None]:
    with connection.cursor() as cursor:
        asked = {"after": position, "limit": COUNTED}
        cursor.execute(BEHIND, asked | wanted(types))
        return cursor.fetchone()


def _code(made: str, now: str | None) -> str:
    if now is None:
        return ""
    return "unknown" if not made else "current" if made == now else "stale"


def _percent(building: Build) -> int:
    slices = list(building.slices.values_list("events", "done"))
    total = sum(events for events, _ in slices)
    return 100 * sum(events for events, done in slices if done) // total if total else 0

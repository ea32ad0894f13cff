"""Runs asynchronous projections and reactors: each behind a checkpoint of its own.

A batch of events, the rows they make and the checkpoint that moves past them are one transaction,
so that each event is folded exactly once. One that fails stops its projection alone, keeps its
place, and is tried again, later each time. Several runners may be started: one works, and another
takes over when its connection is gone.
"""

import logging
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from django.db import Error, connection, transaction
from django.db.models.functions import Now
from django.utils import timezone

from eventstore import errands, housekeeping, jobs, pace, refusals, stalls, store
from eventstore.checkpoints import WELL, check_place, ensure_checkpoints, last_event
from eventstore.models import Checkpoint, Skip
from eventstore.projections import apply, asynchronous
from eventstore.reactors import reactors
from eventstore.store import RecordedEvent
from eventstore.subscriptions import Stalled, read_rows, settled

logger = logging.getLogger(__name__)

BATCH = 500  # events a transaction
LOOK = 0.25  # seconds between two looks at the log
TIDY = 3600.0  # seconds between two rounds of housekeeping
TAKE_OVER = 1.0  # seconds between two tries to become the one that works
FIRST_PAUSE, LONGEST_PAUSE = 1, 300  # seconds before a failed event is tried again
RUNNERS = 0x7A4E  # the advisory lock of the one that works

# A mail server may take longer than a command; the checkpoint must still move after it.
REACTING = """
SELECT set_config('idle_in_transaction_session_timeout', '5min', true),
       set_config('transaction_timeout', '5min', true)
"""


@dataclass(frozen=True)
class Subscription:
    """Something that follows the log. `handle` is given events of `types`, in order."""

    name: str
    kind: str
    types: list[str]
    handle: Callable[[list[RecordedEvent]], None]
    batch: int


def subscriptions() -> list[Subscription]:
    """All that are registered."""

    def folding(projection):
        return lambda events: apply(projection, events, lazily=True)

    def reacting(reactor):
        def react(events):
            if events:
                connection.cursor().execute(REACTING)
            for recorded in events:
                reactor.react(recorded)

        return react

    return [
        *(
            Subscription(name, "asynchronous", projection.types, folding(projection), BATCH)
            for name, projection in asynchronous.items()
        ),
        # One at a time: a crash repeats no more than the reaction that it interrupted.
        *(
            Subscription(name, "reactor", reactor.types, reacting(reactor), 1)
            for name, reactor in reactors.items()
        ),
    ]


def _in_their_places() -> list[Subscription]:
    """All of them, each with a checkpoint that belongs to this log. Raises LogRewound."""
    ensure_checkpoints()
    following = subscriptions()
    for subscription in following:
        check_place(Checkpoint.objects.get(pk=subscription.name))
    return following


def advance(subscription: Subscription, upto: int, *, at_most: int | None = None) -> bool:
    """Handle one batch of events up to a settled position. Whether there may be more.

    An event that fails is found, noted at the checkpoint, and not raised.
    """
    limit = at_most or subscription.batch
    position = None
    try:
        with transaction.atomic(durable=True):
            checkpoint = Checkpoint.objects.select_for_update().get(pk=subscription.name)
            if checkpoint.position >= upto or _waits(checkpoint):
                return False
            rows = read_rows(
                after=checkpoint.position, upto=upto, types=subscription.types, limit=limit
            )
            position = rows[0][0] if rows else None
            skipped = set(
                Skip.objects.filter(
                    subscription=subscription.name, position__in=[row[0] for row in rows]
                ).values_list("position", flat=True)
            )
            subscription.handle(list(store.recorded(r for r in rows if r[0] not in skipped)))
            full = len(rows) == limit
            moved = rows[-1][0] if full else upto
            _move(checkpoint, moved, events=len(rows))
    except Error:
        if not _is_ours(position):
            raise
        return _isolate(subscription, upto, limit, position)
    except Exception:
        if position is None:
            raise
        return _isolate(subscription, upto, limit, position)
    if rows:
        told = {"projection": subscription.name, "position": moved, "events": len(rows)}
        logger.info("%s is at %s", subscription.name, moved, extra=told)
    return full


def _is_ours(position: int | None) -> bool:
    """Whether a database error came of handling an event, and not of a database that is away."""
    return position is not None and connection.is_usable()


def _waits(checkpoint: Checkpoint) -> bool:
    return checkpoint.retry_at is not None and checkpoint.retry_at > timezone.now()


def _move(checkpoint: Checkpoint, position: int, *, events: int) -> None:
    moved = Checkpoint.objects.filter(pk=checkpoint.pk, position=checkpoint.position).update(
        position=position,
        last_event=last_event(position),
        moved_at=Now(),
        **pace.counted(checkpoint, events, timezone.now()),
        **WELL,
    )
    if moved != 1:
        raise RuntimeError(f"{checkpoint.name}: expected to be at {checkpoint.position}")


def _isolate(subscription: Subscription, upto: int, limit: int, position: int) -> bool:
    """After a batch failed: handle its events one by one, up to the one that fails."""
    if limit > 1:
        more = True
        for _ in range(limit):
            more = advance(subscription, upto, at_most=1)
            if not more:
                break
        return more
    _note_failure(subscription.name, position)
    return False


def _note_failure(name: str, position: int) -> None:
    error = sys.exception()
    checkpoint = Checkpoint.objects.get(pk=name)
    again = checkpoint.failing_position == position
    attempts = checkpoint.attempts + 1 if again else 1
    pause = min(FIRST_PAUSE * 2 ** min(attempts - 1, 20), LONGEST_PAUSE)
    Checkpoint.objects.filter(pk=name).update(
        failing_position=position,
        error=f"{type(error).__name__}: {error}",
        attempts=attempts,
        retry_at=timezone.now() + timedelta(seconds=pause),
    )
    # What the error says is kept at the checkpoint only: a mail server names people's addresses.
    logger.error(
        "%s stops at event %s (attempt %s, again in %s s): %s",
        name,
        position,
        attempts,
        pause,
        type(error).__name__,
        extra={"projection": name, "position": position, "attempts": attempts},
    )


class Runner:
    """Follows the log until it is stopped, and works off the jobs that admins asked for. `stop` is
    the event that ends it."""

    def __init__(self, stop: threading.Event | None = None) -> None:
        self.stop = stop or threading.Event()
        self.works = False

    def run(self) -> None:
        """Work, or wait to take over. Raises LogRewound."""
        while not self.stop.is_set():
            try:
                if self._takes_over():
                    self.works = True
                    self._follow()
                else:
                    self.stop.wait(TAKE_OVER)
            except Error as error:
                logger.warning(
                    "Projections wait for the database: %s", " ".join(f"{error}".split())
                )
                self.stop.wait(TAKE_OVER)
            finally:
                self.works = False
                connection.close()

    def catch_up(self) -> None:
        """Handle what is in the log now, and return. Raises LogRewound, and Stalled."""
        following = _in_their_places()
        upto = settled()
        for subscription in following:
            while advance(subscription, upto):
                pass
        while refusals.purge():
            pass
        housekeeping.tidy()
        errands.run()

    def _takes_over(self) -> bool:
        # Held by this connection: whoever loses it works no more.
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_try_advisory_lock(%s)", [RUNNERS])
            return cursor.fetchone()[0]

    def _follow(self) -> None:
        following = _in_their_places()
        tidy_at = 0.0
        with jobs.worked_off(self.stop), errands.beside(self.stop):
            while not self.stop.is_set():
                began = time.monotonic()
                if began >= tidy_at:
                    housekeeping.tidy()
                    # A batch between two looks at the log: neither waits for the other.
                    tidy_at = began + (0.0 if refusals.purge() else TIDY)
                try:
                    upto = settled()
                except Stalled as stalled:
                    logger.warning("%s", stalled)
                    stalls.note(stalled)
                    continue
                # One look at all of them: most of the time nothing has happened.
                behind = set(
                    Checkpoint.objects.filter(position__lt=upto).values_list("name", flat=True)
                )
                for subscription in following:
                    more = subscription.name in behind
                    while more and not self.stop.is_set():
                        more = advance(subscription, upto)
                self.stop.wait(max(0.0, LOOK - (time.monotonic() - began)))

"""Work on projections that admins ask for in a page, done outside of it.

A job is a row. Whoever runs the projections works jobs off, one after the other, in a thread with a
connection of its own, so that the log is followed meanwhile. An advisory lock that the worker holds
tells a job that is running from one whose worker is gone: that one is shown as interrupted, and
goes on only when somebody says so, since it may be what killed the worker.
"""

import logging
import sys
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from enum import StrEnum
from itertools import islice
from typing import Any

from django.db import Error, IntegrityError, connection, transaction
from django.db.models import F
from django.db.models.functions import Now
from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from eventstore import build, replay
from eventstore.codec import UnreadableEvent
from eventstore.models import Job
from eventstore.projections import Projection, asynchronous, inline
from eventstore.replay import Busy
from eventstore.subscriptions import Stalled

logger = logging.getLogger(__name__)

LOOK = 0.5  # seconds between two looks for a job
TIME_TO_STOP = 2.0  # seconds that a worker has to put its job back
JOBS = 0x7A50  # the family of advisory locks, one a job
SHOWN = 20  # differing rows that are kept

HELD = """
SELECT objid::bigint FROM pg_locks
 WHERE locktype = 'advisory' AND classid = %s AND objsubid = 2 AND granted
   AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
"""


class Outcome(StrEnum):
    DONE = "done"
    DIFFERS = "differs"  # a verification found rows that are not what the log says
    FAILED = "failed"
    WITHDRAWN = "withdrawn"


class State(StrEnum):
    WAITING = "waiting"
    RUNNING = "running"
    INTERRUPTED = "interrupted"
    FINISHED = "finished"


class Stopped(Exception):
    """Whoever works the job off is told to stop."""


def ask(projection: str, what: str, *, by: int) -> Job:
    """Ask for work of WORK on a projection. Raises Busy while other work on it is not finished,
    LookupError for a projection that is not registered, and for work that is unknown."""
    if projection not in inline | asynchronous:
        raise LookupError(f"expected the name of a projection, found {projection}")
    if what not in WORK:
        raise LookupError(f"expected one of {', '.join(WORK)}, found {what}")
    try:
        with transaction.atomic():
            return Job.objects.create(projection=projection, what=what, asked_by=by)
    except IntegrityError:
        raise Busy(
            _("%(projection)s: other work on it is not finished yet") % {"projection": projection}
        ) from None


def go_on(job_id: int, *, by: int) -> bool:
    """Let an interrupted job wait for a worker again. Whether it was interrupted."""
    return _change_idle(job_id, started_at=None, asked_by=by)


def withdraw(job_id: int) -> bool:
    """Take a job back that waits or was interrupted. Whether it was so."""
    return _change_idle(job_id, finished_at=Now(), outcome=Outcome.WITHDRAWN)


def _change_idle(job_id: int, **columns: Any) -> bool:
    # Its lock is what a worker takes first: who has it knows that nobody works on the job.
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s, %s)", [JOBS, job_id])
        [idle] = cursor.fetchone()
        open_ = Job.objects.filter(pk=job_id, finished_at=None)
        return idle and open_.update(**columns) == 1


def states_of(jobs: Iterable[Job]) -> dict[int, State]:
    """How jobs stand, by their ids: at most one query."""
    begun = [job for job in jobs if job.started_at and not job.finished_at]
    held: set[int] = set()
    if begun:
        with connection.cursor() as cursor:
            cursor.execute(HELD, [JOBS])
            held = {job_id for [job_id] in cursor.fetchall()}

    def state(job: Job) -> State:
        if job.finished_at:
            return State.FINISHED
        if not job.started_at:
            return State.WAITING
        return State.RUNNING if job.pk in held else State.INTERRUPTED

    return {job.pk: state(job) for job in jobs}


# --- Working off ----------------------------------------------------------------------------------


@contextmanager
def worked_off(stop: threading.Event) -> Iterator[None]:
    """Within the block, jobs are worked off in a thread. `stop` ends it too."""
    enough = threading.Event()

    def stopping() -> bool:
        return stop.is_set() or enough.is_set()

    thread = threading.Thread(target=_work, args=[stopping, enough], daemon=True, name="jobs")
    thread.start()
    try:
        yield
    finally:
        enough.set()
        thread.join(TIME_TO_STOP)


def _work(stopping: Callable[[], bool], pause: threading.Event) -> None:
    try:
        while not stopping():
            try:
                while not stopping() and work_off_one(stopping):
                    pass
            except Error as error:
                logger.warning("Jobs wait for the database: %s", " ".join(f"{error}".split()))
                connection.close()
            pause.wait(LOOK)
    finally:
        connection.close()


def work_off_one(stopping: Callable[[], bool] = lambda: False) -> bool:
    """Do the job that waits longest. Whether there was one."""
    waiting = Job.objects.filter(started_at=None, finished_at=None)
    job = waiting.order_by("asked_at").first()
    if job is None:
        return False
    with _lock(job.pk) as mine:
        if mine and waiting.filter(pk=job.pk).update(started_at=Now(), done=0, total=0):
            _do(job, stopping)
    return True


@contextmanager
def _lock(job_id: int) -> Iterator[bool]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s, %s)", [JOBS, job_id])
        [mine] = cursor.fetchone()
        try:
            yield mine
        finally:
            if mine and connection.connection and not connection.connection.closed:
                cursor.execute("SELECT pg_advisory_unlock(%s, %s)", [JOBS, job_id])


def _do(job: Job, stopping: Callable[[], bool]) -> None:
    rows = Job.objects.filter(pk=job.pk)

    def progress(done: int, total: int) -> None:
        rows.update(done=F("done") + done, total=total)
        if stopping():
            raise Stopped

    try:
        told = WORK[job.what]((inline | asynchronous)[job.projection], progress)
    except Error:
        # Away in the middle of it: the job is interrupted, and says so by itself.
        if not connection.is_usable():
            raise
        told = _failure(job)
    except (Busy, Stalled, UnreadableEvent, LookupError, ValueError) as error:
        told = {"outcome": Outcome.FAILED, "words": f"{error}"}
    except BaseException:
        # The processes that help are told to stop too, and may fail of that first.
        if stopping():
            rows.update(started_at=None)
            return
        told = _failure(job)
    rows.update(finished_at=Now(), **told)


def _failure(job: Job) -> dict[str, Any]:
    """What to say of an error that nobody expected."""
    error = sys.exception()
    logger.error("%s failed", job, exc_info=error)
    return {"outcome": Outcome.FAILED, "words": f"{type(error).__name__}: {error}"}


# --- The work -------------------------------------------------------------------------------------


def _replay(projection: Projection, progress: build.Progress) -> dict[str, Any]:
    done = replay.replay(projection, progress=progress)
    return _told("replay", Outcome.DONE, resumed=done.resumed, waited=_waited(done))


def _verify(projection: Projection, progress: build.Progress) -> dict[str, Any]:
    differences = replay.verify(projection, progress=progress)
    rows = [asdict(one) | {"key": f"{one.key}"} for one in islice(differences, SHOWN)]
    count = len(rows) + sum(1 for _ in differences)
    if not count:
        return _told("verify", Outcome.DONE, rows=0)
    found = {"count": count, "rows": rows}
    return _told("verify", Outcome.DIFFERS, rows=count) | {"found": found}


def _rollback(projection: Projection, progress: build.Progress) -> dict[str, Any]:
    done = replay.rollback(projection)
    return _told("rollback", Outcome.DONE, waited=_waited(done))


def _drop_previous(projection: Projection, progress: build.Progress) -> dict[str, Any]:
    return _told("drop", Outcome.DONE, tables=replay.drop_previous(projection))


def _waited(done: replay.Replayed) -> int:
    return round(done.blocked * 1000)


def _told(what: str, outcome: Outcome, **result: int) -> dict[str, Any]:
    return {"outcome": outcome, "result": result, "words": words_of(what, result)}


def words_of(what: str, result: dict[str, int]) -> str:
    """What came of work of WORK that did not fail, in the language of who reads. `result` is that
    of a Job."""
    told = []
    match what:
        case "replay":
            told.append(_("The rows were made anew."))
            if result["resumed"]:
                told.append(_("It went on from where it was interrupted."))
        case "rollback":
            told.append(_("The previous rows are back."))
        case "drop":
            tables = result["tables"]
            text = ngettext(
                "%(tables)d table was dropped.", "%(tables)d tables were dropped.", tables
            )
            told.append(text % {"tables": tables})
        case "verify" if rows := result["rows"]:
            text = ngettext(
                "%(rows)s row is not what the log says.",
                "%(rows)s rows are not what the log says.",
                rows,
            )
            told.append(text % {"rows": number_format(rows, force_grouping=True)})
        case "verify":
            told.append(_("Every row is what the log says."))
    if "waited" in result:
        told.append(_("Commands waited %(waited)d ms at the most.") % {"waited": result["waited"]})
    return " ".join(told)


WORK: dict[str, Callable[[Projection, build.Progress], dict[str, Any]]] = {
    "verify": _verify,
    "replay": _replay,
    "rollback": _rollback,
    "drop": _drop_previous,
}

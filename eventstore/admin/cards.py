"""What a page says of a projection or reactor: how it stands, and what may be done about it."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext_lazy

from eventstore import jobs
from eventstore.admin.people import people
from eventstore.admin.words import thousands
from eventstore.jobs import Outcome, State, states_of
from eventstore.models import Job
from eventstore.standing import Standing, Working, standings, working

TONES = ("bad", "warn", "busy", "good")  # the worst first
DOING = {
    "verify": gettext_lazy("Verifying"),
    "replay": gettext_lazy("Replaying"),
    "rollback": gettext_lazy("Putting the previous rows back"),
    "drop": gettext_lazy("Dropping the previous tables"),
}
NOUNS = {
    "verify": gettext_lazy("Verification"),
    "replay": pgettext_lazy("job", "Replay"),
    "rollback": gettext_lazy("Rollback"),
    "drop": gettext_lazy("Dropping the previous tables"),
}
STATES = {
    State.WAITING: pgettext_lazy("job", "waiting"),
    State.RUNNING: pgettext_lazy("job", "running"),
    State.INTERRUPTED: pgettext_lazy("job", "interrupted"),
}
OUTCOMES = {
    Outcome.DONE: pgettext_lazy("job", "done"),
    Outcome.DIFFERS: pgettext_lazy("job", "differs"),
    Outcome.FAILED: pgettext_lazy("job", "failed"),
    Outcome.WITHDRAWN: pgettext_lazy("job", "withdrawn"),
}


@dataclass(frozen=True, slots=True)
class Action:
    """Something that may be done now. `what` is a key of checkpoints.ACTIONS. `asks`: it is only
    done after a page that says what it means."""

    what: str
    label: str
    asks: bool = False
    main: bool = False


@dataclass(frozen=True, slots=True)
class ShownJob:
    job: Job
    state: State
    by: SafeString
    now: datetime

    @property
    def is_open(self) -> bool:
        return self.state != State.FINISHED

    @property
    def moves(self) -> bool:
        """Whether it may become something else by itself."""
        return self.state in (State.WAITING, State.RUNNING)

    @property
    def percent(self) -> int | None:
        return min(100, 100 * self.job.done // self.job.total) if self.job.total else None

    @property
    def seconds(self) -> float:
        end = self.job.finished_at or self.now
        return (end - self.job.started_at).total_seconds() if self.job.started_at else 0.0

    @property
    def noun(self) -> str:
        return str(NOUNS.get(self.job.what, self.job.what))

    @property
    def doing(self) -> str:
        doing = str(DOING[self.job.what])
        return _("%(doing)s: the last step") % {"doing": doing} if self.percent == 100 else doing

    @property
    def words(self) -> str:
        """What came of it; of a failure, the error as it was raised."""
        if self.job.result is None:
            return self.job.words
        return jobs.words_of(self.job.what, self.job.result)

    @property
    def standing(self) -> str:
        """Its state, or its outcome once it is finished."""
        if self.is_open:
            return str(STATES[self.state])
        return str(OUTCOMES.get(self.job.outcome, self.job.outcome))

    @property
    def tone(self) -> str:
        if self.state == State.FINISHED:
            bad = self.job.outcome in (Outcome.FAILED, Outcome.DIFFERS)
            return "bad" if bad else "quiet" if self.job.outcome == Outcome.WITHDRAWN else "good"
        return "warn" if self.state == State.INTERRUPTED else "busy"

    @property
    def said(self) -> str:
        """For who hears the page: told at each ten percent, and not with each event."""
        job = _("%(noun)s of %(projection)s") % {
            "noun": self.noun,
            "projection": self.job.projection,
        }
        if self.state == State.RUNNING and self.percent is not None:
            return _("%(job)s: %(percent)d percent.") % {
                "job": job,
                "percent": self.percent // 10 * 10,
            }
        return f"{job}: {self.words or self.standing}"


@dataclass(frozen=True, slots=True)
class Card:
    standing: Standing
    job: ShownJob | None
    runner: Working | None

    @property
    def name(self) -> str:
        return self.standing.checkpoint.name

    @property
    def kind(self) -> str:
        return self.standing.checkpoint.kind

    @property
    def is_projection(self) -> bool:
        return self.kind != "reactor"

    @property
    def judged(self) -> tuple[str, str]:
        """Its tone, and in a few words how it stands."""
        standing, job = self.standing, self.job
        if standing.checkpoint.failing_position is not None:
            position = thousands(standing.checkpoint.failing_position)
            return "bad", _("Fails at event %(position)s") % {"position": position}
        if job and job.state == State.RUNNING:
            return "busy", str(DOING[job.job.what])
        if job and job.state == State.INTERRUPTED:
            return "warn", _("%(noun)s interrupted") % {"noun": job.noun}
        if job and job.job.outcome == Outcome.DIFFERS:
            return "bad", _("Differs from the log")
        if job and job.job.outcome == Outcome.FAILED:
            return "warn", _("%(noun)s failed") % {"noun": job.noun}
        if standing.is_behind and not self.runner:
            return "bad", _("Stands still")
        if standing.code == "stale":
            return "warn", _("Made by older code")
        if standing.building is not None and not (job and job.is_open):
            return "warn", _("Replay unfinished")
        return ("busy", _("Catching up")) if standing.is_behind else ("good", _("Up to date"))

    @property
    def behind(self) -> str:
        """How many events wait, in words; "" for none."""
        events, more = self.standing.events, self.standing.more
        if more and not events:
            return _("far behind")
        if not events:
            return ""
        number = {"number": thousands(events)}
        if more:
            at_least = ngettext("at least %(number)s event", "at least %(number)s events", events)
            return at_least % number
        return ngettext("%(number)s event", "%(number)s events", events) % number

    @property
    def tone(self) -> str:
        return self.judged[0]

    @property
    def headline(self) -> str:
        return self.judged[1]

    @property
    def actions(self) -> list[Action]:
        found = []
        if self.standing.checkpoint.failing_position is not None:
            found += [
                Action("retry", _("Try again now"), main=True),
                Action("skip", _("Skip"), asks=True),
            ]
        if self.job and self.job.is_open:
            if self.job.state == State.INTERRUPTED:
                found.append(Action("go_on", _("Go on"), main=True))
            if self.job.state != State.RUNNING:
                found.append(Action("withdraw", _("Withdraw")))
        elif self.is_projection:
            found.append(Action("verify", _("Verify")))
            found.append(Action("replay", _("Replay"), asks=True))
            if self.standing.previous:
                found.append(Action("rollback", _("Roll back"), asks=True))
                found.append(Action("drop", _("Drop previous"), asks=True))
        return found


def cards() -> list[Card]:
    """All of them, those first that need somebody, then those that are furthest behind."""
    standing = standings()
    names = [one.checkpoint.name for one in standing]
    newest = Job.objects.filter(projection__in=names).order_by("projection", "-id")
    jobs = {one.job.projection: one for one in shown(newest.distinct("projection"))}
    runner = working()
    found = [Card(one, jobs.get(one.checkpoint.name), runner) for one in standing]

    def urgency(card: Card) -> tuple:
        fails = card.standing.checkpoint.failing_position is not None
        return not fails, TONES.index(card.tone), -card.standing.seconds

    return sorted(found, key=urgency)


def shown(jobs: Iterable[Job]) -> list[ShownJob]:
    """In two queries at the most."""
    jobs = list(jobs)
    states, now = states_of(jobs), timezone.now()
    who = people(job.asked_by for job in jobs)
    return [ShownJob(job, states[job.pk], who(job.asked_by), now) for job in jobs]

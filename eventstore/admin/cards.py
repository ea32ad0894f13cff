"""What a page says of a projection or reactor: how it stands, and what may be done about it."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.utils import timezone
from django.utils.safestring import SafeString

from eventstore.admin.people import people
from eventstore.jobs import Outcome, State, states_of
from eventstore.models import Job
from eventstore.standing import Standing, Working, standings, working

TONES = ("bad", "warn", "busy", "good")  # the worst first
DOING = {
    "verify": "Verifying",
    "replay": "Replaying",
    "rollback": "Putting the previous rows back",
    "drop": "Dropping the previous tables",
}
NOUNS = {
    "verify": "Verification",
    "replay": "Replay",
    "rollback": "Rollback",
    "drop": "Dropping the previous tables",
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
        return NOUNS.get(self.job.what, self.job.what)

    @property
    def doing(self) -> str:
        if self.percent == 100:
            return f"{DOING[self.job.what]}: the last step"
        return DOING[self.job.what]

    @property
    def tone(self) -> str:
        if self.state == State.FINISHED:
            bad = self.job.outcome in (Outcome.FAILED, Outcome.DIFFERS)
            return "bad" if bad else "quiet" if self.job.outcome == Outcome.WITHDRAWN else "good"
        return "warn" if self.state == State.INTERRUPTED else "busy"

    @property
    def said(self) -> str:
        """For who hears the page: told at each ten percent, and not with each event."""
        if self.state == State.RUNNING and self.percent is not None:
            return f"{self.noun} of {self.job.projection}: {self.percent // 10 * 10} percent."
        said = self.job.words or self.job.outcome if self.state == State.FINISHED else self.state
        return f"{self.noun} of {self.job.projection}: {said}"


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
            return "bad", f"Fails at event {standing.checkpoint.failing_position:,}"
        if job and job.state == State.RUNNING:
            return "busy", job.doing.partition(":")[0]
        if job and job.state == State.INTERRUPTED:
            return "warn", f"{job.noun} interrupted"
        if job and job.job.outcome == Outcome.DIFFERS:
            return "bad", "Differs from the log"
        if job and job.job.outcome == Outcome.FAILED:
            return "warn", f"{job.noun} failed"
        if standing.is_behind and not self.runner:
            return "bad", "Stands still"
        if standing.code == "stale":
            return "warn", "Made by older code"
        if standing.building is not None and not (job and job.is_open):
            return "warn", "Replay unfinished"
        return ("busy", "Catching up") if standing.is_behind else ("good", "Up to date")

    @property
    def behind(self) -> str:
        """How many events wait, in words; "" for none."""
        events, more = self.standing.events, self.standing.more
        if more and not events:
            return "far behind"
        plural = "" if events == 1 else "s"
        return f"{'at least ' if more else ''}{events:,} event{plural}" if events else ""

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
                Action("retry", "Try again now", main=True),
                Action("skip", "Skip", asks=True),
            ]
        if self.job and self.job.is_open:
            if self.job.state == State.INTERRUPTED:
                found.append(Action("go_on", "Go on", main=True))
            if self.job.state != State.RUNNING:
                found.append(Action("withdraw", "Withdraw"))
        elif self.is_projection:
            found += [Action("verify", "Verify"), Action("replay", "Replay", asks=True)]
            if self.standing.previous:
                found.append(Action("rollback", "Roll back", asks=True))
                found.append(Action("drop", "Drop previous", asks=True))
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

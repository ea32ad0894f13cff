"""A small aggregate for tests of the store, which knows nothing of shops."""

from dataclasses import dataclass, replace
from decimal import Decimal

from eventstore.decider import Decider


class Refused(Exception):
    def __init__(self, code, **params):
        self.code, self.params = code, params
        super().__init__(f"{code} {params}")


@dataclass(frozen=True)
class Counted:
    by: int
    price: Decimal


@dataclass(frozen=True)
class Closed:
    pass


@dataclass(frozen=True)
class Count:
    total: int = 0
    events: int = 0
    closed: bool = False


@dataclass(frozen=True)
class Add:
    """Count each of `by`, in one command."""

    by: tuple[int, ...]


@dataclass(frozen=True)
class Close:
    pass


def evolve(count, event):
    count = replace(count, events=count.events + 1)
    if isinstance(event, Closed):
        return replace(count, closed=True)
    return replace(count, total=count.total + event.by)


def decide(command, count):
    if isinstance(command, Close):
        return [] if count.closed else [Closed()]
    if count.closed:
        raise Refused("closed", total=count.total)
    return [Counted(by, Decimal("1.10")) for by in command.by]


def collide(command, unseen, count):
    """Closing collides with anything; adding with nothing."""
    return list(unseen) if isinstance(command, Close) else []


COUNTER = Decider("counter", Count(), evolve, decide, Refused, collide)

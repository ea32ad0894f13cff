"""What agents were told against what the log says. Pure: no queries, no clock.

Written without the shop's own decisions and conflicts, which it judges; only how an event changes
an order is taken from the domain.
"""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, fields, replace
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from operator import attrgetter
from uuid import UUID, uuid5

from eventstore.models import Command
from eventstore.store import RecordedEvent
from ordering.domain.order import (
    INITIAL,
    DetailsChanged,
    Event,
    ItemAdded,
    ItemRemoved,
    Order,
    OrderCancelled,
    OrderCompleted,
    OrderOpened,
    QuantityChanged,
    Status,
    evolve,
)
from ordering.handling import KEYS


class Answer(StrEnum):
    """UNKNOWN: an error, or none at all; the change may have been made."""

    ACCEPTED = "accepted"
    ASKED = "asked"
    REFUSED = "refused"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class Intent:
    """One form that an agent sent, and how it was answered.

    `kind` is "open", "add", "quantity", "remove", "details", "complete", "cancel", or "anew": an
    item for a new order. `key` is the form's command id, `order` None for a new order that the
    answer did not name, `seen` the version that the form named. `took` is in seconds.
    """

    agent: int
    key: UUID
    kind: str
    order: UUID | None
    sku: str = ""
    quantity: int = 0
    reference: str = ""
    note: str = ""
    reason: str = ""
    seen: int | None = None
    answer: Answer = Answer.ACCEPTED
    at: datetime | None = None
    took: float = 0.0

    @property
    def command_ids(self) -> tuple[UUID, UUID]:
        """Under which ids the store may have it: the key's own, and the one under which it is sent
        over the agent's own changes (see ordering.asking.send)."""
        keys = self.key, uuid5(self.key, "over one's own changes")
        return tuple(uuid5(KEYS, f"{self.agent}:{key}") for key in keys)

    def __str__(self) -> str:
        details = self.kind in ("open", "details") and (self.reference, self.note)
        said = (self.sku, self.quantity or "", details or "", self.reason)
        words = " ".join(str(word) for word in (self.kind, *said) if word)
        at = f"{self.at:%H:%M:%S.%f} " if self.at else ""
        saw = "" if self.seen is None else f", who saw version {self.seen}"
        return f"{at}order {self.order}: {words} of agent {self.agent}{saw} (key {self.key})"


@dataclass(frozen=True, slots=True)
class Shown:
    """An order as its read rows show it; `order` is made of them."""

    order: Order
    version: int
    line_count: int
    total: Decimal


@dataclass(slots=True)
class Verdict:
    """`merged`: accepted, though colleagues had changed the order since the agent looked.
    `problems`: what was lost or came from nowhere, in a line each."""

    accepted: int = 0
    merged: int = 0
    asked: int = 0
    refused: int = 0
    unknown: int = 0
    problems: list[str] = field(default_factory=list)

    @property
    def lost(self) -> int:
        return len(self.problems)


def judge(
    intents: Iterable[Intent],
    events: Iterable[RecordedEvent],
    commands: Iterable[Command],
    shown: Mapping[UUID, Shown],
    *,
    since: int = 0,
) -> Verdict:
    """Compare the intents of a run with the whole streams that it changed. `commands` are all that
    the store remembers of those streams; events up to position `since` were there before the run.
    """
    log = _Log(events, commands)
    verdict, meant = Verdict(), set()
    for intent in intents:
        setattr(verdict, intent.answer, getattr(verdict, intent.answer) + 1)
        meant.update(intent.command_ids)
        if problem := log.problem(intent):
            verdict.problems.append(f"{intent}: {problem}")
        elif intent.answer is Answer.ACCEPTED:
            verdict.merged += bool(log.unseen(intent))
    verdict.problems += log.torn
    verdict.problems += log.out_of_order()
    verdict.problems += log.unmeant(meant, since)
    verdict.problems += log.misshown(shown)
    return verdict


class _Log:
    """`states` holds each order after each of its versions, 0 included; `torn` names the events
    that could not have happened after those before them."""

    def __init__(self, events: Iterable[RecordedEvent], commands: Iterable[Command]) -> None:
        self.streams: dict[UUID, list[RecordedEvent]] = defaultdict(list)
        self.caused: dict[UUID | None, list[RecordedEvent]] = defaultdict(list)
        for recorded in sorted(events, key=lambda recorded: (recorded.stream_id, recorded.version)):
            self.streams[recorded.stream_id].append(recorded)
            self.caused[recorded.command_id].append(recorded)
        self.commands = {command.id: command for command in commands}
        self.torn: list[str] = []
        self.states = {stream: self._fold(events) for stream, events in self.streams.items()}

    def problem(self, intent: Intent) -> str | None:
        """What is wrong with the answer to an intent; None: nothing."""
        caused = [event for id_ in intent.command_ids for event in self.caused.get(id_, ())]
        if intent.answer in (Answer.ASKED, Answer.REFUSED):
            return f"{intent.answer}, but the log has {_told(caused)}" if caused else None
        accepted = self._accepted(intent)
        if not accepted and not caused and intent.answer is Answer.UNKNOWN:
            return None
        if not accepted:
            return f"expected an accepted command in the store, found none, and {_told(caused)}"
        if len(accepted) > 1:
            return f"expected one command in the store, found {len(accepted)}"
        [command] = accepted
        if intent.order not in (None, command.stream_id):
            return f"expected it in this order, found it in order {command.stream_id}"
        before = self._state(command.stream_id, command.before)
        saw = self._state(command.stream_id, intent.seen or 0)
        expected = _wished(intent, before, saw)
        versions = list(range(command.before + 1, command.after + 1))
        found = [_as_said(recorded.event) for recorded in caused]
        if found != expected or [recorded.version for recorded in caused] != versions:
            return f"expected {expected} as versions {versions}, found {_told(caused)}"
        if caused and before.status not in (Status.NONE, Status.OPEN):
            return f"expected no change of a {before.status} order, found {_told(caused)}"
        return self._overwritten(intent, caused)

    def unseen(self, intent: Intent) -> list[RecordedEvent]:
        """What colleagues had done when an accepted command was decided, and its agent had not
        seen."""
        [command] = self._accepted(intent) or [None]
        if command is None or intent.seen is None:
            return []
        stream = self.streams.get(command.stream_id, [])
        first = bisect_right(stream, intent.seen, key=_version)
        end = bisect_right(stream, command.before, key=_version)
        return [one for one in stream[first:end] if one.metadata.actor != intent.agent]

    def out_of_order(self) -> Iterator[str]:
        for stream, events in self.streams.items():
            versions = [recorded.version for recorded in events]
            if versions != list(range(1, len(events) + 1)):
                yield f"order {stream}: expected versions 1 to {len(events)}, found {versions}"

    def unmeant(self, meant: set[UUID], since: int) -> Iterator[str]:
        for stream, events in self.streams.items():
            for recorded in events:
                if recorded.position > since and recorded.command_id not in meant:
                    yield f"order {stream}: nobody meant {_told([recorded])}"

    def misshown(self, shown: Mapping[UUID, Shown]) -> Iterator[str]:
        for stream, events in self.streams.items():
            order = self.states[stream][-1]
            expected = _flat(Shown(order, len(events), len(order.lines), order.total))
            found = _flat(shown[stream]) if stream in shown else {}
            for name, value in expected.items():
                if found.get(name) != value:
                    yield (
                        f"order {stream}: expected its rows to show {name} as {value!r}, "
                        f"found {found.get(name)!r}"
                    )

    def _fold(self, events: list[RecordedEvent]) -> list[Order]:
        states = [INITIAL]
        for recorded in events:
            try:
                states.append(evolve(states[-1], recorded.event))
            except KeyError:
                states.append(states[-1])
                stream = recorded.stream_id
                self.torn.append(f"order {stream}: there is no line for {_told([recorded])}")
        return states

    def _accepted(self, intent: Intent) -> list[Command]:
        known = [self.commands.get(id_) for id_ in intent.command_ids]
        return [command for command in known if command and not command.refusal]

    def _state(self, stream: UUID, version: int) -> Order:
        states = self.states.get(stream, [INITIAL])
        return states[min(version, len(states) - 1)]

    def _overwritten(self, intent: Intent, caused: list[RecordedEvent]) -> str | None:
        """A colleague's change of the same thing must not have been undone unasked."""
        touched = set().union(*(_touched(recorded.event) for recorded in caused))
        over = [
            recorded
            for recorded in self.unseen(intent)
            if intent.kind in ("complete", "cancel") or touched & _touched(recorded.event)
        ]
        if not caused or intent.kind == "add" or not over:
            return None
        return f"expected a question, found it done over {_told(over)}"


_version = attrgetter("version")


def _wished(intent: Intent, before: Order, saw: Order) -> list[Event]:
    """The events that the intent stands for on the order `before` it, when its agent `saw` that."""
    match intent.kind:
        case "open":
            return [_opened(intent.reference)]
        case "anew":
            return [_opened(), _added(intent)]
        case "add":
            return [_added(intent)]
        case "quantity":
            line = before.lines.get(intent.sku)
            is_so = line and line.quantity == intent.quantity
            return [] if is_so else [QuantityChanged(intent.sku, intent.quantity)]
        case "remove":
            return [ItemRemoved(intent.sku)] if intent.sku in before.lines else []
        case "details":
            # What the agent left as they saw it, they did not mean to change.
            new = {
                name: text
                for name in ("reference", "note")
                if (text := getattr(intent, name))
                not in (getattr(saw, name), getattr(before, name))
            }
            return [DetailsChanged(new.get("reference"), new.get("note"))] if new else []
        case "complete":
            is_so = before.status is Status.COMPLETED
            return [] if is_so else [OrderCompleted(before.total, before.currency)]
        case "cancel":
            is_so = before.status is Status.CANCELLED
            return [] if is_so else [OrderCancelled(intent.reason)]
    raise ValueError(f"expected a known kind of intent, got {intent.kind!r}")


def _opened(reference: str = "") -> OrderOpened:
    return OrderOpened("", 0, "", reference, "", None)


def _added(intent: Intent) -> ItemAdded:
    return ItemAdded(intent.sku, "", "", intent.quantity, Decimal(0))


def _as_said(event: Event) -> Event:
    """Without what agents do not say: names, prices, numbers."""
    match event:
        case OrderOpened(reference=reference, note=note, copied_from=source):
            return replace(_opened(reference), note=note, copied_from=source)
        case ItemAdded():
            return replace(event, name="", unit="", unit_price=Decimal(0))
    return event


def _touched(event: Event) -> set[str]:
    match event:
        case ItemAdded(sku=sku) | QuantityChanged(sku=sku) | ItemRemoved(sku):
            return {f"line {sku}"}
        case DetailsChanged(reference, note):
            details = {"the reference": reference, "the note": note}
            return {name for name, text in details.items() if text is not None}
    return set()


def _flat(shown: Shown) -> dict[str, object]:
    """Lines as pairs: their order counts, too."""
    order = {each.name: getattr(shown.order, each.name) for each in fields(Order)}
    rest = {each.name: getattr(shown, each.name) for each in fields(Shown) if each.name != "order"}
    return order | {"lines": list(shown.order.lines.items())} | rest


def _told(events: list[RecordedEvent]) -> str:
    told = (f"{one.event} at version {one.version} by agent {one.metadata.actor}" for one in events)
    return "; ".join(told) or "nothing"

"""Who did what to an order, in plain words, from its events."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import NamedTuple
from uuid import UUID

from django.utils import timezone
from django.utils.text import Truncator

from catalog.templatetags.look import money
from eventstore.codec import UnreadableEvent
from eventstore.store import RecordedEvent, read_stream
from ordering.domain import order as domain
from ordering.domain.order import Order
from ordering.models import Agent
from ordering.queries import with_agents

PAGE = 200  # deeds on a page
SHORT = 200  # characters of a note


@dataclass
class Deed:
    """What one command did: `agent` "set Flour from 2 to 5". `version` is that of its last event;
    `steps` are the products when there were several."""

    version: int
    at: datetime
    icon: str
    text: str
    steps: list[str]
    source: str
    agent_id: int | None
    agent: Agent | None = None


@dataclass
class History:
    """Deeds, newest first. `earlier`: the version to go on before, None at the beginning.
    `unreadable`: where the reading had to stop; what came after it is not known."""

    deeds: list[Deed]
    earlier: int | None
    unreadable: UnreadableEvent | None


class Told(NamedTuple):
    recorded: RecordedEvent
    icon: str
    text: str


def read_history(order_id: UUID, *, before: int | None = None) -> History:
    """PAGE deeds of the order, before version `before`. Costs two queries."""
    told, unreadable = [], None
    try:
        for one in _tell(order_id):
            told.append(one)
    except UnreadableEvent as error:
        unreadable = error
    deeds = [_deed(list(group)) for _, group in groupby(told, key=_command)]
    deeds = [deed for deed in reversed(deeds) if before is None or deed.version < before]
    shown = with_agents(deeds[:PAGE], "agent")
    return History(shown, shown[-1].version if len(deeds) > PAGE else None, unreadable)


def _command(told: Told) -> UUID | int:
    return told.recorded.command_id or told.recorded.version


def _deed(told: list[Told]) -> Deed:
    first, last = told[0], told[-1].recorded
    added = [one.text for one in told if isinstance(one.recorded.event, domain.ItemAdded)]
    return Deed(
        version=last.version,
        at=timezone.localtime(last.recorded_at),
        icon=first.icon,
        text=first.text if len(told) == 1 else _summary(first, len(added)),
        steps=[] if len(told) == 1 else added,
        source=last.metadata.source,
        agent_id=last.metadata.actor,
    )


def _summary(first: Told, added: int) -> str:
    products = f"{added} product{'' if added == 1 else 's'}"
    if isinstance(first.recorded.event, domain.OrderOpened):
        return f"{first.text}, with {products}"
    return f"added {products}"


def _tell(order_id: UUID) -> Iterator[Told]:
    order = domain.INITIAL
    for recorded in read_stream(order_id):
        yield Told(recorded, *_words(recorded.event, order))
        order = domain.evolve(order, recorded.event)


def _words(event: domain.Event, order: Order) -> tuple[str, str]:
    """An icon, and what the event did to the order as it was before."""
    match event:
        case domain.OrderOpened(reference=reference, copied_from=source):
            copied = " as a copy of another one" if source else ""
            return "clipboard-plus", f"opened the order{copied}{_quoted(' for', reference)}"
        case domain.ItemAdded(sku=sku, name=name, unit=unit, quantity=quantity):
            had = order.lines[sku].quantity if sku in order.lines else 0
            more = f"; {had + quantity:,} now" if had else ""
            return "plus", f"added {quantity:,} × {name}, {unit}{more}"
        case domain.QuantityChanged(sku=sku, quantity=quantity):
            line = order.lines[sku]
            return "hash", f"set {line.name}, {line.unit}, from {line.quantity:,} to {quantity:,}"
        case domain.ItemRemoved(sku=sku):
            line = order.lines[sku]
            return "minus", f"removed {line.name}, {line.unit}; there were {line.quantity:,}"
        case domain.DetailsChanged(reference=reference, note=note):
            return "pencil", _details(reference, note)
        case domain.OrderCompleted(total=total):
            return "circle-check", f"completed the order: {money(total, order.currency)}"
        case domain.OrderCancelled(reason=reason):
            return "circle-x", f"cancelled the order{_quoted(':', reason)}"
    raise TypeError(f"expected an event of an order, got {event!r}")


def _details(reference: str | None, note: str | None) -> str:
    changes = [
        "took the reference off" if reference == "" else _quoted("set the reference to", reference),
        "took the note off" if note == "" else _quoted("wrote the note", note),
    ]
    return " and ".join(change for change in changes if change)


def _quoted(lead: str, text: str | None) -> str:
    return f"{lead} “{Truncator(text).chars(SHORT)}”" if text else ""

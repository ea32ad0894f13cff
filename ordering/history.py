"""Who did what to an order, in plain words, from its events."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import reduce
from itertools import groupby
from typing import NamedTuple
from uuid import UUID

from django.utils import timezone
from django.utils.translation import ngettext

from catalog.shown import Names
from eventstore import snapshots
from eventstore.codec import UnreadableEvent
from eventstore.snapshots import About
from eventstore.store import RecordedEvent, read_stream
from ordering.domain import order as domain
from ordering.domain.conflict import ON_A_LINE, collisions
from ordering.domain.order import Command, Order, Status
from ordering.handling import ORDER
from ordering.models import Agent
from ordering.queries import with_agents
from ordering.words import words

PAGE = 200  # deeds on a page
NEWS = 3  # deeds of colleagues that a page tells after a change; of more it says how many
MOST_NEWS = 100  # versions that are read for that


@dataclass
class Deed:
    """What one command did: `agent` "set Flour from 2 to 5". `version` is that of its last event;
    `steps` are the products when there were several. `undoable`: it changed items or details,
    and nobody has changed the same ones since."""

    version: int
    at: datetime
    icon: str
    text: str
    steps: list[str]
    source: str
    agent_id: int | None
    touches: frozenset[str]
    agent: Agent | None = None
    undoable: bool = False

    @property
    def turn(self) -> tuple:
        """Who and in which minute: deeds of one turn are told together."""
        return self.agent_id, self.at.replace(second=0, microsecond=0)


@dataclass
class History:
    """Deeds, newest first. `earlier`: the version to go on before, None at the beginning.
    `unreadable`: where the reading had to stop; what came after it is not known."""

    deeds: list[Deed]
    earlier: int | None
    unreadable: UnreadableEvent | None


@dataclass
class Meanwhile:
    """The order as an agent saw it, as it is now, and what was done between; `names` has those of
    all products in it."""

    saw: Order
    now: Order
    deeds: list[Deed]
    names: Names


class News(NamedTuple):
    """What colleagues did, oldest first, and how much came before that."""

    deeds: list[Deed]
    earlier: int


class Told(NamedTuple):
    recorded: RecordedEvent
    icon: str
    text: str


def read_history(order_id: UUID, *, before: int | None = None) -> History:
    """PAGE deeds of the order, before version `before`. Costs two queries, and one for the names of
    products in another language than the catalog's own."""
    readable, unreadable, order = [], None, domain.INITIAL
    try:
        for recorded in read_stream(order_id):
            readable.append(recorded)
            order = domain.evolve(order, recorded.event)
    except UnreadableEvent as error:
        unreadable = error
    deeds = _deeds(_tell(readable, domain.INITIAL))
    deeds.reverse()
    if order.status is Status.OPEN and not unreadable:
        _mark_undoable(deeds)
    deeds = [deed for deed in deeds if before is None or deed.version < before]
    shown = with_agents(deeds[:PAGE], "agent")
    return History(shown, shown[-1].version if len(deeds) > PAGE else None, unreadable)


def read_meanwhile(order_id: UUID, command: Command, *, seen: int, upto: int) -> Meanwhile:
    """What `command` collides with after version `seen`; all that came, when there is nothing
    to collide with any more. Raises UnreadableEvent."""
    saw, _ = ORDER.load(order_id, upto=seen)
    unseen = list(read_stream(order_id, after=seen, upto=upto))
    now = reduce(domain.evolve, (recorded.event for recorded in unseen), saw)
    colliding = {id(event) for event in collisions(command, [r.event for r in unseen], now)}
    names = names_in(unseen, saw)
    told = list(_tell(unseen, saw, names))
    named = [one for one in told if id(one.recorded.event) in colliding] or told
    return Meanwhile(saw, now, with_agents(_deeds(named), "agent"), names)


def read_news(order_id: UUID, reader: Agent, *, since: int, upto: int) -> News:
    """What others than the reader did after version `since`: the last NEWS deeds."""
    if since >= upto:
        return News([], 0)
    since = max(since, upto - MOST_NEWS)
    try:
        unseen = list(read_stream(order_id, after=since, upto=upto))
        if all(recorded.metadata.actor == reader.pk for recorded in unseen):
            return News([], 0)
        # Words are of the lines that were changed: what else is in the order need not be read.
        skus = {one.event.sku for one in unseen if isinstance(one.event, ON_A_LINE)}
        saw, *_ = snapshots.fold(ORDER, order_id, upto=since, about=About("sku", tuple(skus)))
        deeds = _deeds(_tell(unseen, saw))
    except UnreadableEvent:  # the history says so
        return News([], 0)
    others = [deed for deed in deeds if deed.agent_id != reader.pk]
    return News(with_agents(others[-NEWS:], "agent"), max(0, len(others) - NEWS))


def tell_deeds(events: list[RecordedEvent], order: Order, names: Names) -> list[Deed]:
    """What the events did to `order`, oldest first, with their agents. Costs one query."""
    return with_agents(_deeds(_tell(events, order, names)), "agent")


def names_in(events: list[RecordedEvent], order: Order) -> Names:
    """Of the order's products, and of those in what was done to it."""
    added = (one.event.sku for one in events if isinstance(one.event, domain.ItemAdded))
    return Names([*order.lines, *added])


def _tell(events: list[RecordedEvent], order: Order, names: Names | None = None) -> Iterator[Told]:
    names = names or names_in(events, order)
    for recorded in events:
        yield Told(recorded, *words(recorded.event, order, names))
        order = domain.evolve(order, recorded.event)


def _deeds(told: Iterable[Told]) -> list[Deed]:
    return [_deed(list(group)) for _, group in groupby(told, key=_command)]


def _command(told: Told) -> UUID | int:
    return told.recorded.command_id or told.recorded.version


def _deed(told: list[Told]) -> Deed:
    first, last = told[0], told[-1].recorded
    events = [one.recorded.event for one in told]
    whole = len(told) == 1
    return Deed(
        version=last.version,
        at=timezone.localtime(last.recorded_at),
        icon=first.icon,
        text=first.text if whole else _summary(first, events),
        steps=[] if whole else [one.text for one in told if isinstance(one[0].event, ON_A_LINE)],
        source=last.metadata.source,
        agent_id=last.metadata.actor,
        touches=frozenset().union(*map(_touched, events)),
    )


def _summary(first: Told, events: list[domain.Event]) -> str:
    count = sum(isinstance(event, ON_A_LINE) for event in events)
    if isinstance(events[0], domain.OrderOpened):
        told = ngettext(
            "%(opened)s, with %(count)s product", "%(opened)s, with %(count)s products", count
        )
    elif all(isinstance(event, domain.ItemAdded) for event in events):
        told = ngettext("added %(count)s product", "added %(count)s products", count)
    else:
        told = ngettext("changed %(count)s product", "changed %(count)s products", count)
    return told % {"opened": first.text, "count": count}


def _touched(event: domain.Event) -> set[str]:
    match event:
        case domain.DetailsChanged(reference, note):
            details = {"the reference": reference, "the note": note}
            return {name for name, text in details.items() if text is not None}
        case domain.ItemAdded(sku=sku) | domain.QuantityChanged(sku=sku) | domain.ItemRemoved(sku):
            return {f"line {sku}"}
    return set()


def _mark_undoable(deeds: list[Deed]) -> None:
    """`deeds` newest first, and all of them."""
    built_upon: set[str] = set()
    for deed in deeds[:-1]:  # the first one opened the order
        deed.undoable = bool(deed.touches) and built_upon.isdisjoint(deed.touches)
        built_upon |= deed.touches

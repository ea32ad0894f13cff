"""When a change meets one that its agent had not seen: what to ask, and when not to."""

import uuid
from dataclasses import dataclass
from functools import partial
from uuid import UUID

from django.utils.functional import cached_property
from django.utils.translation import gettext as _

from catalog.shown import Names, Shown
from eventstore.codec import UnreadableEvent
from eventstore.decider import Outcome
from ordering import handling
from ordering.domain import order as domain
from ordering.domain.order import Command, Order
from ordering.domain.refusal import Refused
from ordering.domain.values import MAX_QUANTITY, check_quantity
from ordering.handling import ORDER, Caller
from ordering.history import Deed, read_meanwhile


def send(by: Caller, order_id: UUID, command: Command, *, key: str, seen: int) -> Outcome:
    """Send a change of what the agent saw at version `seen`. Raises Refused.

    What only the agent themself did meanwhile, in another tab or with a quicker click, is nothing
    to ask about. A repeated key takes the same way again.
    """
    try:
        return _handler(command)(by, order_id, key=key, seen=seen)
    except Refused as refused:
        if refused.code != "conflict":
            raise
        if isinstance(command, domain.ChangeQuantity):
            check_quantity(command.sku, command.quantity)
        upto = refused.params["version"]
        met = read_meanwhile(order_id, command, seen=refused.params["seen"], upto=upto)
        if any(deed.agent_id != by.agent.pk for deed in met.deeds):
            raise
        handling.note_done_otherwise(by, key)
        again = str(uuid.uuid5(uuid.UUID(key), "over one's own changes"))
        return _handler(command)(by, order_id, key=again, seen=upto)


def _handler(command: Command):
    match command:
        case domain.ChangeQuantity(sku, quantity):
            return partial(handling.change_quantity, sku=sku, quantity=quantity)
        case domain.RemoveItem(sku):
            return partial(handling.remove_item, sku=sku)
        case domain.ChangeDetails(reference, note):
            return partial(handling.change_details, reference=reference, note=note)
        case domain.CompleteOrder():
            return handling.complete_order
        case domain.CancelOrder(reason):
            return partial(handling.cancel_order, reason=reason)
    raise TypeError(f"expected a change of an order, got {command!r}")


def edited(order_id: UUID, seen: int, typed: dict[str, str]) -> domain.ChangeDetails:
    """The details that the agent changed, of those that the form showed at version `seen`: the
    others are not theirs to decide, whatever a colleague has made of them since."""
    try:
        saw, _ = ORDER.load(order_id, upto=seen)
    except UnreadableEvent:  # the door refuses it, with the reason
        return domain.ChangeDetails(**typed)
    kept = {name: text.replace("\r\n", "\n").strip() for name, text in typed.items()}
    return domain.ChangeDetails(
        **{name: None if kept[name] == getattr(saw, name) else typed[name] for name in typed}
    )


@dataclass(frozen=True)
class Detail:
    """`mine` is what I want it to be, `theirs` what it is now; `asks`: both of us changed it."""

    name: str
    theirs: str
    mine: str
    asks: bool


@dataclass(frozen=True)
class Question:
    """What a page asks: `command` is what `agent_id` wanted, `deeds` what was done meanwhile."""

    agent_id: int
    command: Command
    saw: Order
    now: Order
    deeds: list[Deed]
    names: Names

    @property
    def about(self) -> str:
        """ "ChangeQuantity", "RemoveItem", "ChangeDetails", "CompleteOrder" or "CancelOrder"."""
        return type(self.command).__name__

    @property
    def others(self) -> str:
        """Who did it: "Bob", "Alice and Bob"."""
        others = [deed.agent for deed in self.deeds if deed.agent_id != self.agent_id]
        names = list(dict.fromkeys(agent.display_name for agent in others))
        *first, last = names
        if not first:
            return last
        return _("%(names)s and %(last)s") % {"names": ", ".join(first), "last": last}

    @cached_property
    def line(self) -> domain.Line | None:
        """The line as it is now; None when it was removed."""
        return self.now.lines.get(self.command.sku)

    @cached_property
    def saw_line(self) -> domain.Line | None:
        return self.saw.lines.get(self.command.sku)

    @cached_property
    def product(self) -> Shown:
        """The line's, in the active language."""
        return self.names.of(self.command.sku, self.saw_line or self.line)

    @property
    def both(self) -> int | None:
        """The quantity with my change and theirs, where both wanted more, or both less."""
        if not (self.line and self.saw_line):
            return None
        mine = self.command.quantity - self.saw_line.quantity
        theirs = self.line.quantity - self.saw_line.quantity
        total = self.line.quantity + mine
        return total if mine * theirs > 0 and 1 <= total <= MAX_QUANTITY else None

    @cached_property
    def details(self) -> list[Detail]:
        return [self._detail(name) for name in ("reference", "note")]

    @property
    def merges(self) -> bool:
        """Whether one of the details is mine alone, and kept with theirs too."""
        return any(not detail.asks and detail.mine != detail.theirs for detail in self.details)

    def _detail(self, name: str) -> Detail:
        mine, theirs = getattr(self.command, name), getattr(self.now, name)
        if mine is None:
            return Detail(name, theirs, theirs, asks=False)
        return Detail(name, theirs, mine, asks=theirs != getattr(self.saw, name))


def ask(agent_id: int, order_id: UUID, command: Command, *, seen: int, upto: int) -> Question:
    """The question of the order at version `upto`, which the page shows."""
    met = read_meanwhile(order_id, command, seen=seen, upto=upto)
    return Question(agent_id, command, met.saw, met.now, met.deeds, met.names)

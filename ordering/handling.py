"""The one door for pages, API and console: what an agent wants, done or refused.

Here the outside comes in: names and prices from the catalog, the order's number, the year. Each
function takes the `key` of one intent (a form's command id, an Idempotency-Key): the same key
again returns the first outcome and changes nothing. All raise Refused, and Refused with the code
"no-such-order" also for another customer's order.

`seen` is the version of the order that the agent saw. What came after it merges silently, unless
it touches the same thing: then the code is "conflict". None: whatever came, do it.
"""

import logging
import uuid
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from uuid import UUID

from django.conf import settings
from django.utils import timezone

from catalog.models import Product
from eventstore import refusals
from eventstore.codec import UnreadableEvent
from eventstore.decider import (
    CommandIdReused,
    Decider,
    Metadata,
    Outcome,
    fingerprint,
    handle,
    outcome_of,
)
from eventstore.models import Command as Sent
from eventstore.signals import command_handled
from ordering.domain import order as domain
from ordering.domain.conflict import collisions
from ordering.domain.order import Command, Item, Order
from ordering.domain.refusal import Refused
from ordering.models import Agent, OrderHead

logger = logging.getLogger(__name__)

KEYS = uuid.UUID("5f3a1c9e-6f0b-4b61-9d6c-0e7a2f1b8d44")

# What a command is called in the log of refused ones, and the rest of its intent.
INTENTS = {
    "open": ("OpenOrder", "reference", "note", "items"),
    "copy": ("CopyOrder", "source"),
    "add": ("AddItems", "items"),
    "quantity": ("ChangeQuantity", "sku", "quantity"),
    "remove": ("RemoveItem", "sku"),
    "details": ("ChangeDetails", "reference", "note"),
    "complete": ("CompleteOrder",),
    "cancel": ("CancelOrder", "reason"),
    "undo": ("Restore", "version"),
}

ORDER = Decider(
    category="order",
    initial=domain.INITIAL,
    evolve=domain.evolve,
    decide=domain.decide,
    refusal=Refused,
    collide=collisions,
)


@dataclass(frozen=True, slots=True)
class Caller:
    """Who asks, through which entrance ("web", "api", "console"), in which request."""

    agent: Agent
    source: str
    correlation_id: str = ""

    @classmethod
    def of(cls, request, source: str = "web") -> "Caller":
        return cls(request.user, source, request.correlation_id)


def open_order(
    by: Caller,
    *,
    key: str,
    reference: str = "",
    note: str = "",
    items: Iterable[tuple[str, int]] = (),
) -> Outcome:
    """Open an order; `items` are pairs of sku and quantity. The outcome's stream is its id."""
    items = tuple(items)

    def command() -> Command:
        return domain.OpenOrder(
            number=_draw_number(by.agent),
            customer_id=by.agent.customer_id,
            currency=settings.CURRENCY,
            reference=reference,
            note=note,
            items=_look_up(items),
        )

    return send(by, None, ("open", reference, note, items), command, key)


def copy_order(by: Caller, source_id: UUID, *, key: str) -> Outcome:
    """Open an order with the lines of another one, at today's prices; what is no longer in the
    catalog is left out."""

    def command() -> Command:
        if not _is_of(by.agent.customer_id, source_id):
            raise Refused("no-such-order")
        source, _ = ORDER.load(source_id)
        active = set(
            Product.objects.filter(sku__in=source.lines, active=True).values_list("sku", flat=True)
        )
        wanted = [(sku, line.quantity) for sku, line in source.lines.items() if sku in active]
        if source.lines and not wanted:
            raise Refused("nothing-to-copy", number=source.number)
        return domain.CopyOrder(
            source=source_id,
            number=_draw_number(by.agent),
            customer_id=by.agent.customer_id,
            currency=settings.CURRENCY,
            reference=source.reference,
            items=_look_up(wanted),
        )

    return send(by, None, ("copy", str(source_id)), command, key)


def add_items(by: Caller, order_id: UUID, items: Iterable[tuple[str, int]], *, key: str) -> Outcome:
    """Add to an order; `items` are pairs of sku and quantity, all added or none."""
    items = tuple(items)
    return send(by, order_id, ("add", items), lambda: domain.AddItems(items=_look_up(items)), key)


def change_quantity(
    by: Caller, order_id: UUID, sku: str, quantity: int, *, key: str, seen: int | None = None
) -> Outcome:
    return send(
        by,
        order_id,
        ("quantity", sku, quantity),
        lambda: domain.ChangeQuantity(sku=sku, quantity=quantity),
        key,
        seen,
    )


def remove_item(
    by: Caller, order_id: UUID, sku: str, *, key: str, seen: int | None = None
) -> Outcome:
    return send(by, order_id, ("remove", sku), lambda: domain.RemoveItem(sku=sku), key, seen)


def change_details(
    by: Caller,
    order_id: UUID,
    *,
    key: str,
    seen: int | None = None,
    reference: str | None = None,
    note: str | None = None,
) -> Outcome:
    """None leaves the reference, or the note, as it is."""
    return send(
        by,
        order_id,
        ("details", reference, note),
        lambda: domain.ChangeDetails(reference=reference, note=note),
        key,
        seen,
    )


def complete_order(by: Caller, order_id: UUID, *, key: str, seen: int | None = None) -> Outcome:
    return send(by, order_id, ("complete",), domain.CompleteOrder, key, seen)


def cancel_order(
    by: Caller, order_id: UUID, *, key: str, seen: int | None = None, reason: str = ""
) -> Outcome:
    return send(
        by, order_id, ("cancel", reason), lambda: domain.CancelOrder(reason=reason), key, seen
    )


def send(
    by: Caller,
    order_id: UUID | None,
    intent: tuple,
    command: Callable[[], Command],
    key: str,
    seen: int | None = None,
) -> Outcome:
    """Hand the command to the store. `intent` is what was asked, before any look-up: a repeated
    key is compared by it, so that a number drawn or a price changed since does not matter."""
    stream_id = order_id or opened_with(by, key)

    def refuse(refused: Refused) -> Refused:
        return note_refused(by, stream_id, intent, refused, key, seen)

    if not by.agent.may_order:
        raise refuse(Refused("inactive-agent"))
    command_id = _command_id(by, key)
    asked = fingerprint(str(stream_id), *intent)
    try:
        try:
            made = command()
        except Refused as refused:
            # The catalog may have changed since the first time; the first outcome has not.
            if earlier := outcome_of(ORDER, command_id, asked):
                return earlier
            raise refuse(refused) from None
        return handle(
            ORDER,
            stream_id,
            made,
            command_id=command_id,
            fingerprint=asked,
            metadata=Metadata(by.agent.pk, by.source, by.correlation_id),
            guard=_belongs_to(by.agent.customer_id) if order_id else None,
            seen=seen,
        )
    except CommandIdReused:
        raise refuse(Refused("reused-command-id")) from None
    except UnreadableEvent as error:
        if order_id and not _is_of(by.agent.customer_id, order_id):
            raise Refused("no-such-order") from error
        logger.error("%s refused on an order that cannot be read: %s", intent[0], error)
        raise refuse(Refused("unreadable-order")) from error


def note_refused(
    by: Caller,
    stream_id: UUID,
    intent: tuple,
    refused: Refused,
    key: str,
    seen: int | None = None,
) -> Refused:
    """Keep in the log a command that is refused before the store is asked; the same refusal."""
    name, *parts = INTENTS[intent[0]]
    command_handled.send_robust(
        sender=ORDER, command=name, outcome="refused", attempts=0, seconds=0.0
    )
    refusals.note(
        refused,
        ORDER.category,
        stream_id,
        name,
        dict(zip(parts, intent[1:], strict=True)),
        Metadata(by.agent.pk, by.source, by.correlation_id),
        command_id=_command_id(by, key),
        seen=seen,
    )
    return refused


def note_done_otherwise(by: Caller, key: str) -> None:
    """Take a conflict out of the log of refused commands: it is no news to who sent it."""
    refusals.forget(by.agent.pk, _command_id(by, key), "conflict")


def opened_with(by: Caller, key: str) -> UUID:
    """The id of the order that this key opens: a repeated request finds the same order."""
    return uuid.uuid5(_command_id(by, key), "order")


def sent_to(by: Caller, key: str) -> UUID | None:
    """The order that a command with this key went to before; None for a new key."""
    sent = Sent.objects.filter(pk=_command_id(by, key)).values_list("stream_id", flat=True)
    return sent.first()


def _command_id(by: Caller, key: str) -> UUID:
    return uuid.uuid5(KEYS, f"{by.agent.pk}:{key}")


def _is_of(customer_id: int, order_id: UUID) -> bool:
    """By its read row, which also an order that cannot be read has."""
    return OrderHead.objects.filter(pk=order_id, customer=customer_id).exists()


def _belongs_to(customer_id: int) -> Callable[[Order], None]:
    def guard(order: Order) -> None:
        # Also one that is not there: whatever the domain would say of it, it says of nobody else's.
        if order.customer_id != customer_id:
            raise Refused("no-such-order")

    return guard


def _draw_number(agent: Agent) -> str:
    return agent.customer.draw_order_number(timezone.localdate().year)


def _look_up(items: Iterable[tuple[str, int]]) -> tuple[Item, ...]:
    """The items with the names and prices that the catalog has now."""
    items = tuple(items)
    # isprintable: a NUL or half a surrogate pair is no sku, and no text for PostgreSQL either.
    products = Product.objects.filter(active=True).in_bulk(
        {sku for sku, _ in items if sku.isprintable()}, field_name="sku"
    )
    for sku, _ in items:
        if sku not in products:
            raise Refused("no-such-product", sku=sku)
    return tuple(
        Item(
            sku=sku,
            name=products[sku].name,
            unit=products[sku].unit,
            quantity=quantity,
            unit_price=products[sku].price,
            currency=products[sku].currency,
        )
        for sku, quantity in items
    )

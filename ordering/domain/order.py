"""The order: events, state, commands, decisions, in that order. Pure: standard library only.

A command is decided against the state folded from the order's events. The answer is a list of
new events, an empty list when what it asks is already so, or `Refused`. Clock, prices, names and
numbers come in with the command; the domain asks nobody.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from enum import StrEnum
from types import MappingProxyType
from uuid import UUID

from ordering.domain.refusal import Refused
from ordering.domain.values import (
    MAX_LINES,
    MAX_NOTE,
    MAX_QUANTITY,
    MAX_REASON,
    MAX_REFERENCE,
    check_price,
    check_quantity,
    check_text,
)

# --- Events ----------------------------------------------------------------------------------
# These class names and field names ARE the storage format: events stored years ago are read by
# them. Never rename or retype one; add a field with an upcast (see "Add an upcast" in the README).


@dataclass(frozen=True)
class OrderOpened:
    """`copied_from` is the order whose lines this one starts with."""

    number: str
    customer_id: int
    currency: str
    reference: str
    note: str
    copied_from: UUID | None


@dataclass(frozen=True)
class ItemAdded:
    """`quantity` more of a product, at the line's unit price of that moment."""

    sku: str
    name: str
    unit: str
    quantity: int
    unit_price: Decimal


@dataclass(frozen=True)
class QuantityChanged:
    """The line now has `quantity`."""

    sku: str
    quantity: int


@dataclass(frozen=True)
class ItemRemoved:
    sku: str


@dataclass(frozen=True)
class DetailsChanged:
    """None: not touched by this change."""

    reference: str | None
    note: str | None


@dataclass(frozen=True)
class OrderCompleted:
    total: Decimal
    currency: str


@dataclass(frozen=True)
class OrderCancelled:
    reason: str


Event = (
    OrderOpened
    | ItemAdded
    | QuantityChanged
    | ItemRemoved
    | DetailsChanged
    | OrderCompleted
    | OrderCancelled
)

# --- State -----------------------------------------------------------------------------------


class Status(StrEnum):
    NONE = "none"
    OPEN = "open"
    COMPLETED = "completed"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True)
class Line:
    name: str
    unit: str
    quantity: int
    unit_price: Decimal

    @property
    def total(self) -> Decimal:
        return self.quantity * self.unit_price


@dataclass(frozen=True, slots=True)
class Order:
    """`lines` maps sku to line, in the order in which the lines were first added."""

    status: Status = Status.NONE
    number: str = ""
    customer_id: int | None = None
    currency: str = ""
    reference: str = ""
    note: str = ""
    lines: Mapping[str, Line] = field(default_factory=lambda: MappingProxyType({}))

    @property
    def total(self) -> Decimal:
        return sum((line.total for line in self.lines.values()), Decimal("0.00"))


INITIAL = Order()


def evolve(order: Order, event: Event) -> Order:
    """The order after `event`. Never refuses: what is stored has happened."""
    match event:
        case ItemAdded(sku, name, unit, quantity, unit_price):
            had = order.lines[sku].quantity if sku in order.lines else 0
            line = Line(name, unit, had + quantity, unit_price)
            return replace(order, lines={**order.lines, sku: line})
        case QuantityChanged(sku, quantity):
            line = replace(order.lines[sku], quantity=quantity)
            return replace(order, lines={**order.lines, sku: line})
        case ItemRemoved(sku):
            rest = {key: line for key, line in order.lines.items() if key != sku}
            return replace(order, lines=rest)
        case DetailsChanged(reference, note):
            return replace(
                order,
                reference=order.reference if reference is None else reference,
                note=order.note if note is None else note,
            )
        case OrderOpened(number, customer_id, currency, reference, note):
            return Order(Status.OPEN, number, customer_id, currency, reference, note)
        case OrderCompleted():
            return replace(order, status=Status.COMPLETED)
        case OrderCancelled():
            return replace(order, status=Status.CANCELLED)
    raise TypeError(f"expected an event of an order, got {event!r}")


# --- Commands --------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Item:
    """What to add: `quantity` of a product as the catalog has it at that moment."""

    sku: str
    name: str
    unit: str
    quantity: int
    unit_price: Decimal
    currency: str


@dataclass(frozen=True, slots=True)
class OpenOrder:
    number: str
    customer_id: int
    currency: str
    reference: str = ""
    note: str = ""
    items: tuple[Item, ...] = ()


@dataclass(frozen=True, slots=True)
class CopyOrder:
    """Open a new order that starts with the lines of order `source`, at the prices of now."""

    source: UUID
    number: str
    customer_id: int
    currency: str
    reference: str
    items: tuple[Item, ...]


@dataclass(frozen=True, slots=True)
class AddItems:
    items: tuple[Item, ...]


@dataclass(frozen=True, slots=True)
class ChangeQuantity:
    sku: str
    quantity: int


@dataclass(frozen=True, slots=True)
class RemoveItem:
    sku: str


@dataclass(frozen=True, slots=True)
class ChangeDetails:
    """None: leave as it is."""

    reference: str | None = None
    note: str | None = None


@dataclass(frozen=True, slots=True)
class Restore:
    """Put lines and details back as they were: what undoes a change.

    `lines` pairs a sku with its line, None for no line. None leaves a detail as it is.
    """

    lines: tuple[tuple[str, Line | None], ...] = ()
    reference: str | None = None
    note: str | None = None


@dataclass(frozen=True, slots=True)
class CompleteOrder:
    pass


@dataclass(frozen=True, slots=True)
class CancelOrder:
    reason: str = ""


Command = (
    OpenOrder
    | CopyOrder
    | AddItems
    | ChangeQuantity
    | RemoveItem
    | ChangeDetails
    | Restore
    | CompleteOrder
    | CancelOrder
)

# --- Decide ----------------------------------------------------------------------------------


def decide(command: Command, order: Order) -> list[Event]:
    """The events that `command` causes; [] when it asks for what is already so.

    Raises Refused, with what was expected and what was found.
    """
    match command:
        case OpenOrder():
            return _open(command, order, reference=command.reference, note=command.note)
        case CopyOrder():
            return _open(command, order, reference=command.reference, copied_from=command.source)

    if order.status is Status.NONE:
        raise Refused("no-such-order")
    match command, order.status:
        case (CompleteOrder(), Status.COMPLETED) | (CancelOrder(), Status.CANCELLED):
            return []
    if order.status is not Status.OPEN:
        raise Refused("order-closed", number=order.number, status=order.status.value)

    match command:
        case AddItems(items):
            return _add(items, order)
        case ChangeQuantity(sku, quantity):
            return _change_quantity(sku, quantity, order)
        case RemoveItem(sku):
            return [ItemRemoved(sku)] if sku in order.lines else []
        case ChangeDetails():
            return _change_details(command, order)
        case Restore():
            return _restore(command, order)
        case CompleteOrder():
            if not order.lines:
                raise Refused("empty-order", number=order.number)
            return [OrderCompleted(order.total, order.currency)]
        case CancelOrder(reason):
            return [OrderCancelled(check_text("reason", reason, MAX_REASON))]
    raise TypeError(f"expected a command on an order, got {command!r}")


def _open(
    command: OpenOrder | CopyOrder,
    order: Order,
    *,
    reference: str,
    note: str = "",
    copied_from: UUID | None = None,
) -> list[Event]:
    if order.status is not Status.NONE:
        if (order.number, order.customer_id) == (command.number, command.customer_id):
            return []
        raise Refused("order-exists", number=order.number)
    opened = OrderOpened(
        number=command.number,
        customer_id=command.customer_id,
        currency=command.currency,
        reference=check_text("reference", reference, MAX_REFERENCE),
        note=check_text("note", note, MAX_NOTE, multiline=True),
        copied_from=copied_from,
    )
    return [opened, *_add(command.items, evolve(order, opened))]


def _add(items: tuple[Item, ...], order: Order) -> list[Event]:
    if len(items) > MAX_LINES:
        raise Refused("too-many-items", limit=MAX_LINES, actual=len(items))
    events: list[Event] = []
    for item in items:
        check_quantity(item.sku, item.quantity)
        unit_price = check_price(item.sku, item.unit_price)
        if item.currency != order.currency:
            raise Refused("other-currency", expected=order.currency, actual=item.currency)
        line = order.lines.get(item.sku)
        if line and line.quantity + item.quantity > MAX_QUANTITY:
            raise Refused(
                "line-full",
                sku=item.sku,
                name=line.name,
                limit=MAX_QUANTITY,
                had=line.quantity,
                actual=item.quantity,
            )
        # A line has one price: the one of the moment when it was first added.
        added = ItemAdded(
            item.sku,
            item.name,
            item.unit,
            item.quantity,
            line.unit_price if line else unit_price,
        )
        events.append(added)
        order = evolve(order, added)
    if len(order.lines) > MAX_LINES:
        raise Refused("too-many-lines", limit=MAX_LINES, actual=len(order.lines))
    return events


def _change_quantity(sku: str, quantity: int, order: Order) -> list[Event]:
    check_quantity(sku, quantity)
    if sku not in order.lines:
        raise Refused("no-such-line", sku=sku, number=order.number)
    return [] if order.lines[sku].quantity == quantity else [QuantityChanged(sku, quantity)]


def _change_details(command: ChangeDetails, order: Order) -> list[Event]:
    reference, note = command.reference, command.note
    if reference is not None:
        reference = check_text("reference", reference, MAX_REFERENCE)
    if note is not None:
        note = check_text("note", note, MAX_NOTE, multiline=True)
    reference = None if reference == order.reference else reference
    note = None if note == order.note else note
    return [] if reference is None and note is None else [DetailsChanged(reference, note)]


def _restore(command: Restore, order: Order) -> list[Event]:
    events: list[Event] = []
    count = len(order.lines)
    for sku, line in command.lines:
        now = order.lines.get(sku)
        if line is None:
            events += [ItemRemoved(sku)] if now else []
            count -= 1 if now else 0
        elif now is None:
            events.append(ItemAdded(sku, line.name, line.unit, line.quantity, line.unit_price))
            count += 1
        elif now.quantity != line.quantity:
            events.append(QuantityChanged(sku, line.quantity))
    if count > MAX_LINES:
        raise Refused("too-many-lines", limit=MAX_LINES, actual=count)
    return events + _change_details(ChangeDetails(command.reference, command.note), order)

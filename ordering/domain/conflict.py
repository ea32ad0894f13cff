"""When does a command collide with changes that its agent had not seen?

By meaning, not by version alone: what touches other lines or other details merges silently.
"""

from collections.abc import Sequence

from ordering.domain.order import (
    CancelOrder,
    ChangeDetails,
    ChangeQuantity,
    Command,
    CompleteOrder,
    DetailsChanged,
    Event,
    ItemAdded,
    ItemRemoved,
    Order,
    QuantityChanged,
    RemoveItem,
    Restore,
    Status,
)

ON_A_LINE = ItemAdded, QuantityChanged, ItemRemoved


def collisions(command: Command, unseen: Sequence[Event], order: Order) -> list[Event]:
    """The events of `unseen` that a person should know of before `command` is done.

    `order` is the order now, with the unseen events in it. [] means that the command merges:
    adding always does, and so does what has come true already. A closed order collides with
    nothing, since it refuses.
    """
    if order.status is not Status.OPEN:
        return []
    match command:
        case ChangeQuantity(sku, quantity):
            line = order.lines.get(sku)
            return [] if line and line.quantity == quantity else _on_line(sku, unseen)
        case RemoveItem(sku):
            return _on_line(sku, unseen) if sku in order.lines else []
        case ChangeDetails(reference, note):
            return _on_details(reference, note, unseen, order)
        case Restore(lines, reference, note):
            skus = {sku for sku, _ in lines}
            return [
                *(event for event in unseen if isinstance(event, ON_A_LINE) and event.sku in skus),
                *_on_details(reference, note, unseen, order),
            ]
        case CompleteOrder() | CancelOrder():
            return list(unseen)
    return []


def _on_line(sku: str, unseen: Sequence[Event]) -> list[Event]:
    return [event for event in unseen if isinstance(event, ON_A_LINE) and event.sku == sku]


def _on_details(
    reference: str | None, note: str | None, unseen: Sequence[Event], order: Order
) -> list[Event]:
    changes_reference = reference not in (None, order.reference)
    changes_note = note not in (None, order.note)
    return [
        event
        for event in unseen
        if isinstance(event, DetailsChanged)
        and (
            (changes_reference and event.reference is not None)
            or (changes_note and event.note is not None)
        )
    ]

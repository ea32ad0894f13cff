"""What an event did to an order, in plain words."""

from django.utils.text import Truncator

from catalog.templatetags.look import money
from ordering.domain import order as domain
from ordering.domain.order import Order

SHORT = 200  # characters of a note


def words(event: domain.Event, order: Order) -> tuple[str, str]:
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
        case domain.OrderCompleted(total, currency):
            return "circle-check", f"completed the order: {money(total, currency)}"
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

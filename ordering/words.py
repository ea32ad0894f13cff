"""What an event did to an order, in plain words of the active language."""

from django.utils.text import Truncator
from django.utils.translation import gettext as _

from catalog.numbers import shown_number
from catalog.templatetags.look import money
from ordering.domain import order as domain
from ordering.domain.order import Order

SHORT = 200  # characters of a note


def words(event: domain.Event, order: Order) -> tuple[str, str]:
    """An icon, and what the event did to the order as it was before. Whoever did it stands before
    that on a page: "Alice" "added 2 × Butter"."""
    match event:
        case domain.OrderOpened(reference=reference, copied_from=source):
            return "clipboard-plus", _opened(bool(source), reference)
        case domain.ItemAdded(sku=sku):
            had = order.lines[sku].quantity if sku in order.lines else 0
            return "plus", _added(event, had)
        case domain.QuantityChanged(sku=sku, quantity=quantity):
            line = order.lines[sku]
            told = _("set %(product)s, %(unit)s, from %(before)s to %(quantity)s") % {
                "product": line.name,
                "unit": line.unit,
                "before": shown_number(line.quantity),
                "quantity": shown_number(quantity),
            }
            return "hash", told
        case domain.ItemRemoved(sku=sku):
            line = order.lines[sku]
            told = _("removed %(product)s, %(unit)s; there were %(before)s") % {
                "product": line.name,
                "unit": line.unit,
                "before": shown_number(line.quantity),
            }
            return "minus", told
        case domain.DetailsChanged(reference=reference, note=note):
            return "pencil", _details(reference, note)
        case domain.OrderCompleted(total, currency):
            told = _("completed the order: %(total)s") % {"total": money(total, currency)}
            return "circle-check", told
        case domain.OrderCancelled(reason=reason):
            told = _("cancelled the order: “%(reason)s”") if reason else _("cancelled the order")
            return "circle-x", told % {"reason": _short(reason)}
    raise TypeError(f"expected an event of an order, got {event!r}")


def _opened(copied: bool, reference: str) -> str:
    if copied and reference:
        told = _("opened the order as a copy of another one for “%(reference)s”")
    elif copied:
        told = _("opened the order as a copy of another one")
    elif reference:
        told = _("opened the order for “%(reference)s”")
    else:
        told = _("opened the order")
    return told % {"reference": _short(reference)}


def _added(event: domain.ItemAdded, had: int) -> str:
    told = (
        _("added %(quantity)s × %(product)s, %(unit)s; %(now)s now")
        if had
        else _("added %(quantity)s × %(product)s, %(unit)s")
    )
    return told % {
        "quantity": shown_number(event.quantity),
        "product": event.name,
        "unit": event.unit,
        "now": shown_number(had + event.quantity),
    }


def _details(reference: str | None, note: str | None) -> str:
    changes = []
    if reference is not None:
        told = _("set the reference to “%(text)s”") if reference else _("took the reference off")
        changes.append(told % {"text": _short(reference)})
    if note is not None:
        told = _("wrote the note “%(text)s”") if note else _("took the note off")
        changes.append(told % {"text": _short(note)})
    return _(" and ").join(changes)


def _short(text: str) -> str:
    return Truncator(text).chars(SHORT)

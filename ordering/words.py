"""What an event did to an order, in plain words of the active language."""

from django.utils.html import conditional_escape, escape
from django.utils.safestring import mark_safe
from django.utils.text import Truncator
from django.utils.translation import gettext as _

from catalog.numbers import shown_number
from catalog.shown import Names, Shown, Stored
from catalog.templatetags.look import in_language, money
from ordering.domain import order as domain
from ordering.domain.order import Order

SHORT = 200  # characters of a note


def words(event: domain.Event, order: Order, names: Names | None = None) -> tuple[str, str]:
    """An icon, and what the event did to the order as it was before. Whoever did it stands before
    that on a page: "Alice" "added 2 × Butter". With `names`, products are named in the active
    language, and what is in another is marked for a page; without, as they were stored."""
    match event:
        case domain.OrderOpened(reference=reference, copied_from=source):
            return "clipboard-plus", _opened(bool(source), reference)
        case domain.ItemAdded(sku=sku):
            had = order.lines[sku].quantity if sku in order.lines else 0
            return "plus", _added(event, had, _product(event.sku, event, names))
        case domain.QuantityChanged(sku=sku, quantity=quantity):
            line = order.lines[sku]
            told = of_product(
                _("set %(product)s, %(unit)s, from %(before)s to %(quantity)s"),
                _product(sku, line, names),
                before=shown_number(line.quantity),
                quantity=shown_number(quantity),
            )
            return "hash", told
        case domain.ItemRemoved(sku=sku):
            line = order.lines[sku]
            told = of_product(
                _("removed %(product)s, %(unit)s; there were %(before)s"),
                _product(sku, line, names),
                before=shown_number(line.quantity),
            )
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


def _product(sku: str, stored: Stored, names: Names | None) -> Shown:
    return names.of(sku, stored) if names else Shown(stored.name, stored.unit, "")


def of_product(told: str, product: Shown, **values: str) -> str:
    """`told` with the product's name and unit, marked where they are in another language."""
    values |= {"product": product.name, "unit": product.unit}
    if not product.lang:
        return told % values
    for name in ("product", "unit"):
        values[name] = in_language(values[name], product.lang)
    escaped = {name: conditional_escape(value) for name, value in values.items()}
    return mark_safe(escape(told) % escaped)  # noqa: S308  (only the marks are markup)


def _added(event: domain.ItemAdded, had: int, product: Shown) -> str:
    told = (
        _("added %(quantity)s × %(product)s, %(unit)s; %(now)s now")
        if had
        else _("added %(quantity)s × %(product)s, %(unit)s")
    )
    return of_product(
        told,
        product,
        quantity=shown_number(event.quantity),
        now=shown_number(had + event.quantity),
    )


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

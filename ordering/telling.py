"""What admins are told of orders' streams, in the shop's words."""

from collections.abc import Iterable
from typing import Any, get_args
from uuid import UUID

from django.db.models.functions import Collate, Upper
from django.urls import reverse
from django.utils.translation import gettext_lazy, pgettext_lazy

from eventstore.categories import Category
from ordering.domain import order as domain
from ordering.domain.order import Order
from ordering.explaining import explain_code
from ordering.handling import ORDER
from ordering.models import Customer, OrderHead
from ordering.words import words

MOST_CUSTOMERS = 20  # whose names have the searched part
LAST = "\U0010ffff"  # sorts behind every other character


def _titles(ids: Iterable[UUID]) -> dict[UUID, str]:
    heads = OrderHead.objects.filter(pk__in=list(ids)).select_related("customer")
    return {head.order_id: f"{head.number} · {head.customer}" for head in heads}


def _find(text: str, limit: int) -> list[UUID]:
    """Orders by their number, or how it begins, and by a part of their customer's name."""
    newest = OrderHead.objects.order_by("-opened_at", "-order_id").values("opened_at", "order_id")
    customers = Customer.objects.filter(name__icontains=text).values_list("pk", flat=True)
    # One at a time in the index of a customer's orders, newest first: as few rows as are wanted.
    of_each = [newest.filter(customer=pk)[:limit] for pk in customers[:MOST_CUSTOMERS]]
    begins = text.upper()
    numbered = (
        OrderHead.objects.alias(upper=Collate(Upper("number"), "C"))
        .filter(upper__gte=begins, upper__lt=begins + LAST)
        .order_by("-upper")
        .values("opened_at", "order_id")[:limit]
    )
    found = {(row["opened_at"], row["order_id"]) for row in numbered.union(*of_each)}
    return [order_id for _, order_id in sorted(found, reverse=True)[:limit]]


def _tell(event: domain.Event, order: Order) -> str:
    return words(event, order)[1]


def _explain(code: str, params: dict[str, Any]) -> str:
    """What the agent was told."""
    try:
        return explain_code(code, params)
    except (AttributeError, KeyError, TypeError):  # of older code
        return code


def _page(order_id: UUID) -> str:
    return reverse("admin:ordering_orderhead_change", args=[order_id])


WISHES = {
    "OpenOrder": gettext_lazy("open an order"),
    "CopyOrder": gettext_lazy("copy an order"),
    "AddItems": gettext_lazy("add items"),
    "ChangeQuantity": gettext_lazy("change a quantity"),
    "RemoveItem": gettext_lazy("remove an item"),
    "ChangeDetails": gettext_lazy("change the details"),
    "Restore": gettext_lazy("undo a change"),
    "CompleteOrder": gettext_lazy("complete the order"),
    "CancelOrder": gettext_lazy("cancel the order"),
}

REASONS = {
    "no-such-order": pgettext_lazy("reason", "No such order"),
    "order-exists": pgettext_lazy("reason", "Order exists"),
    "order-closed": pgettext_lazy("reason", "Order closed"),
    "empty-order": pgettext_lazy("reason", "Empty order"),
    "no-such-line": pgettext_lazy("reason", "No such line"),
    "quantity-out-of-range": pgettext_lazy("reason", "Quantity out of range"),
    "line-full": pgettext_lazy("reason", "Line full"),
    "too-many-lines": pgettext_lazy("reason", "Too many lines"),
    "too-many-items": pgettext_lazy("reason", "Too many items"),
    "other-currency": pgettext_lazy("reason", "Other currency"),
    "bad-price": pgettext_lazy("reason", "Bad price"),
    "text-too-long": pgettext_lazy("reason", "Text too long"),
    "bad-text": pgettext_lazy("reason", "Bad text"),
    "no-such-product": pgettext_lazy("reason", "No such product"),
    "nothing-to-copy": pgettext_lazy("reason", "Nothing to copy"),
    "inactive-agent": pgettext_lazy("reason", "Inactive agent"),
    "unreadable-order": pgettext_lazy("reason", "Unreadable order"),
    "conflict": pgettext_lazy("reason", "Conflict"),
    "unknown-version": pgettext_lazy("reason", "Unknown version"),
    "cannot-undo": pgettext_lazy("reason", "Cannot undo"),
    "not-your-change": pgettext_lazy("reason", "Not your change"),
    "reused-command-id": pgettext_lazy("reason", "Reused command id"),
}

ORDERS = Category(
    decider=ORDER,
    types=frozenset(event.__name__ for event in get_args(domain.Event)),
    titles=_titles,
    find=_find,
    tell=_tell,
    page=_page,
    explain=_explain,
    wishes=WISHES,
    reasons=REASONS,
)

"""What admins are told of orders' streams, in the shop's words."""

from collections.abc import Iterable
from typing import Any, get_args
from uuid import UUID

from django.db.models.functions import Collate, Upper
from django.urls import reverse

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
    "OpenOrder": "open an order",
    "CopyOrder": "copy an order",
    "AddItems": "add items",
    "ChangeQuantity": "change a quantity",
    "RemoveItem": "remove an item",
    "ChangeDetails": "change the details",
    "Restore": "undo a change",
    "CompleteOrder": "complete the order",
    "CancelOrder": "cancel the order",
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
)

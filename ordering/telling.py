"""What admins are told of orders' streams, in the shop's words."""

from collections.abc import Iterable
from typing import get_args
from uuid import UUID

from django.db.models import Q
from django.urls import reverse

from eventstore.categories import Category
from ordering.domain import order as domain
from ordering.domain.order import Order
from ordering.handling import ORDER
from ordering.models import OrderHead
from ordering.words import words


def _titles(ids: Iterable[UUID]) -> dict[UUID, str]:
    heads = OrderHead.objects.filter(pk__in=list(ids)).select_related("customer")
    return {head.order_id: f"{head.number} · {head.customer}" for head in heads}


def _find(text: str, limit: int) -> list[UUID]:
    known_by = Q(number__iexact=text) | Q(customer__name__iexact=text)
    heads = OrderHead.objects.filter(known_by).order_by("-opened_at", "-order_id")
    return list(heads.values_list("order_id", flat=True)[:limit])


def _tell(event: domain.Event, order: Order) -> str:
    return words(event, order)[1]


def _page(order_id: UUID) -> str:
    return reverse("admin:ordering_orderhead_change", args=[order_id])


ORDERS = Category(
    decider=ORDER,
    types=frozenset(event.__name__ for event in get_args(domain.Event)),
    titles=_titles,
    find=_find,
    tell=_tell,
    page=_page,
)

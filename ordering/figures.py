"""What admins see first of the shop."""

from django.urls import reverse
from django.utils.translation import gettext_lazy

from eventstore.figures import MOST_COUNTED, Figure
from ordering.domain.order import Status
from ordering.models import OrderHead


def _open_orders() -> int:
    return OrderHead.objects.filter(status=Status.OPEN)[:MOST_COUNTED].count()


def _page() -> str:
    return f"{reverse('admin:ordering_orderhead_changelist')}?status={Status.OPEN}"


OPEN_ORDERS = Figure(gettext_lazy("Open orders"), "ordering.view_orderhead", _open_orders, _page)

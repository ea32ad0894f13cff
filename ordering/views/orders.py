"""/orders/: the customer's orders, and opening one."""

from django.contrib import messages
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import pgettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from ordering import handling
from ordering.desk import Desk
from ordering.forms import NewOrderForm
from ordering.handling import Caller
from ordering.queries import order_counts, order_page
from ordering.views.commands import SeeOther, takes_command, wants_fragment

TABS = {
    "open": pgettext_lazy("orders", "Open"),
    "completed": pgettext_lazy("orders", "Completed"),
    "cancelled": pgettext_lazy("orders", "Cancelled"),
    "all": pgettext_lazy("orders", "All"),
}


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def orders(request):
    if request.method == "POST":
        return open_order(request)
    return show_orders(request, NewOrderForm())


@takes_command
def open_order(request, key):
    form = NewOrderForm(request.POST)
    outcome = form.send(
        lambda reference: handling.open_order(Caller.of(request), key=key, reference=reference)
    )
    if outcome is None:
        return show_orders(request, form)
    Desk(request.user).choose(outcome.stream_id)
    number = outcome.events[0].event.number
    messages.success(request, _("%(number)s is open. Products go to it now.") % {"number": number})
    return SeeOther(reverse("order", args=[outcome.stream_id]))


def show_orders(request, form):
    status = request.GET.get("status")
    status = status if status in TABS else "open"
    page, older = order_page(request.user, status, request.GET.get("before", ""))
    counts = order_counts(request.user)
    only_the_list = request.method != "POST" and wants_fragment(request)
    return render(
        request,
        "ordering/orders.html#list" if only_the_list else "ordering/orders.html",
        {
            "form": form,
            "status": status,
            "tabs": [(tab, label, counts[tab]) for tab, label in TABS.items()],
            "orders": page,
            "older": older,
        },
        status=form.status,
    )

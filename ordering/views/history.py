"""/orders/<id>/history/: who did what, and the order as it was at any version."""

from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from eventstore.codec import UnreadableEvent
from ordering.as_it_was import AsItWas, read_as_it_was
from ordering.history import read_history
from ordering.models import OrderHead
from ordering.queries import order_head
from ordering.views.commands import version_of, wants_fragment


@never_cache
@require_safe
def order_history(request, order_id):
    """`?at=N`: with the order at version N, or at the nearest one that there is. As a fragment:
    only that; with `?deeds`, only who did what."""
    head = order_head(request.user, order_id)
    at = version_of(request.GET.get("at", ""))
    context = {
        "order": head,
        "at": head.version if at is None else min(max(at, 1), head.version),
        "as_it_was": None if at is None else _as_it_was(head, at),
    }
    deeds_only = "deeds" in request.GET
    if wants_fragment(request) and not deeds_only:
        return render(request, "ordering/order_history.html#as_it_was", context)
    context["history"] = read_history(order_id, before=version_of(request.GET.get("before", "")))
    fragment = "#deeds" if wants_fragment(request) else ""
    return render(request, f"ordering/order_history.html{fragment}", context)


def _as_it_was(head: OrderHead, at: int) -> AsItWas | None:
    try:
        return read_as_it_was(head.order_id, min(max(at, 1), head.version))
    except UnreadableEvent:  # the history beside it says so
        return None

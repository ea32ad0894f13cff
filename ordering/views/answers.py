"""What the cart page answers to a command: the order after it, or why not and the ways on."""

from collections.abc import Callable
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse

from catalog.kept import untouched
from eventstore.decider import Outcome
from ordering import asking
from ordering.cart import Cart, Source, told
from ordering.domain.order import Command
from ordering.forms import CancellationForm, CommandForm, DetailsForm, ItemForm
from ordering.history import read_news
from ordering.lines import order_lines
from ordering.models import OrderHead
from ordering.queries import order_head
from ordering.undo import undoable
from ordering.views.commands import SeeOther, version_of, wants_fragment

CHANGED = "ordering/order.html#cart_changed"


def tell(request: HttpRequest, outcome: Outcome, text: str) -> None:
    """Say what was done, and offer to undo it."""
    offer = f"undo:{outcome.stream_id}:{outcome.version}" if undoable(outcome) else ""
    messages.success(request, text, extra_tags=offer)


def done(request: HttpRequest, order_id: UUID, *, at: str = "") -> HttpResponse:
    """The order after a command, to be seen at the line `at`."""
    if wants_fragment(request):
        head = order_head(request.user, order_id)
        context = cart_context(request, head, at=at)
        # What colleagues did meanwhile comes with the answer, and should not come unsaid.
        since = version_of(request.POST.get("seen", ""))
        if since is not None:
            context["news"] = read_news(order_id, request.user, since=since, upto=head.version)
        return render(request, CHANGED, context)
    page = reverse("order", args=[order_id])
    return SeeOther(f"{page}#line-{at}" if at else page)


def refuse(
    request: HttpRequest,
    order_id: UUID,
    form: CommandForm,
    *,
    wanted: Callable[..., Command] | None = None,
    seen: int = 0,
    **shown,
) -> HttpResponse:
    """The order as it is, with the form that was refused: what was typed, and why not. What
    collides with a colleague's change is asked: `wanted` makes the command of what was typed."""
    head = order_head(request.user, order_id)
    shown["refused"] = form
    if form.refused and form.refused.code == "conflict" and head.is_open and wanted:
        command = wanted(**form.cleaned_data)
        shown["question"] = asking.ask(
            request.user.pk, order_id, command, seen=seen, upto=head.version
        )
        # The question holds what was typed; the page behind it shows the order as it is.
        for name in ("line_form", "line_sku", "details", "cancellation"):
            shown.pop(name, None)
    context = cart_context(request, head, **shown)
    if wants_fragment(request):
        return render(request, CHANGED, context, status=form.status)
    return render(request, "ordering/order.html", context, status=form.status)


def cart_context(request: HttpRequest, head: OrderHead, **shown) -> dict:
    source = (
        head.copied_from
        and OrderHead.objects.filter(pk=head.copied_from, customer=head.customer_id).first()
    )
    may_order, here = request.user.may_order, reverse("order", args=[head.order_id])
    cart = Cart(
        order=told(head),
        lines=tuple(order_lines(head)),
        source=source and Source(source.order_id, source.number),
        may_change=head.is_open and may_order,
        may_copy=bool(head.line_count) and may_order,
        here=here,
        adding=untouched(ItemForm, quantity=1),
        details=untouched(DetailsForm, reference=head.reference, note=head.note),
        cancellation=untouched(CancellationForm),
    )
    return {
        "order": head,
        "cart": cart,
        "here": here,
        "cart_of": str(head.order_id),
    } | shown

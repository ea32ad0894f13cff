"""/orders/<id>/: the cart page, and everything that is done on it."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from ordering import handling
from ordering.desk import Desk
from ordering.domain.order import ItemAdded
from ordering.forms import CancellationForm, CommandForm, DetailsForm, ItemForm, QuantityForm
from ordering.handling import Caller
from ordering.models import OrderHead
from ordering.queries import order_head, order_lines, with_agents
from ordering.views.commands import SeeOther, render_changed, takes_command, wants_fragment


@never_cache
@require_safe
def order(request, order_id):
    head = order_head(request.user, order_id)
    if wants_fragment(request):
        return render(request, "ordering/order.html#cart", _cart(request, head))
    return render(request, "ordering/order.html", _cart(request, head))


@takes_command
def order_items(request, order_id, key):
    form = ItemForm(request.POST)
    outcome = form.send(
        lambda sku, quantity: handling.add_items(
            Caller.of(request), order_id, [(sku, quantity)], key=key
        )
    )
    if outcome is None:
        return _refuse(request, order_id, form, adding=form)
    added = outcome.events[0].event
    messages.success(request, f"Added {added.quantity} × {added.name}, {added.unit}.")
    return _done(request, order_id, at=added.sku)


@takes_command
def order_item(request, order_id, sku, key):
    form = QuantityForm(request.POST)
    outcome = form.send(
        lambda quantity: handling.change_quantity(
            Caller.of(request), order_id, sku, quantity, key=key
        )
    )
    if outcome is None:
        return _refuse(request, order_id, form, line_form=form, line_sku=sku)
    # The line itself shows it; this is for those who cannot see it.
    messages.info(request, f"{sku} is now {form.cleaned_data['quantity']}.", extra_tags="quiet")
    return _done(request, order_id, at=sku)


@takes_command
def order_item_removal(request, order_id, sku, key):
    form = CommandForm(request.POST)
    if form.send(lambda: handling.remove_item(Caller.of(request), order_id, sku, key=key)):
        messages.success(request, f"Removed {sku}.")
        return _done(request, order_id)
    return _refuse(request, order_id, form)


@takes_command
def order_details(request, order_id, key):
    form = DetailsForm(request.POST)
    outcome = form.send(
        lambda reference, note: handling.change_details(
            Caller.of(request), order_id, key=key, reference=reference, note=note
        )
    )
    if outcome is None:
        return _refuse(request, order_id, form, details=form)
    messages.success(request, "Reference and note saved.")
    return _done(request, order_id)


@takes_command
def order_completion(request, order_id, key):
    form = CommandForm(request.POST)
    outcome = form.send(lambda: handling.complete_order(Caller.of(request), order_id, key=key))
    if outcome is None:
        return _refuse(request, order_id, form)
    _clear_desk(request, order_id)
    if outcome.events:  # without: a colleague was quicker, and the page names them
        messages.success(request, "Order completed. Thank you!")
    return _done(request, order_id)


@takes_command
def order_cancellation(request, order_id, key):
    form = CancellationForm(request.POST)
    outcome = form.send(
        lambda reason: handling.cancel_order(Caller.of(request), order_id, key=key, reason=reason)
    )
    if outcome is None:
        return _refuse(request, order_id, form, cancellation=form)
    _clear_desk(request, order_id)
    if outcome.events:
        messages.success(request, "Order cancelled.")
    return _done(request, order_id)


@takes_command
def order_copy(request, order_id, key):
    source = order_head(request.user, order_id)
    form = CommandForm(request.POST)
    outcome = form.send(lambda: handling.copy_order(Caller.of(request), order_id, key=key))
    if outcome is None:
        return _refuse(request, order_id, form)
    Desk(request.user).choose(outcome.stream_id)
    copied = sum(isinstance(recorded.event, ItemAdded) for recorded in outcome.events)
    lines = ngettext("{} line", "{} lines", copied).format(copied)
    number = outcome.events[0].event.number
    messages.success(request, f"{number} is open, with {lines} of {source.number}.")
    if gone := source.line_count - copied:
        left_out = ngettext(
            "{} product has left the catalog and was left out.",
            "{} products have left the catalog and were left out.",
            gone,
        )
        messages.warning(request, left_out.format(gone))
    return SeeOther(reverse("order", args=[outcome.stream_id]))


def _done(request: HttpRequest, order_id: UUID, *, at: str = "") -> HttpResponse:
    """The order after a command, to be seen at the line `at`."""
    if wants_fragment(request):
        context = _cart(request, order_head(request.user, order_id), at=at)
        return render_changed(request, "ordering/order.html#cart", context)
    page = reverse("order", args=[order_id])
    return SeeOther(f"{page}#line-{at}" if at else page)


def _refuse(request: HttpRequest, order_id: UUID, form: CommandForm, **shown) -> HttpResponse:
    """The order as it is, with the form that was refused: what was typed, and why not."""
    context = _cart(request, order_head(request.user, order_id), refused=form, **shown)
    if wants_fragment(request):
        return render_changed(request, "ordering/order.html#cart", context, form.status)
    return render(request, "ordering/order.html", context, status=form.status)


def _cart(request: HttpRequest, head: OrderHead, **shown) -> dict:
    with_agents([head], "opened_by", "changed_by", "closed_by")
    source = (
        head.copied_from
        and OrderHead.objects.filter(pk=head.copied_from, customer=head.customer_id).first()
    )
    return {
        "order": head,
        "lines": order_lines(head.order_id),
        "source": source,
        "may_change": head.is_open and request.user.may_order,
        "here": reverse("order", args=[head.order_id]),
        "adding": ItemForm(initial={"quantity": 1}),
        "details": DetailsForm(initial={"reference": head.reference, "note": head.note}),
        "cancellation": CancellationForm(),
    } | shown


def _clear_desk(request: HttpRequest, order_id: UUID) -> None:
    """An order that this agent has closed is no longer where their products go."""
    if request.user.current_order_id == order_id:
        Desk(request.user).choose(None)

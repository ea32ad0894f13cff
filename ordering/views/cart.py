"""/orders/<id>/: the cart page, and everything that is done on it."""

import uuid

from django.contrib import messages
from django.http import HttpRequest
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from catalog.shown import Names
from ordering import asking, handling
from ordering.desk import Desk
from ordering.domain import order as domain
from ordering.domain.order import Command, ItemAdded
from ordering.forms import CancellationForm, CommandForm, DetailsForm, ItemForm, QuantityForm
from ordering.handling import Caller
from ordering.history import read_news
from ordering.live.presence import colleagues_on
from ordering.queries import order_head
from ordering.views.answers import cart_context, done, refuse, tell
from ordering.views.commands import (
    SeeOther,
    shows_version,
    takes_command,
    version_of,
    wants_fragment,
)
from ordering.words import of_product


@never_cache
@require_safe
def order(request, order_id):
    """As a fragment with `?since=N`: also what colleagues did after version N."""
    head = order_head(request.user, order_id)
    context = cart_context(request, head)
    if not wants_fragment(request):
        context["colleagues"] = colleagues_on(order_id, request.user)
        return render(request, "ordering/order.html", context)
    since = version_of(request.GET.get("since", ""))
    if since is not None:
        context["news"] = read_news(order_id, request.user, since=since, upto=head.version)
    return render(request, "ordering/order.html#cart_now", context)


@takes_command
@shows_version("seen", required=False)
def order_items(request, order_id, key, seen):
    form = ItemForm(request.POST)
    outcome = form.send(
        lambda sku, quantity: handling.add_items(
            Caller.of(request), order_id, [(sku, quantity)], key=key
        )
    )
    if outcome is None:
        return refuse(request, order_id, form, adding=form)
    added = outcome.events[0].event
    product = Names([added.sku]).of(added.sku, added)
    told = of_product(
        _("Added %(quantity)s × %(product)s, %(unit)s."), product, quantity=added.quantity
    )
    tell(request, outcome, told)
    return done(request, order_id, at=added.sku)


@takes_command
@shows_version("seen")
def order_item(request, order_id, sku, key, seen):
    form = QuantityForm(request.POST)
    wanted = lambda quantity: domain.ChangeQuantity(sku, quantity)  # noqa: E731
    outcome = form.send(_sending(request, order_id, wanted, key, seen))
    if outcome is None:
        return refuse(
            request, order_id, form, wanted=wanted, seen=seen, line_form=form, line_sku=sku
        )
    quantity = form.cleaned_data["quantity"]
    tell(request, outcome, _("%(sku)s is now %(quantity)s.") % {"sku": sku, "quantity": quantity})
    return done(request, order_id, at=sku)


@takes_command
@shows_version("seen")
def order_item_removal(request, order_id, sku, key, seen):
    form = CommandForm(request.POST)
    wanted = lambda: domain.RemoveItem(sku)  # noqa: E731
    outcome = form.send(_sending(request, order_id, wanted, key, seen))
    if outcome is None:
        return refuse(request, order_id, form, wanted=wanted, seen=seen)
    tell(request, outcome, _("Removed %(sku)s.") % {"sku": sku})
    return done(request, order_id)


@takes_command
@shows_version("seen")
def order_details(request, order_id, key, seen):
    form = DetailsForm(request.POST)
    wanted = lambda **typed: asking.edited(order_id, seen, typed)  # noqa: E731
    outcome = form.send(_sending(request, order_id, wanted, key, seen))
    if outcome is None:
        # What the agent left alone is shown as it is now, or the next try would set it back.
        edits = asking.edited(order_id, seen, form.typed())
        now = order_head(request.user, order_id)
        untouched = {
            name: getattr(now, name) for name in form.fields if getattr(edits, name) is None
        }
        form.data = {**form.data.dict(), **untouched}
        return refuse(request, order_id, form, wanted=wanted, seen=seen, details=form, edits=edits)
    tell(request, outcome, _("Reference and note saved."))
    return done(request, order_id)


@takes_command
@shows_version("seen")
def order_completion(request, order_id, key, seen):
    form = CommandForm(request.POST)
    outcome = form.send(_sending(request, order_id, domain.CompleteOrder, key, seen))
    if outcome is None:
        return refuse(request, order_id, form, wanted=domain.CompleteOrder, seen=seen)
    _clear_desk(request, order_id)
    if outcome.events:  # without: a colleague was quicker, and the page names them
        messages.success(request, _("Order completed. Thank you!"))
    return done(request, order_id)


@takes_command
@shows_version("seen")
def order_cancellation(request, order_id, key, seen):
    form = CancellationForm(request.POST)
    outcome = form.send(_sending(request, order_id, domain.CancelOrder, key, seen))
    if outcome is None:
        return refuse(
            request, order_id, form, wanted=domain.CancelOrder, seen=seen, cancellation=form
        )
    _clear_desk(request, order_id)
    if outcome.events:
        messages.success(request, _("Order cancelled."))
    return done(request, order_id)


@takes_command
def order_copy(request, order_id, key):
    """A new order with the lines of this one; with details that were typed for it, when sent."""
    source = order_head(request.user, order_id)
    by = Caller.of(request)
    form = CommandForm(request.POST)
    outcome = form.send(lambda: handling.copy_order(by, order_id, key=key))
    if outcome is None:
        return refuse(request, order_id, form)
    copy_id = outcome.stream_id
    Desk(request.user).choose(copy_id)
    copied = sum(isinstance(recorded.event, ItemAdded) for recorded in outcome.events)
    told = ngettext(
        "%(number)s is open, with %(count)d line of %(source)s.",
        "%(number)s is open, with %(count)d lines of %(source)s.",
        copied,
    )
    number = outcome.events[0].event.number
    messages.success(request, told % {"number": number, "count": copied, "source": source.number})
    if gone := source.line_count - copied:
        left_out = ngettext(
            "%(count)d product has left the catalog and was left out.",
            "%(count)d products have left the catalog and were left out.",
            gone,
        )
        messages.warning(request, left_out % {"count": gone})
    typed = {name: request.POST[name] for name in ("reference", "note") if name in request.POST}
    if typed:
        details = DetailsForm({"reference": source.reference, "note": ""} | typed)
        also = str(uuid.uuid5(uuid.UUID(key), "details"))
        if not details.send(lambda **all_: handling.change_details(by, copy_id, key=also, **all_)):
            return refuse(request, copy_id, details, details=details)
    return SeeOther(reverse("order", args=[copy_id]))


def _sending(request: HttpRequest, order_id: uuid.UUID, wanted, key: str, seen: int):
    """Sends the Command that `wanted` makes of what was typed."""

    def sending(**typed):
        command: Command = wanted(**typed)
        return asking.send(Caller.of(request), order_id, command, key=key, seen=seen)

    return sending


def _clear_desk(request: HttpRequest, order_id: uuid.UUID) -> None:
    """An order that this agent has closed is no longer where their products go."""
    if request.user.current_order_id == order_id:
        Desk(request.user).choose(None)

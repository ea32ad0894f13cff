"""/current-order/: the order that an agent's products go to."""

from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.shortcuts import get_object_or_404, render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from catalog.models import Product
from catalog.shelves import shelves
from catalog.templatetags.look import in_language
from catalog.views import product_context
from ordering.context import here
from ordering.desk import Desk, add_to_current_order
from ordering.forms import ItemForm
from ordering.handling import Caller
from ordering.queries import order_head
from ordering.views.answers import tell
from ordering.views.commands import SeeOther, render_changed, takes_command, wants_fragment


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def current_order(request):
    """See it: the header's part of a page, or the order itself. Or choose it, which is no command:
    choosing the same order twice is choosing it."""
    if request.method != "POST":
        if wants_fragment(request):
            return render(request, "base.html#current_order")
        order = Desk(request.user).order
        return SeeOther(reverse("order", args=[order.order_id]) if order else reverse("orders"))
    if not request.user.may_order:
        raise PermissionDenied
    try:
        head = order_head(request.user, UUID(request.POST.get("order", "")))
    except ValueError:
        raise Http404 from None
    if head.is_open:
        Desk(request.user).choose(head.order_id)
        messages.success(request, _("Products go to %(number)s now.") % {"number": head.number})
    else:
        why_not = (
            _("%(number)s is completed; choose an open order.")
            if head.status == "completed"
            else _("%(number)s is cancelled; choose an open order.")
        )
        messages.error(request, why_not % {"number": head.number})
    return SeeOther(here(request))


current_order.is_page = False


@takes_command
def current_order_items(request, key):
    """Add a product to the current order, whichever that is now."""
    form = ItemForm(request.POST)
    outcome = form.send(
        lambda sku, quantity: add_to_current_order(
            Caller.of(request),
            [(sku, quantity)],
            key=key,
            anew=request.POST.get("into") == "new",
        )
    )
    product = get_object_or_404(
        Product.objects.select_related("category"),
        sku=request.POST.get("sku", "").replace("\0", "").strip(),
    )
    # A page that shows a product twice tells the two by the shelf that one of them is on.
    on = request.POST.get("on", "")
    part = "catalog/product.html#add"
    if on == "suggestions":
        part = "catalog/suggestions.html#adding"
    on = on if on in shelves else ""
    if outcome is None:
        lost = Desk(request.user).lost if form.status == 409 else None
        context = product_context(product) | {"adding": form, "lost": lost, "on": on}
        if wants_fragment(request):
            return render_changed(request, part, context, form.status)
        return render(request, "catalog/product.html", context, status=form.status)

    head = order_head(request.user, outcome.stream_id)
    tell(
        request,
        outcome,
        format_html(
            _('Added {quantity} × {product} to <a class="number" href="{url}">{number}</a>.'),
            quantity=form.cleaned_data["quantity"],
            product=in_language(product.shown_name, product.foreign),
            url=reverse("order", args=[head.order_id]),
            number=head.number,
        ),
    )
    if wants_fragment(request):
        context = {"product": product, "on": on}
        response = render_changed(request, part, context)
        response.write(render_to_string("catalog/product.html#had_around", context, request))
        return response
    if request.POST.get("into") == "new" and "next" not in request.POST:
        return SeeOther(reverse("order", args=[head.order_id]))
    return SeeOther(f"{here(request)}#{on or 'product'}-{product.sku}")

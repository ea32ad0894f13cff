"""What the ordering pages say the same way everywhere."""

from datetime import date, datetime, timedelta
from functools import lru_cache
from uuid import uuid4

from django import template
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from catalog.kept import filled_in, filled_in_anew, show
from ordering.explaining import WORDS

register = template.Library()


@filled_in_anew
def new_id(context) -> SafeString:
    return mark_safe(str(uuid4()))  # noqa: S308  (digits and hyphens)


@filled_in
def version(context) -> int:
    return context["order"].version


@filled_in
def just_changed(context, sku: str) -> SafeString:
    """The style class of the line that the request which is being answered has changed."""
    is_it = context.get("at") == sku
    return mark_safe(' class="just-changed"' if is_it else "")  # noqa: S308  (constants)


@filled_in
def current_version(context) -> int:
    return context["desk"].order.version


@filled_in
def basket(context) -> SafeString:
    """How much is in the current order."""
    return mark_safe(show(context, "ordering/basket.html", current=context["desk"].order))  # noqa: S308  (a template escaped it)


@filled_in
def choices(context) -> SafeString:
    """The orders that products may go to."""
    desk = context["desk"]
    current = desk.order and desk.order.order_id
    return mark_safe(  # noqa: S308  (a template escaped each)
        "".join(
            show(context, "ordering/choice.html", order=one, is_current=one.order_id == current)
            for one in desk.open_orders
        )
    )


for tag in (just_changed, current_version, basket, choices):
    register.simple_tag(tag, takes_context=True)


@register.simple_tag(takes_context=True)
def command_id(context) -> SafeString:
    """The hidden field that makes a form one intent: sent twice, it still has one effect."""
    # Without autocomplete="off" a browser keeps the old id in the field when the page is reloaded.
    return format_html(
        '<input type="hidden" name="command_id" value="{}" autocomplete="off">', new_id(context)
    )


@register.simple_tag(takes_context=True)
def seen(context) -> SafeString:
    """The hidden field that tells which version of the order the agent saw."""
    return format_html(
        '<input type="hidden" name="seen" value="{}" autocomplete="off">', version(context)
    )


@register.filter
def undo(message) -> dict | None:
    """What a message of `tell` offers to undo: {"order_id", "version"}, or None."""
    kind, _, rest = (message.extra_tags or "").partition(":")
    order_id, _, version = rest.partition(":")
    return {"order_id": order_id, "version": version} if kind == "undo" else None


@register.simple_tag
def when(moment: datetime) -> SafeString:
    """14:03 today, "yesterday 14:03", else the date and time; with the whole of it on hover."""
    return _when(timezone.localtime(moment), timezone.localdate(), get_language())


# A page shows the same moment at several places, and it looks the same all day.
@lru_cache(maxsize=1024)
def _when(local: datetime, today: date, language: str) -> SafeString:
    if local.date() == today:
        short = date_format(local, "TIME_FORMAT")
    elif local.date() == today - timedelta(days=1):
        short = _("yesterday %(time)s") % {"time": date_format(local, "TIME_FORMAT")}
    else:
        short = date_format(
            local, "THIS_YEAR_FORMAT" if local.year == today.year else "DATE_FORMAT"
        )
    return format_html(
        '<time datetime="{}" title="{}">{}</time>',
        local.isoformat(timespec="seconds"),
        date_format(local, "WHOLE_MOMENT_FORMAT"),
        short,
    )


@register.filter
def status(name: str) -> str:
    """The word for a status of an order."""
    return str(WORDS["status"].get(name, name))


@register.filter
def at(mapping: dict, key):
    """The mapping's value at a key that is itself a variable; None when there is none."""
    return mapping.get(key)

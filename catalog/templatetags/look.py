"""How the shop looks: icons, prices, product pictures."""

import re
from decimal import Decimal
from functools import lru_cache
from zlib import crc32

from django import template
from django.conf import settings
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from lucide import IconDoesNotExist
from lucide.templatetags.lucide import lucide

from catalog import kept as keeping
from catalog.highlight import Marks, highlight
from catalog.numbers import shown_amount

register = template.Library()

# As many as shop.css has.
TINTS, POSES = 15, 4
NAMELESS = "package"  # stands for an icon that is not there


# Drawing one takes longer than all else in a line of an order, and an order has many lines.
@register.simple_tag
@lru_cache(maxsize=512)
def icon(name: str, size: int = 20, stroke: float = 2) -> SafeString:
    """A Lucide icon, for the eye only: what it means must be said beside it."""
    try:
        drawn = lucide(name, size=size, stroke_width=stroke, aria_hidden="true")
    except IconDoesNotExist:
        drawn = lucide(NAMELESS, size=size, stroke_width=stroke, aria_hidden="true")
    return mark_safe(re.sub(r">\s+<", "><", drawn))  # noqa: S308  (drawn by the package)


@register.simple_tag(takes_context=True)
def kept(context, template: str, **values) -> SafeString:
    """A part of the page that is drawn once for the same values: see catalog.kept."""
    return mark_safe(keeping.show(context, template, **values))  # noqa: S308  (a template escaped it)


@register.simple_tag(takes_context=True)
def kept_lately(context, template: str, **values) -> SafeString:
    """The same for a part that is long and often another one: only the latest of them are kept."""
    return mark_safe(keeping.show_lately(context, template, **values))  # noqa: S308  (a template escaped it)


@register.simple_tag(takes_context=True)
def kept_each(context, template: str, name: str, ones, **values) -> SafeString:
    """The same for each of `ones`, which the part knows as `name`."""
    drawn = keeping.show_each(context, template, name, ones, **values)
    return mark_safe(drawn)  # noqa: S308  (a template escaped each)


@register.simple_tag
def money(amount: Decimal, currency: str = "") -> str:
    """The amount, as `shown_amount` writes it. Without a currency it is in the shop's."""
    return shown_amount(amount, currency or settings.CURRENCY)


@register.filter
def quoted_or(words: list[str]) -> str:
    """“flour” or “oats”."""
    return _(" or ").join(_("“%(word)s”") % {"word": word} for word in words)


@register.simple_tag
def in_language(text: str, language: str) -> str:
    """The text, marked with its language where that is not the page's; "" says that it is."""
    return format_html('<span lang="{}">{}</span>', language, text) if language else text


@register.filter
def marked(text: str, found) -> SafeString:
    """The text with what was searched for marked in it; None: nothing was."""
    return highlight(text, found.marks if found else Marks())


@register.filter
def tint(category) -> str:
    """The style class with the category's hue."""
    return f"tint-{(category.position - 1) % TINTS + 1}"


@register.inclusion_tag("catalog/picture.html")
def picture(product, size: str = "") -> dict:
    """The product's picture; `size` is "" or "small". The pose varies; a product keeps its own."""
    return {
        "product": product,
        "small": size == "small",
        "pose": f"pose-{crc32(product.sku.encode()) % POSES}",
    }

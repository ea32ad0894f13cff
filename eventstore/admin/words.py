"""Names, numbers and times as people read them, the same on every page."""

import re
from datetime import datetime

from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString


def in_words(name: str) -> str:
    """ "Change quantity" of "ChangeQuantity", "Order closed" of "order-closed"."""
    return re.sub(r"(?<=[a-z])(?=[A-Z])|-", " ", name).capitalize()


def moment(at: datetime | None) -> SafeString:
    """ "24 Nov 2026, 08:07:03"."""
    if at is None:
        return SafeString("—")
    local = timezone.localtime(at)
    return format_html(
        '<time datetime="{}">{}, {}</time>',
        local.isoformat(),
        f"{local:%-d %b %Y}",
        f"{local:%H:%M:%S}",
    )


def thousands(number: int | None) -> str:
    return "" if number is None else f"{number:,}"


def span(seconds: float) -> str:
    """A length of time, in its largest unit."""
    if seconds < 10:
        return f"{seconds:.1f} s"
    for unit, length, most in (("s", 1, 120), ("min", 60, 120), ("h", 3600, 48)):
        if seconds < length * most:
            return f"{seconds // length:.0f} {unit}"
    return f"{seconds // 86_400:.0f} days"


def ago(when: datetime | None) -> str:
    if when is None:
        return "never"
    seconds = (timezone.now() - when).total_seconds()
    return "just now" if seconds < 10 else f"{span(seconds)} ago"


def pace(rate: float | None) -> str:
    """Events a second; a slow one with its tenths."""
    if rate is None:
        return "with each event"
    return f"{rate:,.0f}/s" if rate >= 10 or not rate else f"{max(rate, 0.1):.1f}/s"

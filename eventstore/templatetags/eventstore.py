"""Numbers and times as people read them, and the dashboard."""

from datetime import datetime

from django import template
from django.utils import timezone

from eventstore.admin.dashboard import dashboard

register = template.Library()


@register.filter
def thousands(number: int | None) -> str:
    return "" if number is None else f"{number:,}"


@register.filter
def span(seconds: float) -> str:
    """A length of time, in its largest unit."""
    if seconds < 10:
        return f"{seconds:.1f} s"
    for unit, length, most in (("s", 1, 120), ("min", 60, 120), ("h", 3600, 48)):
        if seconds < length * most:
            return f"{seconds // length:.0f} {unit}"
    return f"{seconds // 86_400:.0f} days"


@register.filter
def ago(when: datetime | None) -> str:
    if when is None:
        return "never"
    seconds = (timezone.now() - when).total_seconds()
    return "just now" if seconds < 10 else f"{span(seconds)} ago"


@register.filter
def pace(rate: float | None) -> str:
    """Events a second; a slow one with its tenths."""
    if rate is None:
        return "with each event"
    return f"{rate:,.0f}/s" if rate >= 10 or not rate else f"{max(rate, 0.1):.1f}/s"


@register.filter
def columns(row: dict) -> list[tuple[str, tuple]]:
    """The columns in which a row (see Job.found) differs, each with what is expected and what is
    there; all of them for a row that is on one side only."""
    expected, actual = row["expected"] or {}, row["actual"] or {}
    return [
        (name, (expected.get(name, "—"), actual.get(name, "—")))
        for name in expected | actual
        if expected.get(name) != actual.get(name)
    ]


@register.inclusion_tag("admin/eventstore/dashboard.html", takes_context=True)
def store_dashboard(context):
    """What admins see first, of what this one may see; empty for one who may see nothing of it."""
    return {"board": dashboard(context["request"].user), "site_url": context.get("site_url")}

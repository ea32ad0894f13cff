"""Numbers and times as people read them, and the dashboard."""

from django import template

from eventstore.admin import words
from eventstore.admin.dashboard import dashboard

register = template.Library()
for word in (
    *(words.in_words, words.moment, words.thousands, words.span, words.ago, words.pace),
    words.blocking,
):
    register.filter(word)


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


@register.filter
def kind_of_error(text: str) -> str:
    """ "ValueError" of "ValueError: …": an error's own words may quote what an event says."""
    kind, colon, _ = text.partition(": ")
    return kind if colon and kind.isidentifier() else "Error"


@register.inclusion_tag("admin/eventstore/dashboard.html", takes_context=True)
def store_dashboard(context):
    """What admins see first, of what this one may see; empty for one who may see nothing of it."""
    return {"board": dashboard(context["request"].user), "site_url": context.get("site_url")}

"""Commands refused: so that support can answer "it did not take my change"."""

from datetime import date, timedelta
from uuid import UUID

from django.contrib import admin
from django.db import connection
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html

from eventstore.admin.filters import TypedFilter
from eventstore.admin.people import find_actor, names_of, told
from eventstore.admin.reading import VIEW_PAYLOAD, KeysetAdmin
from eventstore.admin.unseen import read_unseen
from eventstore.categories import categories, find_streams, titles_of
from eventstore.models import Refusal, Stream
from eventstore.refusals import KEPT
from eventstore.templatetags.eventstore_words import in_words

CONFLICT = "conflict"
FOUND = 100  # streams that a search may mean

# From one code to the next by the index: a DISTINCT would read all of it.
CODES = """
WITH RECURSIVE known AS (
    (SELECT code FROM eventstore_refusal ORDER BY code LIMIT 1)
    UNION ALL
    SELECT (SELECT code FROM eventstore_refusal WHERE code > known.code ORDER BY code LIMIT 1)
      FROM known WHERE known.code IS NOT NULL
)
SELECT code FROM known WHERE code IS NOT NULL
"""


class KindFilter(admin.SimpleListFilter):
    title = "kind"
    parameter_name = "kind"

    def lookups(self, request, model_admin):
        return [("conflict", "Conflicts with a colleague"), ("rejected", "Rejected")]

    def queryset(self, request, queryset):
        match self.value():
            case "conflict":
                return queryset.filter(code=CONFLICT)
            case "rejected":
                return queryset.exclude(code=CONFLICT)
        return queryset


class ReasonFilter(admin.SimpleListFilter):
    title = "reason"
    parameter_name = "code"

    def lookups(self, request, model_admin):
        with connection.cursor() as cursor:
            cursor.execute(CODES)
            return [(code, in_words(code)) for (code,) in cursor.fetchall()]

    def queryset(self, request, queryset):
        if not self.value():
            return queryset
        known = {code for code, _ in self.lookup_choices}
        return queryset.filter(code=self.value()) if self.value() in known else queryset.none()


class SenderFilter(TypedFilter):
    title = "who"
    inputs = {"who": {"label": "Login name or id", "maxlength": "150"}}

    def narrow(self, request, queryset, *, who):
        return queryset.filter(actor=find_actor(who))


class DayFilter(TypedFilter):
    title = "day"
    inputs = {
        "from": {"label": "From", "type": "date"},
        "to": {"label": "To, that day included", "type": "date"},
    }

    def narrow(self, request, queryset, **days):
        if "from" in days:
            queryset = queryset.filter(recorded_at__gte=_midnight(days["from"]))
        if "to" in days:
            queryset = queryset.filter(recorded_at__lt=_midnight(days["to"], later=1))
        return queryset


class RequestFilter(TypedFilter):
    title = "request"
    inputs = {"correlation": {"label": "Correlation id", "maxlength": "64"}}

    def narrow(self, request, queryset, *, correlation):
        if not correlation.isprintable():
            raise ValueError(f"Expected a request's correlation id, found {correlation[:60]!r}.")
        return queryset.filter(correlation_id=correlation)


def _midnight(text: str, later: int = 0):
    try:
        day = date.fromisoformat(text) + timedelta(days=later)
        begins = timezone.datetime(day.year, day.month, day.day)
        return timezone.make_aware(begins)
    except (ValueError, OverflowError):
        raise ValueError(
            f"That is no day: expected one such as 2026-04-30, found {text[:60]!r}."
        ) from None


@admin.register(Refusal)
class RefusalAdmin(KeysetAdmin):
    list_display = ("recorded_at", "told", "saw")
    show_facets = admin.ShowFacets.NEVER  # they count
    list_filter = (KindFilter, ReasonFilter, SenderFilter, DayFilter, RequestFilter)
    search_fields = ("correlation_id",)  # see get_search_results
    search_help_text = (
        "An order's number or customer, as people know it, or the id of a stream or a request."
    )
    keyset = ("recorded_at", "id")
    change_form_template = "admin/eventstore/refusal/change_form.html"
    fields = ()

    def get_search_results(self, request, queryset, search_term):
        term = search_term.strip()
        if not term:
            return queryset, False
        try:
            streams = [UUID(term)]
        except ValueError:
            streams = find_streams(term, FOUND)
        return queryset.filter(Q(stream_id__in=streams) | Q(correlation_id=term)), False

    def get_changelist_instance(self, request):
        changelist = super().get_changelist_instance(request)
        self._look_up(changelist.result_list)
        return changelist

    def _look_up(self, refusals: list[Refusal]) -> None:
        """Names and titles, two queries for a page of refusals."""
        names = names_of(refusal.actor for refusal in refusals)
        pairs = {(one.stream_id, one.category) for one in refusals if one.stream_id}
        titles = titles_of(pairs)
        for refusal in refusals:
            refusal.sender = told(refusal.actor, names)
            refusal.title = titles.get(refusal.stream_id, "")

    @admin.display(description="what was refused")
    def told(self, refusal):
        return format_html(
            '<strong>{}</strong> wanted to {}{}<br><span class="refusal-kind{}">{}</span> '
            '<bdi class="refusal-why">{}</bdi>{}',
            refusal.sender,
            wish(refusal),
            format_html(" (<bdi>{}</bdi>)", refusal.title) if refusal.title else "",
            " refusal-conflict" if refusal.code == CONFLICT else "",
            "Conflict" if refusal.code == CONFLICT else "Rejected",
            explain(refusal),
            f" {refusal.repeats + 1} times." if refusal.repeats else "",
        )

    @admin.display(description="saw → was")
    def saw(self, refusal):
        if refusal.version is None:
            return "—"
        seen = "" if refusal.seen is None else f"{refusal.seen} "
        unseen = f", {refusal.unseen} unseen" if refusal.unseen else ""
        return f"{seen}→ {refusal.version}{unseen}"

    def changelist_view(self, request, extra_context=None):
        return super().changelist_view(request, {"title": "Commands refused"})

    def render_change_form(self, request, context, obj=None, **kwargs):
        reads = request.user.has_perm(VIEW_PAYLOAD)
        self._look_up([obj])
        stream = obj.stream_id and Stream.objects.filter(pk=obj.stream_id).first()
        context |= {
            "title": "Why was it not done?",
            "subtitle": "",
            "refusal": obj,
            "wanted": wish(obj),
            "reason": in_words(obj.code),
            "why": explain(obj),
            "conflict": obj.code == CONFLICT,
            "stream": stream,
            "stream_url": stream and reverse("admin:eventstore_stream_change", args=[stream.pk]),
            "unseen": read_unseen(obj, stream, in_words=reads) if stream else None,
            "asked": obj.asked if reads else None,
            "reads": reads,
            "others_url": f"{reverse('admin:eventstore_refusal_changelist')}?who={obj.actor}",
            "kept_until": obj.recorded_at + KEPT,
        }
        return super().render_change_form(request, context, obj=obj, **kwargs)


def explain(refusal: Refusal) -> str:
    """Why, as its sender was told."""
    category = categories.get(refusal.category)
    return category.explain(refusal.code, refusal.params) if category else refusal.code


def wish(refusal: Refusal) -> str:
    """What its sender wanted to do."""
    category = categories.get(refusal.category)
    wishes = category.wishes if category else {}
    return wishes.get(refusal.command) or in_words(refusal.command).lower()

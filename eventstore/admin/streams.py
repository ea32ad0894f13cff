"""Streams: the list, and how it is searched and filtered."""

import re
from datetime import date, datetime, time, timedelta
from uuid import UUID

from django.contrib import admin, messages
from django.contrib.auth import get_user_model
from django.db import connection
from django.db.models import OuterRef, Q, Subquery
from django.template.defaultfilters import filesizeformat
from django.urls import path
from django.utils import timezone
from django.utils.html import format_html

from eventstore.admin.exporting import ExportableStreams
from eventstore.admin.filters import TypedFilter
from eventstore.admin.keyset import KeysetChangeList
from eventstore.admin.stream_page import StreamPage
from eventstore.categories import find_streams, titles_of
from eventstore.models import Event, Stream

MOST_FOUND = 500  # streams that a search by words leads to, a category
ID = re.compile(r"[0-9a-f]{4,32}")

# Each category is one look into the index, however many streams it has.
CATEGORIES = """
WITH RECURSIVE each AS (
    (SELECT category FROM eventstore_stream ORDER BY category LIMIT 1)
    UNION ALL
    SELECT (SELECT category FROM eventstore_stream WHERE category > each.category
             ORDER BY category LIMIT 1)
      FROM each WHERE each.category IS NOT NULL)
SELECT category FROM each WHERE category IS NOT NULL
"""


class CategoryFilter(admin.SimpleListFilter):
    title = "category"
    parameter_name = "category"

    def lookups(self, request, model_admin):
        with connection.cursor() as cursor:
            cursor.execute(CATEGORIES)
            return [(name, name) for [name] in cursor.fetchall()]

    def has_output(self):
        return True

    def queryset(self, request, queryset):
        return queryset.filter(category=self.value()) if self.value() else queryset


class OpenedFilter(TypedFilter):
    title = "when they were opened"
    inputs = {
        "opened_from": {"label": "From", "type": "date"},
        "opened_until": {"label": "Until (that day too)", "type": "date"},
    }

    def narrow(self, request, queryset, opened_from="", opened_until=""):
        first, last = _day("From", opened_from), _day("Until", opened_until)
        if first and last and first > last:
            raise ValueError(
                f"Opened: expected From to be no later than Until, found {first} and {last}."
            )
        if first:
            queryset = queryset.filter(created_at__gte=_begin(first))
        if last:
            queryset = queryset.filter(created_at__lt=_begin(last + timedelta(days=1)))
        return queryset


class ActorFilter(TypedFilter):
    title = "who acted in them"
    inputs = {"actor": {"label": "Username", "maxlength": "150"}}

    def narrow(self, request, queryset, actor=""):
        users = get_user_model()
        known = users.objects.filter(**{users.USERNAME_FIELD: actor}) if "\0" not in actor else None
        user = known and known.values_list("pk", flat=True).first()
        if not user:
            raise ValueError(f"Actor: expected a user's whole username, found “{actor[:150]}”.")
        return queryset.filter(actors__contains=[user])


def _day(label: str, text: str) -> date | None:
    if not text:
        return None
    try:
        day = date.fromisoformat(text)
        # What has a day before and after it in every time zone, and fits the database.
        if not 1900 <= day.year < 9999:
            raise ValueError(text)
    except ValueError:
        raise ValueError(
            f"{label}: expected a date such as 2026-11-24, found “{text[:40]}”."
        ) from None
    return day


def _begin(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time.min))


class StreamChangeList(KeysetChangeList):
    def get_results(self, request):
        super().get_results(request)
        streams = self.result_list
        titles = titles_of((stream.pk, stream.category) for stream in streams)
        # One look into the index a stream, not its events.
        newest = Event.objects.filter(stream=OuterRef("pk"), version=OuterRef("version"))
        last = dict(
            Stream.objects.filter(pk__in=[stream.pk for stream in streams])
            .annotate(last_at=Subquery(newest.values("recorded_at")[:1]))
            .values_list("pk", "last_at")
        )
        for stream in streams:
            stream.title, stream.last_at = titles.get(stream.pk), last.get(stream.pk)


@admin.register(Stream)
class StreamAdmin(StreamPage, ExportableStreams):
    list_display = ("title", "category", "version", "first_event", "last_event", "size")
    list_filter = (CategoryFilter, OpenedFilter, ActorFilter)
    search_fields = ("id",)  # shows the search form; see get_search_results
    search_help_text = (
        "An order's number or how it begins, a part of a customer's name, or a stream's id: "
        "at least its first four digits."
    )
    keyset = ("created_at", "id")

    def changelist_view(self, request, extra_context=None):
        return super().changelist_view(request, {"title": "Streams"} | (extra_context or {}))

    def get_changelist(self, request, **kwargs):
        return StreamChangeList

    def get_search_results(self, request, queryset, search_term):
        text = search_term.strip()
        if not text:
            return queryset, False
        found = find_streams(text, MOST_FOUND + 1)
        if len(found) > MOST_FOUND:
            messages.info(
                request,
                f"More than {MOST_FOUND} streams are known by “{text}”: these are some of them. "
                "A longer text finds fewer.",
            )
        matches = Q(pk__in=found)
        digits = text.lower().replace("-", "")
        if ID.fullmatch(digits):
            low, high = UUID(digits.ljust(32, "0")), UUID(digits.ljust(32, "f"))
            matches |= Q(pk__gte=low, pk__lte=high)
        return queryset.filter(matches), False

    def get_urls(self):
        return [
            path(
                "<path:object_id>/repair/",
                self.admin_site.admin_view(self.repair_view),
                name="eventstore_stream_repair",
            ),
            *super().get_urls(),
        ]

    @admin.display(description="stream")
    def title(self, stream):
        return format_html('<bdi class="stream-title">{}</bdi>', stream.title or stream.pk)

    @admin.display(description="first event")
    def first_event(self, stream):
        return _moment(stream.created_at)

    @admin.display(description="last event")
    def last_event(self, stream):
        return _moment(stream.last_at)

    @admin.display(description="size")
    def size(self, stream):
        return filesizeformat(stream.bytes)


def _moment(at: datetime | None) -> str:
    return timezone.localtime(at).strftime("%Y-%m-%d %H:%M") if at else "—"

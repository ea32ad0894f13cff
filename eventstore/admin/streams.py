"""Streams: the list, and how it is searched and filtered."""

import re
from uuid import UUID

from django.contrib import admin
from django.db.models import OuterRef, Q, Subquery
from django.template.defaultfilters import filesizeformat
from django.urls import path
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from eventstore.admin.exporting import ExportableStreams
from eventstore.admin.filters import ActorFilter, OneOf, TimeFilter, distinct
from eventstore.admin.keyset import KeysetChangeList
from eventstore.admin.reading import find_known
from eventstore.admin.stream_page import StreamPage
from eventstore.admin.words import moment
from eventstore.categories import titles_of
from eventstore.models import Event, Stream

MOST_FOUND = 500  # streams that a search by words leads to, a category
ID = re.compile(r"[0-9a-f]{4,32}")


class CategoryFilter(OneOf):
    title = gettext_lazy("category")
    parameter_name = "category"

    def lookups(self, request, model_admin):
        return [(name, name) for name in distinct(Stream, "category")]


class OpenedFilter(TimeFilter):
    title = gettext_lazy("when they were opened")
    field = "created_at"


class StreamActorFilter(ActorFilter):
    title = gettext_lazy("who acted in them")
    inputs = {"actor": {"label": gettext_lazy("Username"), "maxlength": "150"}}

    def of(self, queryset, actor):
        if actor is None:
            raise ValueError(_("Actor: expected a user, since streams keep only who is one."))
        return queryset.filter(actors__contains=[actor])


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
    list_filter = (CategoryFilter, OpenedFilter, StreamActorFilter)
    search_fields = ("id",)  # shows the search form; see get_search_results
    search_help_text = gettext_lazy(
        "An order's number or how it begins, a part of a customer's name, or a stream's id: "
        "at least its first four digits."
    )
    keyset = ("created_at", "id")

    def get_changelist(self, request, **kwargs):
        return StreamChangeList

    def get_search_results(self, request, queryset, search_term):
        text = search_term.strip()
        if not text:
            return queryset, False
        matches = Q(pk__in=find_known(request, text, MOST_FOUND))
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

    @admin.display(description=gettext_lazy("stream"))
    def title(self, stream):
        return format_html('<bdi class="stream-title">{}</bdi>', stream.title or stream.pk)

    @admin.display(description=gettext_lazy("first event"))
    def first_event(self, stream):
        return moment(stream.created_at)

    @admin.display(description=gettext_lazy("last event"))
    def last_event(self, stream):
        return moment(stream.last_at)

    @admin.display(description=gettext_lazy("size"))
    def size(self, stream):
        return filesizeformat(stream.bytes)

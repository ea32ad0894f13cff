"""Events: the whole log, and each one's page."""

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.urls import path, reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from eventstore.admin.event_page import as_json, event_title, page_of
from eventstore.admin.exporting import Exportable
from eventstore.admin.log import (
    CategoryFilter,
    LogActorFilter,
    LogChangeList,
    LogCorrelationFilter,
    LogQuerySet,
    LogTimeFilter,
    SourceFilter,
    StreamFilter,
    TypeFilter,
    search,
)
from eventstore.admin.people import people
from eventstore.admin.reading import VIEW_PAYLOAD
from eventstore.admin.shown import summary
from eventstore.admin.words import moment
from eventstore.categories import titles_of
from eventstore.models import Event
from eventstore.moving.exports import export_wanted


class EventChangeList(LogChangeList):
    def get_results(self, request):
        super().get_results(request)
        # Once for all rows: each cell would ask again.
        events = self.result_list
        titles = titles_of({(one.stream_id, one.stream.category) for one in events})
        about = [one.metadata if isinstance(one.metadata, dict) else {} for one in events]
        who = people(said.get("actor") for said in about)
        for event, said in zip(events, about, strict=True):
            event.stream_title = titles.get(event.stream_id, "")
            event.actor = who(said.get("actor"))
            event.source = said.get("source") or ""


@admin.register(Event)
class EventAdmin(Exportable):
    list_filter = (
        TypeFilter,
        CategoryFilter,
        SourceFilter,
        LogActorFilter,
        LogTimeFilter,
        LogCorrelationFilter,
        StreamFilter,
    )
    list_select_related = ("stream",)
    search_fields = ("stream__id",)
    search_help_text = gettext_lazy(
        "A position, an order's number or customer, or the id of a stream, a command or a "
        "correlation."
    )
    keyset = ("recorded_at", "position")
    change_form_template = "admin/eventstore/event.html"

    def get_list_display(self, request):
        said = ("says",) if request.user.has_perm(VIEW_PAYLOAD) else ()
        return ("position", "type", *said, "stream_link", "who", "recorded")

    def get_queryset(self, request):
        return LogQuerySet(self.model)

    def get_changelist(self, request, **kwargs):
        return EventChangeList

    def get_search_results(self, request, queryset, search_term):
        return search(request, queryset, search_term), False

    def lines_of(self, changelist, upto):
        if changelist.queryset.query.is_empty():
            return export_wanted(changelist.queryset.wanted.narrowed(nothing=True), upto=upto)
        return export_wanted(changelist.queryset.wanted, upto=upto)

    # --- The list's columns -------------------------------------------------------------------

    @admin.display(description=gettext_lazy("says"))
    def says(self, event):
        return format_html('<bdi class="event-says">{}</bdi>', summary(event.data))

    @admin.display(description=gettext_lazy("stream, version"))
    def stream_link(self, event):
        url = reverse("admin:eventstore_stream_change", args=[event.stream_id])
        return format_html(
            '<a href="{}" title="{}"><bdi>{}</bdi></a> <small class="event-small">{}</small>',
            url,
            event.stream_id,
            event.stream_title or f"{event.stream_id}"[:8] + "…",
            _("version %(version)s") % {"version": event.version},
        )

    @admin.display(description=gettext_lazy("by, from"))
    def who(self, event):
        return format_html(
            '{} <small class="event-small"><bdi>{}</bdi></small>',
            event.actor,
            event.source,
        )

    @admin.display(description=gettext_lazy("recorded"))
    def recorded(self, event):
        return moment(event.recorded_at)

    # --- One event ----------------------------------------------------------------------------

    def get_urls(self):
        as_json = path(
            "<int:position>/json/",
            self.admin_site.admin_view(self.json_view),
            name="eventstore_event_json",
        )
        return [as_json, *super().get_urls()]

    def change_view(self, request, object_id, form_url="", extra_context=None):
        event = self.get_object(request, object_id) if self.has_view_permission(request) else None
        if event and request.method in ("GET", "HEAD"):
            page = page_of(event, payload=request.user.has_perm(VIEW_PAYLOAD))
            extra_context = {
                "page": page,
                "title": event_title(event),
                "subtitle": "",
            } | (extra_context or {})
        return super().change_view(request, object_id, form_url, extra_context)

    def json_view(self, request, position):
        if not (self.has_view_permission(request) and request.user.has_perm(VIEW_PAYLOAD)):
            raise PermissionDenied
        event = self.get_object(request, str(position))
        if event is None:
            raise Http404
        headers = {"Content-Disposition": f'attachment; filename="event-{position}.json"'}
        return HttpResponse(as_json(event) + "\n", content_type="application/json", headers=headers)

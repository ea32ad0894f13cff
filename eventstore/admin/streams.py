"""Streams: the list, and each one's page."""

from django.contrib import admin
from django.urls import reverse
from django.utils.html import format_html

from eventstore.admin.reading import KeysetAdmin
from eventstore.models import Stream


@admin.register(Stream)
class StreamAdmin(KeysetAdmin):
    list_display = ("id", "category", "version", "created_at")
    list_filter = ("category", "created_at")
    search_fields = ("=id",)
    search_help_text = "A stream's id."
    fields = readonly_fields = ("id", "category", "version", "events", "created_at")
    keyset = ("created_at", "id")

    @admin.display(description="events")
    def events(self, stream):
        # A link, since a stream may have thousands of them.
        url = reverse("admin:eventstore_event_changelist")
        return format_html(
            '<a href="{}?stream__id__exact={}">{} events</a>', url, stream.pk, stream.version
        )

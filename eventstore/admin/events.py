"""Events: the whole log, and each one's page."""

import json

from django.contrib import admin
from django.urls import reverse
from django.utils.html import format_html
from django.utils.text import Truncator

from eventstore.admin.reading import KeysetAdmin
from eventstore.models import Event


@admin.register(Event)
class EventAdmin(KeysetAdmin):
    list_display = (
        "position",
        "type",
        "summary",
        "stream_link",
        "version",
        "actor",
        "source",
        "recorded_at",
    )
    list_filter = ("type", "recorded_at")
    search_fields = ("=stream__id", "=command_id", "type")
    search_help_text = "A stream's id, a command's id, or a type."
    keyset = ("position",)
    fields = (
        "position",
        "stream_link",
        "version",
        "type",
        "schema_version",
        "payload",
        "context",
        "command_id",
        "recorded_at",
    )
    readonly_fields = ("stream_link", "payload", "context")

    @admin.display(description="stream")
    def stream_link(self, event):
        url = reverse("admin:eventstore_stream_change", args=[event.stream_id])
        shown = f"{event.stream_id}"[:8]
        return format_html('<a href="{}" title="{}">{}…</a>', url, event.stream_id, shown)

    @admin.display(description="data")
    def summary(self, event):
        return Truncator(json.dumps(event.data, ensure_ascii=False)).chars(80)

    @admin.display(description="data")
    def payload(self, event):
        return pretty(event.data)

    @admin.display(description="metadata")
    def context(self, event):
        return pretty(event.metadata)

    @admin.display(description="actor")
    def actor(self, event):
        return event.metadata.get("actor")

    @admin.display(description="source")
    def source(self, event):
        return event.metadata.get("source")


def pretty(value) -> str:
    return format_html("<pre>{}</pre>", json.dumps(value, indent=2, ensure_ascii=False))

"""Streams and events for reading. Nothing in the store is added, changed or deleted by hand."""

import json

from django.contrib import admin, messages
from django.urls import reverse
from django.utils.html import format_html
from django.utils.text import Truncator

from eventstore import checkpoints
from eventstore.models import Checkpoint, Event, Skip, Stream
from eventstore.standing import Standing, followers, standing_of


class ReadOnlyAdmin(admin.ModelAdmin):
    show_full_result_count = False
    list_per_page = 50
    actions = None

    def has_add_permission(self, request):
        return False

    def has_change_permission(self, request, obj=None):
        return False

    def has_delete_permission(self, request, obj=None):
        return False


@admin.register(Stream)
class StreamAdmin(ReadOnlyAdmin):
    list_display = ("id", "category", "version", "created_at")
    list_filter = ("category", "created_at")
    search_fields = ("=id",)
    search_help_text = "A stream's id."
    fields = readonly_fields = ("id", "category", "version", "events", "created_at")
    ordering = ("-created_at",)

    @admin.display(description="events")
    def events(self, stream):
        # A link, since a stream may have thousands of them.
        url = reverse("admin:eventstore_event_changelist")
        return format_html(
            '<a href="{}?stream__id__exact={}">{} events</a>', url, stream.pk, stream.version
        )


@admin.register(Event)
class EventAdmin(ReadOnlyAdmin):
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
    ordering = ("-position",)
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


@admin.register(Checkpoint)
class CheckpointAdmin(ReadOnlyAdmin):
    """How the projections and reactors stand, and what to do about one that fails."""

    list_display = ("name", "kind", "state", "position", "lag", "code_is", "error_at", "moved_at")
    list_filter = ("kind",)
    ordering = ("kind", "name")
    fields = readonly_fields = (
        "name",
        "kind",
        "state",
        "position",
        "lag",
        "code_is",
        "failing_event",
        "error",
        "attempts",
        "retry_at",
        "moved_at",
    )
    actions = ("try_again", "skip_event")

    def get_queryset(self, request):
        return super().get_queryset(request).filter(pk__in=[one.name for one in followers()])

    def _of(self, checkpoint: Checkpoint) -> Standing:
        # On the row itself: its standing takes queries, and several columns tell of it.
        if not hasattr(checkpoint, "standing"):
            checkpoint.standing = standing_of(checkpoint.pk)
        return checkpoint.standing

    @admin.display(description="state")
    def state(self, checkpoint):
        return self._of(checkpoint).state

    @admin.display(description="behind")
    def lag(self, checkpoint):
        standing = self._of(checkpoint)
        return f"{standing.events} events, {standing.seconds:.0f} s" if standing.events else "—"

    @admin.display(description="code")
    def code_is(self, checkpoint):
        return self._of(checkpoint).code or "—"

    @admin.display(description="error")
    def error_at(self, checkpoint):
        return Truncator(checkpoint.error).chars(80) or "—"

    @admin.display(description="failing event")
    def failing_event(self, checkpoint):
        if checkpoint.failing_position is None:
            return "—"
        url = reverse("admin:eventstore_event_change", args=[checkpoint.failing_position])
        return format_html('<a href="{}">event {}</a>', url, checkpoint.failing_position)

    def has_operate_permission(self, request):
        return request.user.has_perm("eventstore.change_checkpoint")

    @admin.action(description="Try the failing event again now", permissions=["operate"])
    def try_again(self, request, queryset):
        for checkpoint in queryset:
            checkpoints.retry(checkpoint.pk)
            self.log_change(request, checkpoint, "Told to try its failing event again.")
        self.message_user(request, "It is tried again with the next look at the log.")

    @admin.action(description="Skip the failing event, on the record", permissions=["operate"])
    def skip_event(self, request, queryset):
        for checkpoint in queryset:
            position = checkpoint.failing_position
            if position is None:
                self.message_user(request, f"{checkpoint.pk} does not fail.", messages.WARNING)
                continue
            checkpoints.skip(checkpoint.pk, position, by=request.user.get_username())
            self.log_change(request, checkpoint, f"Told to skip event {position}.")
            self.message_user(request, f"{checkpoint.pk} leaves out event {position} from now on.")


@admin.register(Skip)
class SkipAdmin(ReadOnlyAdmin):
    list_display = ("subscription", "position", "skipped_by", "skipped_at", "error")
    list_filter = ("subscription",)
    ordering = ("-skipped_at",)


def pretty(value) -> str:
    return format_html("<pre>{}</pre>", json.dumps(value, indent=2, ensure_ascii=False))

"""Projections and reactors: how they stand, and what to do about one that fails."""

from django.contrib import admin, messages
from django.urls import reverse
from django.utils.html import format_html
from django.utils.text import Truncator

from eventstore import checkpoints
from eventstore.admin.reading import ReadOnlyAdmin
from eventstore.models import Checkpoint
from eventstore.standing import Standing, followers, standing_of


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

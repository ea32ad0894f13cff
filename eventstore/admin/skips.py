"""Events that were left out, by whom and why."""

from django.contrib import admin

from eventstore.admin.reading import ReadOnlyAdmin
from eventstore.models import Skip


@admin.register(Skip)
class SkipAdmin(ReadOnlyAdmin):
    list_display = ("subscription", "position", "skipped_by", "skipped_at", "error")
    list_filter = ("subscription",)
    ordering = ("-skipped_at",)

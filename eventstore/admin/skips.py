"""Events that were left out, by whom and why."""

from django.contrib import admin

from eventstore.admin.reading import VIEW_PAYLOAD, KeysetAdmin
from eventstore.models import Skip


@admin.register(Skip)
class SkipAdmin(KeysetAdmin):
    list_filter = ("subscription",)
    keyset = ("skipped_at", "id")

    # An error may quote what the event says.

    def get_list_display(self, request):
        return self.get_fields(request)

    def get_fields(self, request, obj=None):
        why = ("error",) if request.user.has_perm(VIEW_PAYLOAD) else ()
        return ("subscription", "position", "skipped_by", "skipped_at", *why)

"""What all pages of the store share: they only show, and lists are paged by key."""

from uuid import UUID

from django.contrib import admin, messages
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from eventstore.admin.keyset import KeysetChangeList
from eventstore.categories import find_streams

# Seeing what events say is a permission of its own: support may see who did what and when.
VIEW_PAYLOAD = "eventstore.view_payload"


def find_known(request, text: str, most: int) -> list[UUID]:
    """At most so many streams that people know by `text`; that there are more is told."""
    found = find_streams(text, most + 1)
    if len(found) > most:
        messages.info(
            request,
            _(
                "More than %(most)s streams are known by “%(text)s”: this is of some of them. "
                "A longer text finds fewer."
            )
            % {"most": most, "text": text},
        )
    return found[:most]


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


class KeysetAdmin(ReadOnlyAdmin):
    """A list over millions of rows: never counted, and as quick on the last page as on the first.

    `keyset` names the fields that order it, newest first; an index must have them.
    """

    keyset: tuple[str, ...] = ("pk",)
    sortable_by = ()
    show_facets = admin.ShowFacets.NEVER
    change_list_template = "admin/eventstore/keyset_change_list.html"

    def changelist_view(self, request, extra_context=None):
        title = {"title": capfirst(self.opts.verbose_name_plural)}
        return super().changelist_view(request, title | (extra_context or {}))

    def get_changelist(self, request, **kwargs):
        return KeysetChangeList

    def get_ordering(self, request):
        return [f"-{name}" for name in self.keyset]

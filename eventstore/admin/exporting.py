"""A filtered list as JSON Lines: exactly its rows, up to the log's end when it was asked for."""

from collections.abc import Iterator

from django.contrib import messages
from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.admin.options import IncorrectLookupParameters
from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import PermissionDenied
from django.http import HttpResponseRedirect, StreamingHttpResponse
from django.urls import path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from eventstore.admin.keyset import PLACES
from eventstore.admin.reading import VIEW_PAYLOAD, KeysetAdmin
from eventstore.admin.words import blocking
from eventstore.moving.exports import export_streams
from eventstore.subscriptions import Stalled, settled


class Exportable(KeysetAdmin):
    """A list whose events can be taken away. `lines_of` gives them, of a change list."""

    def lines_of(self, changelist, upto: int) -> Iterator[str]:
        raise NotImplementedError

    def get_urls(self):
        export = path(
            "export/",
            self.admin_site.admin_view(self.export_view),
            name=f"eventstore_{self.opts.model_name}_export",
        )
        return [export, *super().get_urls()]

    def changelist_view(self, request, extra_context=None):
        export = ""
        if request.user.has_perm(VIEW_PAYLOAD):
            asked = request.GET.copy()
            for name in PLACES:
                asked.pop(name, None)
            there = reverse(f"admin:eventstore_{self.opts.model_name}_export")
            export = f"{there}?{asked.urlencode()}" if asked else there
        return super().changelist_view(request, {"export": export} | (extra_context or {}))

    def export_view(self, request):
        if not (self.has_view_permission(request) and request.user.has_perm(VIEW_PAYLOAD)):
            raise PermissionDenied
        back = reverse(f"admin:eventstore_{self.opts.model_name}_changelist")
        if request.GET:
            back = f"{back}?{request.GET.urlencode()}"
        told = len(messages.get_messages(request))
        try:
            changelist = self.get_changelist_instance(request)
            upto = settled()
        except IncorrectLookupParameters:
            return HttpResponseRedirect(back)
        except Stalled as stalled:
            who = "; ".join(blocking(one) for one in stalled.blockers)
            who = who or _("a session that has just gone")
            why = _("Nothing was exported, since the log's reader waits for %(who)s. Try again.")
            messages.error(request, why % {"who": who})
            return HttpResponseRedirect(back)
        if len(messages.get_messages(request)) > told and changelist.queryset.query.is_empty():
            # A filter that cannot be read is told there, instead of an empty file.
            return HttpResponseRedirect(back)
        # In English for all who read the admin's log.
        filters = f" of {request.GET.urlencode()}" if request.GET else ""
        LogEntry.objects.create(
            user_id=request.user.pk,
            content_type=ContentType.objects.get_for_model(self.model),
            object_repr=f"{self.opts.model_name}s{filters}"[:200],
            action_flag=CHANGE,
            change_message=f"Exported the events{filters} up to position {upto}.",
        )
        name = f"{self.opts.model_name}s-{timezone.localtime():%Y%m%d-%H%M%S}.jsonl"
        return StreamingHttpResponse(
            self.lines_of(changelist, upto),
            content_type="application/jsonl",
            headers={"Content-Disposition": f'attachment; filename="{name}"'},
        )


class ExportableStreams(Exportable):
    """Whole streams, one after the other. Which ones is settled at the beginning: what is changed
    meanwhile moves within the list, and would be missed or come twice."""

    def lines_of(self, changelist, upto):
        ids = changelist.queryset.order_by().values_list("pk", flat=True)
        return export_streams(_packed(ids), upto=upto)


def _packed(ids) -> Iterator[bytes]:
    """The ids, kept as 16 bytes each."""
    all_of_them = b"".join(one.bytes for one in ids.iterator(chunk_size=5000))
    return (all_of_them[at : at + 16] for at in range(0, len(all_of_them), 16))

"""A stream's page: its timeline, its state at each version, and its drift."""

from django.contrib import messages
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied
from django.http import HttpResponseNotAllowed
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from eventstore.admin import drift as drifts
from eventstore.admin.asked import whole_number
from eventstore.admin.reading import VIEW_PAYLOAD
from eventstore.admin.state import blame_value, show_state
from eventstore.admin.timeline import read_page
from eventstore.categories import categories, titles_of
from eventstore.models import Event, Stream

LONG = 1_000  # events; longer streams are compared with their read rows when somebody asks


class StreamPage:
    """The part of StreamAdmin that shows one stream."""

    page_template = "admin/eventstore/stream.html"

    def change_view(self, request, object_id, form_url="", extra_context=None):
        if request.method not in ("GET", "HEAD"):
            raise PermissionDenied
        stream = self.get_object(request, unquote(object_id))
        if not self.has_view_permission(request, stream):
            raise PermissionDenied
        if stream is None:
            return self._get_obj_does_not_exist_redirect(request, self.opts, object_id)
        category = categories.get(stream.category)
        payload = request.user.has_perm(VIEW_PAYLOAD)
        context = {"stream": stream, "category": category, "payload": payload}
        if payload and category and stream.version:
            context |= self._state(request, stream, category)
        if request.GET.get("part") == "state":
            return TemplateResponse(request, f"{self.page_template}#state", context)
        before = _number(request, "before", 2, stream.version + 1)
        titles = titles_of([(stream.pk, stream.category)])
        first, last = _moments(stream)
        context |= self.admin_site.each_context(request) | {
            "opts": self.opts,
            "media": self.media,
            "title": capfirst(self.opts.verbose_name),
            "subtitle": titles.get(stream.pk) or str(stream.pk),
            "stream_title": titles.get(stream.pk) or str(stream.pk),
            "original": stream,
            "first_at": first,
            "last_at": last,
            "page": category.page(stream.pk) if category else "",
            "timeline": read_page(stream, category, before),
            "drift": self._drift(request, stream),
            "compares": f"?{_with(request, compare=1)}#drift",
            "may_repair": request.user.has_perm(drifts.REPAIR),
            "has_view_permission": True,
            "stays": _with(request, before=None),
        }
        return TemplateResponse(request, self.page_template, context)

    def history_view(self, request, object_id, extra_context=None):
        # What was wrong is told with its values.
        if not request.user.has_perm(VIEW_PAYLOAD):
            raise PermissionDenied
        return super().history_view(request, object_id, extra_context)

    def repair_view(self, request, object_id):
        """Put the stream's read rows right, on the record."""
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        stream = self.get_object(request, unquote(object_id))
        if not self.has_view_permission(request, stream) or not request.user.has_perm(
            drifts.REPAIR
        ):
            raise PermissionDenied
        if stream is None:
            return self._get_obj_does_not_exist_redirect(request, self.opts, object_id)
        drift = drifts.repair(stream)
        if drift.unknown:
            self.message_user(
                request,
                _("Nothing was put right. %(why)s") % {"why": drift.unknown},
                messages.ERROR,
            )
        elif not drift.wrong:
            self.message_user(request, _("Its read rows equalled the fold already."))
        else:
            self.log_change(request, stream, f"{drifts.REPAIRED}. What was wrong:\n{drift}")
            count = len(drift.wrong)
            self.message_user(
                request,
                ngettext("%(count)d read row put right.", "%(count)d read rows put right.", count)
                % {"count": count},
                messages.SUCCESS,
            )
        return redirect("admin:eventstore_stream_change", object_id)

    def _state(self, request, stream: Stream, category) -> dict:
        version = _number(request, "at", 1, stream.version) or stream.version
        path, blamed = request.GET.get("path"), None
        if path is not None:
            try:
                blamed = blame_value(stream, category, path, version)
            except ValueError as error:
                told = _("This page's address is damaged: %(error)s.") % {"error": error}
                messages.warning(request, told)
        return {
            "state": show_state(stream, category, version),
            "at": version,
            "blamed": blamed,
            "keeps": _with(request, at=None, path=None, part=None),
        }

    def _drift(self, request, stream: Stream) -> drifts.Drift | None:
        if stream.version > LONG and "compare" not in request.GET:
            return None
        found = drifts.drift_of(stream)
        if found.wrong:
            drifts.note(self, request, stream, found)
        return found


def _number(request, name: str, low: int, high: int) -> int | None:
    """What the address says, or None, with a warning when that is no such number."""
    text = request.GET.get(name)
    if text is None:
        return None
    number = whole_number(text)
    if number is not None and low <= number <= high:
        return number
    messages.warning(
        request,
        _(
            "Expected %(name)s= to be followed by a number from %(low)d to %(high)d, found "
            "“%(found)s”. The last version is shown."
        )
        % {"name": name, "low": low, "high": high, "found": text[:40]},
    )
    return None


def _with(request, **changed) -> str:
    """The address' parameters with others in place; None: without that one."""
    query = request.GET.copy()
    for name, value in changed.items():
        query.pop(name, None)
        if value is not None:
            query[name] = value
    return query.urlencode()


def _moments(stream: Stream) -> tuple:
    """When its first and its last event were recorded."""
    found = dict(
        Event.objects.filter(stream=stream.pk, version__in={1, stream.version}).values_list(
            "version", "recorded_at"
        )
    )
    return found.get(1), found.get(stream.version)

"""Commands refused: so that support can answer "it did not take my change"."""

from urllib.parse import urlencode

from django.contrib import admin
from django.db.models import Q
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from eventstore.admin.asked import uuid_of
from eventstore.admin.filters import ActorFilter, CorrelationFilter, OneOf, TimeFilter, distinct
from eventstore.admin.people import THE_SHOP, people
from eventstore.admin.reading import VIEW_PAYLOAD, KeysetAdmin, find_known
from eventstore.admin.shown import highlighted, unturned
from eventstore.admin.unseen import read_unseen
from eventstore.admin.words import in_words, moment
from eventstore.categories import categories, titles_of
from eventstore.models import Refusal, Stream
from eventstore.refusals import KEPT

CONFLICT = "conflict"
FOUND = 100  # streams that a search may mean


class KindFilter(OneOf):
    title = gettext_lazy("kind")
    parameter_name = "kind"

    def lookups(self, request, model_admin):
        return [("conflict", _("Conflicts with a colleague")), ("rejected", _("Rejected"))]

    def of(self, queryset, value):
        conflicts = Q(code=CONFLICT)
        return queryset.filter(conflicts if value == "conflict" else ~conflicts)


class ReasonFilter(OneOf):
    title = gettext_lazy("reason")
    parameter_name = "code"

    def lookups(self, request, model_admin):
        return [(code, reason(code)) for code in distinct(Refusal, "code")]


@admin.register(Refusal)
class RefusalAdmin(KeysetAdmin):
    list_display = ("recorded", "told", "saw")
    list_filter = (KindFilter, ReasonFilter, ActorFilter, TimeFilter, CorrelationFilter)
    search_fields = ("correlation_id",)  # see get_search_results
    search_help_text = gettext_lazy(
        "An order's number or customer, as people know it, or the id of a stream or a request."
    )
    keyset = ("recorded_at", "id")
    change_form_template = "admin/eventstore/refusal/change_form.html"
    fields = ()

    def get_search_results(self, request, queryset, search_term):
        term = search_term.strip()
        if not term:
            return queryset, False
        stream_id = uuid_of(term)
        streams = [stream_id] if stream_id else find_known(request, term, FOUND)
        return queryset.filter(Q(stream_id__in=streams) | Q(correlation_id=term)), False

    def get_changelist_instance(self, request):
        changelist = super().get_changelist_instance(request)
        self._look_up(changelist.result_list)
        return changelist

    def _look_up(self, refusals: list[Refusal]) -> None:
        """Names and titles, two queries for a page of refusals."""
        who = people(refusal.actor for refusal in refusals)
        pairs = {(one.stream_id, one.category) for one in refusals if one.stream_id}
        titles = titles_of(pairs)
        for refusal in refusals:
            refusal.sender = who(refusal.actor)
            refusal.title = titles.get(refusal.stream_id, "")

    @admin.display(description=gettext_lazy("what was refused"))
    def told(self, refusal):
        return format_html(
            '{}<br><span class="refusal-kind{}">{}</span> <bdi class="refusal-why">{}</bdi>{}',
            _wanted(refusal),
            " refusal-conflict" if refusal.code == CONFLICT else "",
            _("Conflict") if refusal.code == CONFLICT else _("Rejected"),
            explain(refusal),
            _(" %(times)d times.") % {"times": refusal.repeats + 1} if refusal.repeats else "",
        )

    @admin.display(description=gettext_lazy("saw → was"))
    def saw(self, refusal):
        if refusal.version is None:
            return "—"
        seen = "" if refusal.seen is None else f"{refusal.seen} "
        told = f"{seen}→ {refusal.version}"
        if not refusal.unseen:
            return told
        return _("%(versions)s, %(unseen)d unseen") % {"versions": told, "unseen": refusal.unseen}

    @admin.display(description=gettext_lazy("when"))
    def recorded(self, refusal):
        return moment(refusal.recorded_at)

    def render_change_form(self, request, context, obj=None, **kwargs):
        reads = request.user.has_perm(VIEW_PAYLOAD)
        self._look_up([obj])
        stream = obj.stream_id and Stream.objects.filter(pk=obj.stream_id).first()
        sender = urlencode({"actor": THE_SHOP if obj.actor is None else obj.actor})
        context |= {
            "title": _("Refused: %(wish)s") % {"wish": wish(obj)},
            "subtitle": "",
            "refusal": obj,
            "wanted": wish(obj),
            "reason": reason(obj.code),
            "why": explain(obj),
            "conflict": obj.code == CONFLICT,
            "stream": stream,
            "stream_url": stream and reverse("admin:eventstore_stream_change", args=[stream.pk]),
            "unseen": read_unseen(obj, stream, in_words=reads) if stream else None,
            "asked": highlighted(obj.asked) if reads else None,
            "reads": reads,
            "others_url": f"{reverse('admin:eventstore_refusal_changelist')}?{sender}",
            "kept_until": obj.recorded_at + KEPT,
        }
        return super().render_change_form(request, context, obj=obj, **kwargs)


def _wanted(refusal: Refusal) -> SafeString:
    about = {"sender": refusal.sender, "wish": wish(refusal)}
    if not refusal.title:
        return format_html(_("<strong>{sender}</strong> wanted to {wish}"), **about)
    return format_html(
        _("<strong>{sender}</strong> wanted to {wish} (<bdi>{title}</bdi>)"),
        **about,
        title=refusal.title,
    )


def explain(refusal: Refusal) -> str:
    """Why, as its sender was told."""
    category = categories.get(refusal.category)
    return unturned(category.explain(refusal.code, refusal.params)) if category else refusal.code


def reason(code: str) -> str:
    """What a code is called; the same in all categories."""
    told = (category.reasons.get(code) for category in categories.values())
    return str(next(filter(None, told), in_words(code)))


def wish(refusal: Refusal) -> str:
    """What its sender wanted to do."""
    category = categories.get(refusal.category)
    wishes = category.wishes if category else {}
    return str(wishes.get(refusal.command) or in_words(refusal.command).lower())

"""The admin's list of the whole log: filters and search say what is wanted, `finding` finds it."""

from django.db import models
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from eventstore.admin.asked import uuid_of, whole_number
from eventstore.admin.filters import (
    SINCE,
    ActorFilter,
    CorrelationFilter,
    OneOf,
    TimeFilter,
    TypedFilter,
)
from eventstore.admin.keyset import KeysetChangeList
from eventstore.admin.reading import find_known
from eventstore.categories import categories
from eventstore.codec import codec
from eventstore.finding import Place, Wanted, find, kinds
from eventstore.models import Event, Stream

MOST_STREAMS = 50  # that a search takes in


class LogQuerySet(models.QuerySet):
    """Carries along what is wanted, since no query of the ORM finds that quickly."""

    wanted = Wanted()

    def _clone(self):
        clone = super()._clone()
        clone.wanted = self.wanted
        return clone

    def wanting(self, **more) -> "LogQuerySet":
        clone = self._chain()
        clone.wanted = self.wanted.narrowed(**more)
        return clone


class LogChangeList(KeysetChangeList):
    def read(self, key, upwards, limit):
        if self.queryset.query.is_empty():
            return []
        place = Place(*key) if key else None
        found = find(self.queryset.wanted, beyond=place, upwards=upwards, limit=limit)
        events = self.queryset.in_bulk(found)
        return [events[position] for position in found]


# --- Filters ----------------------------------------------------------------------------------


class TypeFilter(OneOf):
    title = gettext_lazy("type")
    parameter_name = "type"

    def lookups(self, request, model_admin):
        names = set(codec.schema_versions())
        # Also one that this code does not know any more: of all events, those are looked for.
        if (asked := request.GET.get("type")) not in names:
            names |= {kind.type for kind in kinds() if kind.type == asked}
        return [(name, name) for name in sorted(names)]

    def of(self, queryset, value):
        return queryset.wanting(types=frozenset([value]))


class CategoryFilter(OneOf):
    title = gettext_lazy("category")
    parameter_name = "category"

    def lookups(self, request, model_admin):
        return [(name, name) for name in sorted(categories)]

    def of(self, queryset, value):
        return queryset.wanting(types=categories[value].types)


class SourceFilter(OneOf):
    title = gettext_lazy("source")
    parameter_name = "source"

    def lookups(self, request, model_admin):
        return [(name, name or _("(none)")) for name in sorted({kind.source for kind in kinds()})]

    def of(self, queryset, value):
        return queryset.wanting(sources=frozenset([value]))


class LogActorFilter(ActorFilter):
    def of(self, queryset, actor):
        return queryset.wanting(actor="" if actor is None else str(actor))


class LogTimeFilter(TimeFilter):
    inputs = {
        "from": {"label": SINCE, "type": "datetime-local"},
        "until": {"label": gettext_lazy("Before"), "type": "datetime-local"},
    }

    def of(self, queryset, since, before):
        return queryset.wanting(since=since, before=before)


class LogCorrelationFilter(CorrelationFilter):
    def of(self, queryset, correlation_id):
        return queryset.wanting(correlation_id=correlation_id)


class StreamFilter(TypedFilter):
    title = gettext_lazy("stream")
    inputs = {"stream__id__exact": {"label": gettext_lazy("Stream's id"), "maxlength": "36"}}

    def narrow(self, request, queryset, stream__id__exact):
        stream_id = uuid_of(stream__id__exact)
        if stream_id is None:
            told = _("Stream: expected an id, a UUID, found “%(found)s”.")
            raise ValueError(told % {"found": stream__id__exact[:80]})
        return queryset.wanting(streams=frozenset([stream_id]))


# --- Search -----------------------------------------------------------------------------------


def search(request, queryset: LogQuerySet, term: str) -> LogQuerySet:
    """By what people have at hand: the first of these that is known."""
    term = term.strip()
    if not term:
        return queryset
    position = whole_number(term)
    if position is not None and Event.objects.filter(pk=position).exists():
        return queryset.wanting(position=position)
    key = uuid_of(term)
    if key and Stream.objects.filter(pk=key).exists():
        return queryset.wanting(streams=frozenset([key]))
    if key and Event.objects.filter(command_id=key).exists():
        return queryset.wanting(command_id=key)
    if streams := find_known(request, term, MOST_STREAMS):
        return queryset.wanting(streams=frozenset(streams))
    if term in codec.schema_versions():
        return queryset.wanting(types=frozenset([term]))
    return queryset.wanting(correlation_id=term)

"""The admin's list of the whole log: filters and search say what is wanted, `finding` finds it."""

from datetime import UTC, datetime
from uuid import UUID

from django.contrib import messages
from django.contrib.admin import SimpleListFilter
from django.contrib.admin.options import IncorrectLookupParameters
from django.contrib.auth import get_user_model
from django.db import models
from django.utils import timezone

from eventstore.admin.filters import TypedFilter
from eventstore.admin.keyset import KeysetChangeList
from eventstore.categories import categories, find_streams
from eventstore.codec import codec
from eventstore.finding import Place, Wanted, find, kinds
from eventstore.models import Event, Stream

MOST_STREAMS = 50  # that a search takes in
THE_SHOP = "(shop)"  # who did what no user did; no username has parentheses
LAST_POSITION = 2**63 - 1


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
    def get_filters(self, request):
        filters = super().get_filters(request)
        if filters[2]:  # a condition that no filter knows would be left out unseen
            raise IncorrectLookupParameters
        return filters

    def read(self, key, upwards, limit):
        if self.queryset.query.is_empty():
            return []
        place = Place(*key) if key else None
        found = find(self.queryset.wanted, beyond=place, upwards=upwards, limit=limit)
        events = self.queryset.in_bulk(found)
        return [events[position] for position in found]


# --- Filters ----------------------------------------------------------------------------------


class OneOf(SimpleListFilter):
    """Links, one a choice. Anything else in the address is told, and finds nothing."""

    def wanted(self, value: str) -> dict:
        raise NotImplementedError

    def queryset(self, request, queryset):
        value = self.value()
        if value is None:
            return queryset
        known = [choice for choice, _ in self.lookup_choices]
        if value not in known:
            messages.error(
                request,
                f"By {self.title}: expected one of {', '.join(known)}, found {value[:80]!r}.",
            )
            return queryset.none()
        return queryset.wanting(**self.wanted(value))


class TypeFilter(OneOf):
    title = parameter_name = "type"

    def lookups(self, request, model_admin):
        names = set(codec.schema_versions())
        # Also one that this code does not know any more: of all events, those are looked for.
        if (asked := request.GET.get("type")) not in names:
            names |= {kind.type for kind in kinds() if kind.type == asked}
        return [(name, name) for name in sorted(names)]

    def wanted(self, value):
        return {"types": frozenset([value])}


class CategoryFilter(OneOf):
    title = parameter_name = "category"

    def lookups(self, request, model_admin):
        return [(name, name) for name in sorted(categories)]

    def wanted(self, value):
        return {"types": categories[value].types}


class SourceFilter(OneOf):
    title = parameter_name = "source"

    def lookups(self, request, model_admin):
        return [(name, name or "(none)") for name in sorted({kind.source for kind in kinds()})]

    def wanted(self, value):
        return {"sources": frozenset([value])}


class ActorFilter(TypedFilter):
    title = "actor"
    inputs = {
        "actor": {"label": "Username", "placeholder": f"or {THE_SHOP}", "maxlength": "150"},
    }

    def narrow(self, request, queryset, actor):
        if actor == THE_SHOP:
            return queryset.wanting(actor="")
        try:
            user = get_user_model()._default_manager.get_by_natural_key(_plain(actor))
        except get_user_model().DoesNotExist:
            raise ValueError(
                f"By actor: expected a username, or {THE_SHOP}; nobody is called {actor[:150]!r}."
            ) from None
        return queryset.wanting(actor=str(user.pk))


class RecordedFilter(TypedFilter):
    title = "time"
    inputs = {
        "from": {"label": "From", "type": "datetime-local"},
        "before": {"label": "Before", "type": "datetime-local"},
    }

    def narrow(self, request, queryset, **asked):
        ends = {name: _moment(name, text) for name, text in asked.items()}
        since, before = ends.get("from"), ends.get("before")
        if since and before and since >= before:
            raise ValueError(f"By time: expected an end after {since:%Y-%m-%d %H:%M}.")
        return queryset.wanting(since=since, before=before)


class CorrelationFilter(TypedFilter):
    title = "correlation id"
    inputs = {"correlation_id": {"label": "Correlation id", "maxlength": "200"}}

    def narrow(self, request, queryset, correlation_id):
        return queryset.wanting(correlation_id=_plain(correlation_id))


class StreamFilter(TypedFilter):
    title = "stream"
    inputs = {"stream__id__exact": {"label": "Stream's id", "maxlength": "36"}}

    def narrow(self, request, queryset, stream__id__exact):
        try:
            stream_id = UUID(stream__id__exact)
        except ValueError:
            raise ValueError(
                f"By stream: expected an id, a UUID; found {stream__id__exact[:80]!r}."
            ) from None
        return queryset.wanting(streams=frozenset([stream_id]))


def _moment(name: str, text: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
        aware = timezone.make_aware(moment) if timezone.is_naive(moment) else moment
        return aware.astimezone(UTC)
    except (ValueError, OverflowError):
        raise ValueError(
            f"By time, {name}: expected a date and a time such as 2026-03-01T08:00, "
            f"found {text[:80]!r}."
        ) from None


def _plain(text: str) -> str:
    if "\0" in text:
        raise ValueError("Expected text, found a NUL character in it.")
    return text


def whole_number(text: str) -> int | None:
    """What a column of bigints can hold, else None."""
    number = int(text) if text.isascii() and text.isdecimal() and len(text) < 20 else None
    return number if number is not None and number <= LAST_POSITION else None


# --- Search -----------------------------------------------------------------------------------


def search(request, queryset: LogQuerySet, term: str) -> LogQuerySet:
    """By what people have at hand: the first of these that is known."""
    term = term.strip()
    if not term:
        return queryset
    position = whole_number(term)
    if position is not None and Event.objects.filter(pk=position).exists():
        return queryset.wanting(position=position)
    try:
        key = UUID(term)
    except ValueError:
        key = None
    if key and Stream.objects.filter(pk=key).exists():
        return queryset.wanting(streams=frozenset([key]))
    if key and Event.objects.filter(command_id=key).exists():
        return queryset.wanting(command_id=key)
    if streams := find_streams(term, MOST_STREAMS):
        if len(streams) >= MOST_STREAMS:
            messages.info(request, f"These are events of the {MOST_STREAMS} newest that match.")
        return queryset.wanting(streams=frozenset(streams))
    if term in codec.schema_versions():
        return queryset.wanting(types=frozenset([term]))
    return queryset.wanting(correlation_id=term)

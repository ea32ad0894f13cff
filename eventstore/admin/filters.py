"""The filters of all lists: links for what has few values, small forms for what has many.

A value that cannot be is told, and finds nothing. The same filter has the same name in each
address: `actor`, `from`, `until`, `correlation`.
"""

from datetime import UTC, date, datetime, time, timedelta

from django.contrib import messages
from django.contrib.admin import ListFilter, SimpleListFilter
from django.db import connection
from django.utils import timezone
from django.utils.text import capfirst, format_lazy
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from eventstore.admin.people import THE_SHOP, find_actor

SINCE = pgettext_lazy("time", "From")

# A loose index scan: a jump from each value to the next, however many rows have it.
DISTINCT = """
WITH RECURSIVE each AS (
    (SELECT {column} AS value FROM {table} ORDER BY {column} LIMIT 1)
    UNION ALL
    SELECT (SELECT {column} FROM {table} WHERE {column} > each.value ORDER BY {column} LIMIT 1)
      FROM each WHERE each.value IS NOT NULL)
SELECT value FROM each WHERE value IS NOT NULL
"""


def distinct(model, name: str) -> list[str]:
    """The values of a field that an index begins with. Costs one query."""
    quote = connection.ops.quote_name
    column = quote(model._meta.get_field(name).column)
    with connection.cursor() as cursor:
        cursor.execute(DISTINCT.format(column=column, table=quote(model._meta.db_table)))
        return [value for [value] in cursor.fetchall()]


class OneOf(SimpleListFilter):
    """Links, one a choice."""

    def has_output(self):
        return True

    def queryset(self, request, queryset):
        value = self.value()
        if value is None:
            return queryset
        known = [choice for choice, _ in self.lookup_choices]
        if value not in known:
            told = _("%(filter)s: expected one of %(known)s, found “%(found)s”.")
            if not known:
                told = _("%(filter)s: expected none yet, found “%(found)s”.")
            about = {"filter": capfirst(self.title), "known": ", ".join(known), "found": value[:80]}
            messages.error(request, told % about)
            return queryset.none()
        return self.of(queryset, value)

    def of(self, queryset, value: str):
        return queryset.filter(**{self.parameter_name: value})


class TypedFilter(ListFilter):
    """A small form among the filters. `inputs` are {parameter: {"label", "type", ...}}, the rest
    attributes of the <input>. `narrow` may raise ValueError, whose words are shown; then the list
    is empty, rather than one that nobody asked for."""

    template = "admin/eventstore/typed_filter.html"
    inputs: dict[str, dict[str, str]] = {}

    def __init__(self, request, params, model, model_admin):
        super().__init__(request, params, model, model_admin)
        for name in self.inputs:
            if name in params:
                value = params.pop(name)[-1].strip()
                if value:
                    self.used_parameters[name] = value

    def has_output(self):
        return True

    def expected_parameters(self):
        return list(self.inputs)

    def choices(self, changelist):
        others = changelist.get_query_string(remove=self.expected_parameters())
        return [
            {
                "inputs": [
                    {"name": name, "value": self.used_parameters.get(name, ""), **about}
                    for name, about in self.inputs.items()
                ],
                "others": [
                    (name, value)
                    for name, values in changelist.get_filters_params().items()
                    if name not in self.inputs
                    for value in (values if isinstance(values, list) else [values])
                ]
                + ([("q", changelist.query)] if changelist.query else []),
                "clear": others if self.used_parameters else "",
            }
        ]

    def queryset(self, request, queryset):
        if not self.used_parameters:
            return queryset
        try:
            if any("\0" in value for value in self.used_parameters.values()):
                raise ValueError(
                    _("%(filter)s: expected text, found a NUL.") % {"filter": capfirst(self.title)}
                )
            return self.narrow(request, queryset, **self.used_parameters)
        except ValueError as error:
            messages.error(request, str(error))
            return queryset.none()

    def narrow(self, request, queryset, **values: str):
        raise NotImplementedError


class ActorFilter(TypedFilter):
    title = gettext_lazy("actor")
    inputs = {
        "actor": {
            "label": gettext_lazy("Username"),
            "placeholder": format_lazy(gettext_lazy("or {shop}"), shop=THE_SHOP),
            "maxlength": "150",
        }
    }

    def narrow(self, request, queryset, *, actor):
        return self.of(queryset, find_actor(actor))

    def of(self, queryset, actor: int | None):
        return queryset.filter(actor=actor)


class CorrelationFilter(TypedFilter):
    title = gettext_lazy("correlation")
    inputs = {"correlation": {"label": gettext_lazy("Correlation id"), "maxlength": "200"}}

    def narrow(self, request, queryset, *, correlation):
        return self.of(queryset, correlation)

    def of(self, queryset, correlation_id: str):
        return queryset.filter(correlation_id=correlation_id)


class TimeFilter(TypedFilter):
    """From the beginning of a day, or from a moment; until the end of a day, or before a moment."""

    title = gettext_lazy("time")
    inputs = {
        "from": {"label": SINCE, "type": "date"},
        "until": {"label": gettext_lazy("Until (that day too)"), "type": "date"},
    }
    field = "recorded_at"

    def narrow(self, request, queryset, **asked):
        since = moment_of(SINCE, asked["from"]) if "from" in asked else None
        before = moment_of(_("Until"), asked["until"], later=1) if "until" in asked else None
        if since and before and since >= before:
            raise ValueError(
                _("Time: expected From to be before Until, found %(since)s and %(until)s.")
                % {"since": asked["from"], "until": asked["until"]}
            )
        return self.of(queryset, since, before)

    def of(self, queryset, since: datetime | None, before: datetime | None):
        ends = {f"{self.field}__gte": since, f"{self.field}__lt": before}
        return queryset.filter(**{name: end for name, end in ends.items() if end})


def moment_of(label: str, text: str, later: int = 0) -> datetime:
    """A moment, or the beginning of the day that is `later` days after the one named."""
    try:
        moment = datetime.fromisoformat(text)
        # What has a day before and after it in every time zone, and fits the database.
        if not 1900 <= moment.year < 9999:
            raise ValueError(text)
        if len(text) <= len("2026-11-24"):
            moment = datetime.combine(date.fromisoformat(text) + timedelta(days=later), time.min)
        aware = timezone.make_aware(moment) if timezone.is_naive(moment) else moment
        return aware.astimezone(UTC)
    except (ValueError, OverflowError):
        raise ValueError(
            _(
                "%(label)s: expected a date such as 2026-11-24 or a time such as 2026-11-24T08:00, "
                "found “%(found)s”."
            )
            % {"label": label, "found": text[:40]}
        ) from None

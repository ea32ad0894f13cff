"""Orders and figures for reading, since they change by commands only; people are next door."""

from django.contrib import admin
from django.db.models import Count, Q, Sum
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from catalog.templatetags.look import money
from eventstore.admin.asked import uuid_of
from eventstore.admin.filters import OneOf, TimeFilter
from eventstore.admin.reading import KeysetAdmin, find_known
from ordering.models import Customer, DailyFigure, OrderHead
from ordering.people import CustomerFilter
from ordering.telling import MOST_CUSTOMERS

MOST_FOUND = 500  # orders that a search leads to
SUMMED = 10_000  # figures that are added up at the most


class StatusFilter(OneOf):
    title = gettext_lazy("status")
    parameter_name = "status"

    def lookups(self, request, model_admin):
        return OrderHead._meta.get_field("status").choices


class OpenedFilter(TimeFilter):
    title = gettext_lazy("when they were opened")
    field = "opened_at"


@admin.register(OrderHead)
class OrderAdmin(KeysetAdmin):
    list_display = (
        "number",
        "customer",
        "reference",
        "status",
        "lines",
        "total",
        "changed_at",
        "stream",
    )
    list_filter = (StatusFilter, CustomerFilter, OpenedFilter)
    list_select_related = ("customer",)
    search_fields = ("number",)  # shows the search form; see get_search_results
    search_help_text = gettext_lazy(
        "An order's number or how it begins, a part of a customer's name, or an order's id."
    )
    keyset = ("opened_at", "order_id")

    def get_search_results(self, request, queryset, search_term):
        text = search_term.strip()
        if not text:
            return queryset, False
        order_id = uuid_of(text)
        found = [order_id] if order_id else find_known(request, text, MOST_FOUND)
        return queryset.filter(pk__in=found), False

    @admin.display(description=gettext_lazy("lines"), ordering="line_count")
    def lines(self, order):
        return order.line_count

    @admin.display(description=gettext_lazy("stream"))
    def stream(self, order):
        url = reverse("admin:eventstore_stream_change", args=[order.pk])
        return format_html('<a href="{}">{}</a>', url, _("its events"))


class DayFilter(TimeFilter):
    title = gettext_lazy("day")

    def of(self, queryset, since, before):
        if since:
            queryset = queryset.filter(day__gte=timezone.localdate(since))
        return queryset.filter(day__lt=timezone.localdate(before)) if before else queryset


@admin.register(DailyFigure)
class DailyFigureAdmin(KeysetAdmin):
    list_display = ("day", "customer", "opened", "completed", "cancelled", "items", "amount")
    list_display_links = None
    list_filter = (CustomerFilter, DayFilter)
    list_select_related = ("customer",)
    search_fields = ("customer__name",)  # see get_search_results
    search_help_text = gettext_lazy("A part of a customer's name, or a code.")
    keyset = ("day", "key")
    change_list_template = "admin/ordering/dailyfigure/change_list.html"

    def get_search_results(self, request, queryset, search_term):
        text = search_term.strip()
        if not text:
            return queryset, False
        named = Customer.objects.filter(Q(name__icontains=text) | Q(code__iexact=text))
        return queryset.filter(customer__in=list(named[:MOST_CUSTOMERS])), False

    @admin.display(description=gettext_lazy("value"))
    def amount(self, figure):
        return money(figure.value, figure.currency)

    def changelist_view(self, request, extra_context=None):
        response = super().changelist_view(request, extra_context)
        # A filter that is none is answered without a list.
        if listed := getattr(response, "context_data", {}).get("cl"):
            response.context_data |= _sums(listed.queryset)
        return response


def _sums(figures) -> dict:
    """Those of the newest SUMMED, by currency; `summed` says how many when there may be more."""
    newest = figures.values("pk")[:SUMMED]
    counted = ("opened", "completed", "cancelled", "items", "value")
    sums = list(
        DailyFigure.objects.filter(pk__in=newest)
        .order_by("currency")
        .values("currency")
        .annotate(rows=Count("pk"), **{f"all_{name}": Sum(name) for name in counted})
    )
    rows = sum(one["rows"] for one in sums)
    return {"sums": sums, "summed": rows if rows >= SUMMED else None}

"""Orders and figures for reading, since they change by commands only; people are next door."""

from django.contrib import admin
from django.db.models import Sum
from django.urls import reverse
from django.utils.html import format_html

from catalog.templatetags.look import money
from eventstore.admin.reading import ReadOnlyAdmin
from ordering import people  # noqa: F401  (register)
from ordering.models import DailyFigure, OrderHead


@admin.register(OrderHead)
class OrderAdmin(ReadOnlyAdmin):
    list_display = (
        "number",
        "customer",
        "reference",
        "status",
        "line_count",
        "total",
        "changed_at",
        "stream",
    )
    list_filter = ("status", "customer", "opened_at")
    list_select_related = ("customer",)
    search_fields = ("number", "reference", "=order_id", "customer__name")
    search_help_text = "An order's number, reference or id, or a customer's name."
    ordering = ("-opened_at",)

    @admin.display(description="stream")
    def stream(self, order):
        url = reverse("admin:eventstore_stream_change", args=[order.pk])
        return format_html('<a href="{}">its events</a>', url)


@admin.register(DailyFigure)
class DailyFigureAdmin(ReadOnlyAdmin):
    list_display = ("day", "customer", "opened", "completed", "cancelled", "items", "amount")
    list_display_links = None
    list_filter = ("customer", "day", "currency")
    list_select_related = ("customer",)
    date_hierarchy = "day"
    search_fields = ("customer__name", "=customer__code")
    search_help_text = "A customer's name or code."
    ordering = ("-day", "customer__name", "currency")

    @admin.display(description="value", ordering="value")
    def amount(self, figure):
        return money(figure.value, figure.currency)

    def changelist_view(self, request, extra_context=None):
        response = super().changelist_view(request, extra_context)
        # A filter that is none is answered without a list.
        if listed := getattr(response, "context_data", {}).get("cl"):
            counted = ("opened", "completed", "cancelled", "items", "value")
            response.context_data["sums"] = (
                listed.queryset.order_by("currency")
                .values("currency")
                .annotate(**{f"all_{name}": Sum(name) for name in counted})
            )
        return response

"""Customers and agents; orders and figures for reading, since they change by commands only."""

from django.contrib import admin
from django.contrib.auth.admin import UserAdmin
from django.db.models import Count, Sum
from django.urls import reverse
from django.utils.html import format_html

from catalog.templatetags.look import money
from eventstore.admin.reading import ReadOnlyAdmin
from ordering.models import Agent, Customer, DailyFigure, OrderHead


class AgentInline(admin.TabularInline):
    model = Agent
    fields = ("username", "first_name", "email", "is_active")
    readonly_fields = ("username",)
    extra = 0
    can_delete = False
    show_change_link = True

    def has_add_permission(self, request, obj=None):
        return False


@admin.register(Customer)
class CustomerAdmin(admin.ModelAdmin):
    list_display = ("name", "code", "is_active", "agent_count", "last_order_number", "created_at")
    list_filter = ("is_active",)
    search_fields = ("name", "code")
    readonly_fields = ("last_order_number", "created_at")
    inlines = (AgentInline,)

    def get_queryset(self, request):
        return super().get_queryset(request).annotate(agents_count=Count("agents"))

    @admin.display(description="agents", ordering="agents_count")
    def agent_count(self, customer):
        return customer.agents_count

    def get_readonly_fields(self, request, obj=None):
        # Numbers made of it are in use; another customer's could become the same.
        return (*self.readonly_fields, "code") if obj else self.readonly_fields

    def has_delete_permission(self, request, obj=None):
        # Orders name their customer for ever; deactivate instead.
        return False


@admin.register(Agent)
class AgentAdmin(UserAdmin):
    list_display = ("username", "first_name", "customer", "is_active", "is_staff", "last_login")
    list_filter = ("customer", "is_active", "is_staff")
    list_select_related = ("customer",)
    search_fields = ("username", "first_name", "last_name", "email", "customer__name")
    autocomplete_fields = ("customer",)
    fieldsets = (("Orders for", {"fields": ("customer",)}), *UserAdmin.fieldsets)
    add_fieldsets = (
        (
            None,
            {
                "classes": ("wide",),
                "fields": ("username", "usable_password", "password1", "password2", "customer"),
            },
        ),
    )

    def has_delete_permission(self, request, obj=None):
        # Events name their agent for ever; deactivate instead.
        return False


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

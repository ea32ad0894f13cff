"""Customers and agents. Orders are not here: they change by commands, and show as streams."""

from django.contrib import admin
from django.contrib.auth.admin import UserAdmin
from django.db.models import Count

from ordering.models import Agent, Customer


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

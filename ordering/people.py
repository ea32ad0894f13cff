"""Customers, agents and roles in the admin: who may be let in, and by whom.

Who is no superuser cannot make one, nor staff, nor give a permission; nor touch the account of
anybody who is staff, since its password would be a way to more than they may.
"""

from django.contrib import admin, messages
from django.contrib.admin.options import ActionLocation
from django.contrib.auth.admin import GroupAdmin, UserAdmin
from django.contrib.auth.forms import UserChangeForm
from django.contrib.auth.models import Group
from django.db import transaction
from django.db.models import Count, OuterRef, Q, Subquery
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, override

from eventstore.admin.filters import TypedFilter
from ordering.access import why_not_without
from ordering.admin_second_factor import SecondFactorAdmin
from ordering.admin_tokens import TokenInline
from ordering.models import Agent, Customer

ON_LIST_AND_PAGE = [ActionLocation.CHANGE_LIST, ActionLocation.CHANGE_FORM]
ACCESS = ("is_active", "is_staff", "is_superuser")


class CustomerFilter(TypedFilter):
    """By one customer, of whom there may be too many to list."""

    title = gettext_lazy("customer")
    inputs = {"customer": {"label": gettext_lazy("Name or code"), "maxlength": "120"}}

    def narrow(self, request, queryset, *, customer):
        named = Customer.objects.filter(Q(code__iexact=customer) | Q(name__iexact=customer))
        found = named.values_list("pk", flat=True).first()
        if found is None:
            told = _("Customer: expected the name or code of one, found “%(found)s”.")
            raise ValueError(told % {"found": customer[:60]})
        return queryset.filter(customer=found)


class ActiveAdmin(admin.ModelAdmin):
    """Of what is deactivated and never deleted: events name it for ever."""

    actions = ("deactivate", "reactivate")

    def has_delete_permission(self, request, obj=None):
        return False

    @admin.action(
        description=gettext_lazy("Deactivate this %(verbose_name)s"),
        description_plural=gettext_lazy("Deactivate selected %(verbose_name_plural)s"),
        permissions=["change"],
        location=ON_LIST_AND_PAGE,
    )
    def deactivate(self, request, queryset):
        self._set_active(request, queryset, False)

    @admin.action(
        description=gettext_lazy("Reactivate this %(verbose_name)s"),
        description_plural=gettext_lazy("Reactivate selected %(verbose_name_plural)s"),
        permissions=["change"],
        location=ON_LIST_AND_PAGE,
    )
    def reactivate(self, request, queryset):
        self._set_active(request, queryset, True)

    def why_not(self, request, obj, active: bool) -> str:
        """Why it must stay as it is; "" where nothing is against it."""
        if self.has_change_permission(request, obj):
            return ""
        return _("%(name)s is not yours to change.") % {"name": obj}

    def _set_active(self, request, queryset, active: bool) -> None:
        changed = 0
        for obj in queryset.order_by("pk"):
            with transaction.atomic():
                if why_not := self.why_not(request, obj, active):
                    self.message_user(request, why_not, messages.ERROR)
                elif obj.is_active != active:
                    obj.is_active = active
                    obj.save(update_fields=["is_active", *self.on_active(obj)])
                    self.log_change(request, obj, "Reactivated." if active else "Deactivated.")
                    changed += 1
        about = {"count": changed, "names": self.opts.verbose_name_plural}
        if not changed:
            told = _("No %(names)s reactivated.") if active else _("No %(names)s deactivated.")
            self.message_user(request, told % about, messages.WARNING)
            return
        if changed == 1:
            about["names"] = self.opts.verbose_name
        done = _("%(count)d %(names)s deactivated.")
        if active:
            done = _("%(count)d %(names)s reactivated.")
        self.message_user(request, done % about, messages.SUCCESS)

    def on_active(self, obj) -> list[str]:
        """What else changes with it: the names of fields."""
        return []

    def save_model(self, request, obj, form, change):
        if change and "is_active" in form.changed_data:
            self.on_active(obj)
        super().save_model(request, obj, form, change)

    def construct_change_message(self, request, form, formsets, add=False):
        message = super().construct_change_message(request, form, formsets, add)
        if add or "is_active" not in form.changed_data:
            return message
        # As all of the admin's log, in English for all who read it.
        with override("en"):
            labels = [f"{form[name].label}" for name in form.changed_data if name != "is_active"]
        told = "Reactivated." if form.cleaned_data["is_active"] else "Deactivated."
        return f"{told} Changed {', '.join(labels)}." if labels else told


class AgentInline(admin.TabularInline):
    """A customer's agents, to look at: each is changed on a page of their own."""

    model = Agent
    fields = readonly_fields = ("username", "first_name", "email", "is_active", "last_login")
    extra = 0
    can_delete = False
    show_change_link = True

    def has_add_permission(self, request, obj=None):
        return False

    def has_change_permission(self, request, obj=None):
        return False


@admin.register(Customer)
class CustomerAdmin(ActiveAdmin):
    list_display = ("name", "code", "is_active", "agent_count", "last_order_number", "created_at")
    list_filter = ("is_active",)
    ordering = ("name",)
    search_fields = ("name", "code")
    fields = ("name", "code", "is_active", "last_order_number", "created_at")
    readonly_fields = ("last_order_number", "created_at")
    inlines = (AgentInline,)

    def get_queryset(self, request):
        # Counted for the customers of a page only.
        agents = Agent.objects.order_by().filter(customer=OuterRef("pk")).values("customer")
        count = Subquery(agents.annotate(count=Count("pk")).values("count"))
        return super().get_queryset(request).annotate(agents_count=count)

    @admin.display(description=gettext_lazy("agents"))
    def agent_count(self, customer):
        return customer.agents_count or 0

    def get_readonly_fields(self, request, obj=None):
        # Numbers made of it are in use; another customer's could become the same.
        return (*self.readonly_fields, "code") if obj else self.readonly_fields


class AgentForm(UserChangeForm):
    """`by` is who fills it in."""

    by: Agent

    def clean(self):
        cleaned = super().clean()
        lost = [name for name in ACCESS if name in self.changed_data and not cleaned.get(name)]
        if lost and (why_not := why_not_without(self.instance, self.by)):
            self.add_error(lost[0], why_not)
        return cleaned


@admin.register(Agent)
class AgentAdmin(ActiveAdmin, SecondFactorAdmin, UserAdmin):
    actions = (*ActiveAdmin.actions, "remove_second_factor")
    list_display = ("username", "first_name", "customer", "is_active", "is_staff", "last_login")
    list_filter = (CustomerFilter, "is_active", "is_staff")
    list_select_related = ("customer",)
    search_fields = ("username", "first_name", "last_name", "email", "customer__name")
    autocomplete_fields = ("customer",)
    readonly_fields = ("second_factor", "last_login", "date_joined")
    form = AgentForm
    fieldsets = (
        (gettext_lazy("Orders for"), {"fields": ("customer",)}),
        *UserAdmin.fieldsets,
        (gettext_lazy("Logging in"), {"fields": ("second_factor",)}),
    )
    add_fieldsets = (
        (
            None,
            {
                "classes": ("wide",),
                "fields": ("username", "usable_password", "password1", "password2", "customer"),
            },
        ),
    )

    def has_change_permission(self, request, obj=None):
        may = super().has_change_permission(request, obj)
        if obj is None or request.user.is_superuser:
            return may
        return may and not (obj.is_staff or obj.is_superuser)

    def get_inlines(self, request, obj):
        return (TokenInline,) if obj else ()

    def get_readonly_fields(self, request, obj=None):
        fields = super().get_readonly_fields(request, obj)
        if request.user.is_superuser:
            return fields
        return (*fields, "is_staff", "is_superuser", "groups", "user_permissions")

    def get_form(self, request, obj=None, **kwargs):
        form = super().get_form(request, obj, **kwargs)
        form.by = request.user
        return form

    def why_not(self, request, obj, active):
        refused = super().why_not(request, obj, active)
        return refused or ("" if active else why_not_without(obj, request.user))

    def on_active(self, obj):
        if obj.is_active:
            return []
        obj.session_round += 1
        obj.api_tokens.in_use().revoke()
        return ["session_round"]


admin.site.unregister(Group)


@admin.register(Group)
class RoleAdmin(GroupAdmin):
    """Whoever may change a role may give themselves any permission: superusers only."""

    def has_add_permission(self, request):
        return request.user.is_superuser

    def has_change_permission(self, request, obj=None):
        return request.user.is_superuser

    def has_delete_permission(self, request, obj=None):
        return request.user.is_superuser

"""The admin's one site: what it is called, and what comes first in it."""

from django.contrib.admin import AdminSite
from django.contrib.auth.decorators import login_not_required
from django.http import HttpResponseRedirect
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache

# Apps, and within them models, as the work goes; what is not named follows by its name.
APPS = ("eventstore", "ordering", "catalog", "auth")
MODELS = (
    *("Stream", "Event", "Refusal", "Checkpoint", "Skip"),
    *("OrderHead", "Customer", "Agent", "DailyFigure"),
    *("Product", "Category"),
)


class ShopAdminSite(AdminSite):
    site_header = gettext_lazy("Tandem admin")
    index_title = gettext_lazy("How the shop is doing")

    def has_permission(self, request):
        from ordering.second_factor.steps import suffices

        return super().has_permission(request) and suffices(request.user, request.session)

    @method_decorator(never_cache)
    @login_not_required
    def login(self, request, extra_context=None):
        """As Django's, but for who has a second factor: Django's has no place to ask for it."""
        # This module is imported before there are models.
        from django.contrib.admin.forms import AdminAuthenticationForm
        from django.contrib.auth.views import LoginView

        from ordering.views.login import AsksForCode, BoundedName

        class AdminLoginForm(BoundedName, AdminAuthenticationForm):
            pass

        class AdminLogin(AsksForCode, LoginView):
            authentication_form = AdminLoginForm
            template_name = "admin/login.html"

        index = reverse("admin:index", current_app=self.name)
        into = LoginView().get_redirect_url(request) or index
        if request.method == "GET" and self.has_permission(request):
            return HttpResponseRedirect(into)
        context = {
            **self.each_context(request),
            "title": _("Log in"),
            "subtitle": None,
            "app_path": request.get_full_path(),
            "username": request.user.get_username(),
            "next": into,
            **(extra_context or {}),
        }
        request.current_app = self.name
        view = AdminLogin.as_view(extra_context=context, next_page=index)
        return view(request)

    def get_app_list(self, request, app_label=None):
        apps = super().get_app_list(request, app_label)
        for app in apps:
            app["models"].sort(key=lambda model: _place(MODELS, model["object_name"]))
        return sorted(apps, key=lambda app: _place(APPS, app["app_label"]))

    def app_index(self, request, app_label, extra_context=None):
        response = super().app_index(request, app_label, extra_context)
        response.context_data["title"] = response.context_data["app_list"][0]["name"]
        return response


def _place(order: tuple[str, ...], name: str) -> int:
    return order.index(name) if name in order else len(order)

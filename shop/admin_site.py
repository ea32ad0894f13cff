"""The admin's one site: what it is called, and what comes first in it."""

from django.contrib.admin import AdminSite
from django.utils.translation import gettext_lazy

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

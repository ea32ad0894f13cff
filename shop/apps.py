from django.apps import AppConfig
from django.contrib.admin import apps


class ShopConfig(AppConfig):
    name = "shop"

    def ready(self):
        from shop import checks  # noqa: F401  (registers them)


class ShopAdminConfig(apps.AdminConfig):
    """Django's admin, on the shop's own site."""

    default = False  # this module's is the one above
    default_site = "shop.admin_site.ShopAdminSite"

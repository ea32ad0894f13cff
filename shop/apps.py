import logging

from django.apps import AppConfig
from django.contrib.admin import apps


class ShopConfig(AppConfig):
    name = "shop"

    def ready(self):
        from django.conf import settings
        from django.contrib.auth.signals import user_logged_in, user_login_failed

        from eventstore.signals import command_handled
        from ordering.handling import INTENTS
        from shop import checks, metrics  # noqa: F401  (registers them)

        if not settings.LOCAL:
            logging.captureWarnings(True)  # each line is JSON
        metrics.begin_at_zero(name for name, *_ in INTENTS.values())
        command_handled.connect(metrics.count_command, dispatch_uid="shop.metrics")
        user_logged_in.connect(metrics.count_login, dispatch_uid="shop.metrics")
        user_login_failed.connect(metrics.count_login_failure, dispatch_uid="shop.metrics")


class ShopAdminConfig(apps.AdminConfig):
    """Django's admin, on the shop's own site."""

    default = False  # this module's is the one above
    default_site = "shop.admin_site.ShopAdminSite"

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class EventstoreConfig(AppConfig):
    name = "eventstore"
    verbose_name = _("Event store")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self):
        from django.db.models.signals import post_migrate

        from eventstore import checks  # noqa: F401  (registers)
        from eventstore.checkpoints import ensure_checkpoints

        post_migrate.connect(ensure_checkpoints, sender=self)

"""The roles that a shop begins with: see `ordering.roles`."""

from django.apps import apps as registry
from django.contrib.auth.management import create_permissions
from django.db import migrations

from ordering.roles import LOOKING, make_roles


def forwards(apps, schema_editor):
    # Permissions are made after all migrations; the roles need them now.
    for label in LOOKING:
        create_permissions(
            registry.get_app_config(label),
            verbosity=0,
            using=schema_editor.connection.alias,
            apps=apps,
        )
    make_roles(apps.get_model("auth", "Group"), apps.get_model("auth", "Permission"))


class Migration(migrations.Migration):
    dependencies = [
        ("ordering", "0006_session_round"),
        ("eventstore", "0008_refusals"),
        ("catalog", "0001_initial"),
        ("auth", "0012_alter_user_first_name_max_length"),
        ("contenttypes", "0002_remove_content_type_name"),
    ]

    # Backwards they stay: people may have them by then.
    operations = [migrations.RunPython(forwards, migrations.RunPython.noop)]

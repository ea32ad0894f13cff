"""Indexes for finding events in the whole log (eventstore.finding), made while the shop goes on.

When it is interrupted, PostgreSQL keeps an index that is not valid: drop that one, and migrate
again.
"""

import django.contrib.postgres.operations
import django.db.models.functions.comparison
from django.db import migrations, models
from django.db.models.fields.json import KT


def said(name):
    return django.db.models.functions.comparison.Coalesce(KT(f"metadata__{name}"), models.Value(""))


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("eventstore", "0006_streams")]

    operations = [
        # Each one takes as long as it takes, and waits for whoever is at work.
        migrations.RunSQL(
            "SET transaction_timeout = 0; SET lock_timeout = 0",
            "SET transaction_timeout = 0; SET lock_timeout = 0",
        ),
        django.contrib.postgres.operations.AddIndexConcurrently(
            model_name="event",
            index=models.Index(
                models.F("type"),
                said("source"),
                models.F("recorded_at"),
                models.F("position"),
                name="event_kind",
            ),
        ),
        django.contrib.postgres.operations.AddIndexConcurrently(
            model_name="event",
            index=models.Index(
                said("actor"),
                models.F("type"),
                said("source"),
                models.F("recorded_at"),
                models.F("position"),
                name="event_actor",
            ),
        ),
        django.contrib.postgres.operations.AddIndexConcurrently(
            model_name="event",
            index=models.Index(
                said("correlation_id"),
                models.F("recorded_at"),
                models.F("position"),
                name="event_correlation",
            ),
        ),
        django.contrib.postgres.operations.AddIndexConcurrently(
            model_name="event",
            index=models.Index(
                fields=["command_id"],
                condition=models.Q(command_id__isnull=False),
                name="event_command",
            ),
        ),
        migrations.RunSQL(
            "RESET transaction_timeout; RESET lock_timeout",
            "RESET transaction_timeout; RESET lock_timeout",
        ),
    ]

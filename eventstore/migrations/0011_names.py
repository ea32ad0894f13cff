"""What people call the store's models and fields, since it is translated now; no table changes."""

from django.db import migrations, models

import eventstore.models


class Migration(migrations.Migration):
    dependencies = [("eventstore", "0010_job_result")]

    operations = [
        migrations.AlterModelOptions(
            name="event",
            options={
                "permissions": [("view_payload", "Can see what events say")],
                "verbose_name": "event",
                "verbose_name_plural": "events",
            },
        ),
        migrations.AlterModelOptions(
            name="skip",
            options={"verbose_name": "skip", "verbose_name_plural": "skips"},
        ),
        migrations.AlterModelOptions(
            name="stream",
            options={"verbose_name": "stream", "verbose_name_plural": "streams"},
        ),
        migrations.AlterField(
            model_name="event",
            name="position",
            field=models.BigAutoField(primary_key=True, serialize=False, verbose_name="position"),
        ),
        migrations.AlterField(
            model_name="event",
            name="type",
            field=models.CharField(max_length=80, verbose_name="type"),
        ),
        migrations.AlterField(
            model_name="stream",
            name="category",
            field=models.CharField(max_length=40, verbose_name="category"),
        ),
        migrations.AlterField(
            model_name="stream",
            name="version",
            field=models.PositiveIntegerField(default=0, verbose_name="version"),
        ),
        migrations.AlterField(
            model_name="skip",
            name="error",
            field=models.TextField(blank=True, verbose_name="error"),
        ),
        migrations.AlterField(
            model_name="skip",
            name="position",
            field=models.BigIntegerField(verbose_name="position"),
        ),
        migrations.AlterField(
            model_name="skip",
            name="skipped_at",
            field=models.DateTimeField(
                db_default=eventstore.models.ClockTimestamp(), verbose_name="skipped at"
            ),
        ),
        migrations.AlterField(
            model_name="skip",
            name="skipped_by",
            field=models.CharField(max_length=150, verbose_name="skipped by"),
        ),
        migrations.AlterField(
            model_name="skip",
            name="subscription",
            field=models.CharField(max_length=80, verbose_name="subscription"),
        ),
    ]

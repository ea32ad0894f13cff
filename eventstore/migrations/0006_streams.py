"""What lists of streams show and ask for, kept with the stream; and snapshots of its past."""

import django.contrib.postgres.fields
import django.contrib.postgres.indexes
import django.db.models.deletion
from django.db import migrations, models

FILL = """
SET LOCAL transaction_timeout = 0;
UPDATE eventstore_stream SET bytes = counted.bytes, actors = counted.actors
  FROM (SELECT stream_id,
               sum(octet_length(data::text) + octet_length(metadata::text)) AS bytes,
               coalesce(array_agg(DISTINCT (metadata->>'actor')::bigint)
                        FILTER (WHERE metadata->>'actor' IS NOT NULL), '{}') AS actors
          FROM eventstore_event GROUP BY stream_id) AS counted
 WHERE id = counted.stream_id;
"""


class Migration(migrations.Migration):
    dependencies = [("eventstore", "0005_admin")]

    operations = [
        # A cache: commands and pages fold anew what it held.
        migrations.DeleteModel(name="Snapshot"),
        migrations.CreateModel(
            name="Snapshot",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "stream_id",
                        "version",
                        blank=True,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                (
                    "stream",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        to="eventstore.stream",
                    ),
                ),
                ("version", models.PositiveIntegerField()),
                ("fingerprint", models.CharField(max_length=64)),
                ("state", models.TextField()),
            ],
        ),
        migrations.AddField(
            model_name="stream",
            name="bytes",
            field=models.PositiveBigIntegerField(db_default=0, default=0),
        ),
        migrations.AddField(
            model_name="stream",
            name="actors",
            field=django.contrib.postgres.fields.ArrayField(
                base_field=models.BigIntegerField(), db_default=[], default=list
            ),
        ),
        migrations.RunSQL(FILL, migrations.RunSQL.noop),
        migrations.AddIndex(
            model_name="stream",
            index=models.Index(
                fields=["category", "-created_at", "-id"], name="stream_of_category"
            ),
        ),
        migrations.AddIndex(
            model_name="stream",
            index=django.contrib.postgres.indexes.GinIndex(
                fastupdate=False, fields=["actors"], name="stream_of_actor"
            ),
        ),
    ]

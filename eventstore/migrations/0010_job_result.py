from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("eventstore", "0009_jobs")]

    operations = [
        migrations.AddField(
            model_name="job",
            name="result",
            field=models.JSONField(null=True),
        ),
    ]

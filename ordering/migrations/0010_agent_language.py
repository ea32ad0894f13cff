from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("ordering", "0009_admin_lists"),
    ]

    operations = [
        migrations.AddField(
            model_name="agent",
            name="language",
            field=models.CharField(blank=True, default="", editable=False, max_length=10),
        ),
    ]

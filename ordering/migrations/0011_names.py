"""What people call models and fields, since it is translated now; no table changes."""

import django.core.validators
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("ordering", "0010_agent_language"),
    ]

    operations = [
        migrations.AlterModelOptions(
            name="agent",
            options={
                "ordering": ("username",),
                "verbose_name": "agent",
                "verbose_name_plural": "agents",
            },
        ),
        migrations.AlterModelOptions(
            name="apitoken",
            options={
                "ordering": ("-created_at",),
                "verbose_name": "API token",
                "verbose_name_plural": "API tokens",
            },
        ),
        migrations.AlterModelOptions(
            name="customer",
            options={
                "ordering": ("name",),
                "verbose_name": "customer",
                "verbose_name_plural": "customers",
            },
        ),
        migrations.AlterModelOptions(
            name="dailyfigure",
            options={"verbose_name": "daily figure", "verbose_name_plural": "daily figures"},
        ),
        migrations.AlterModelOptions(
            name="orderhead",
            options={"verbose_name": "order", "verbose_name_plural": "orders"},
        ),
        migrations.AlterField(
            model_name="agent",
            name="customer",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="agents",
                to="ordering.customer",
                verbose_name="customer",
            ),
        ),
        migrations.AlterField(
            model_name="apitoken",
            name="created_at",
            field=models.DateTimeField(auto_now_add=True, verbose_name="created at"),
        ),
        migrations.AlterField(
            model_name="apitoken",
            name="ending",
            field=models.CharField(max_length=4, verbose_name="ending"),
        ),
        migrations.AlterField(
            model_name="apitoken",
            name="last_used_at",
            field=models.DateTimeField(null=True, verbose_name="last used at"),
        ),
        migrations.AlterField(
            model_name="apitoken",
            name="name",
            field=models.CharField(max_length=60, verbose_name="name"),
        ),
        migrations.AlterField(
            model_name="apitoken",
            name="revoked_at",
            field=models.DateTimeField(null=True, verbose_name="revoked at"),
        ),
        migrations.AlterField(
            model_name="customer",
            name="code",
            field=models.CharField(
                help_text="Two to four capital letters; the start of this customer's order numbers.",
                max_length=4,
                unique=True,
                validators=[
                    django.core.validators.RegexValidator(
                        "^[A-Z]{2,4}$", "Two to four capital letters, such as HC."
                    )
                ],
                verbose_name="code",
            ),
        ),
        migrations.AlterField(
            model_name="customer",
            name="created_at",
            field=models.DateTimeField(auto_now_add=True, verbose_name="created at"),
        ),
        migrations.AlterField(
            model_name="customer",
            name="is_active",
            field=models.BooleanField(
                default=True,
                help_text="The agents of an inactive customer can look, but not change.",
                verbose_name="is active",
            ),
        ),
        migrations.AlterField(
            model_name="customer",
            name="last_order_number",
            field=models.PositiveIntegerField(
                default=0, editable=False, verbose_name="last order number"
            ),
        ),
        migrations.AlterField(
            model_name="customer",
            name="name",
            field=models.CharField(max_length=120, unique=True, verbose_name="name"),
        ),
        migrations.AlterField(
            model_name="dailyfigure",
            name="cancelled",
            field=models.PositiveIntegerField(default=0, verbose_name="cancelled"),
        ),
        migrations.AlterField(
            model_name="dailyfigure",
            name="completed",
            field=models.PositiveIntegerField(default=0, verbose_name="completed"),
        ),
        migrations.AlterField(
            model_name="dailyfigure",
            name="currency",
            field=models.CharField(max_length=3, verbose_name="currency"),
        ),
        migrations.AlterField(
            model_name="dailyfigure",
            name="customer",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                to="ordering.customer",
                verbose_name="customer",
            ),
        ),
        migrations.AlterField(
            model_name="dailyfigure",
            name="day",
            field=models.DateField(verbose_name="day"),
        ),
        migrations.AlterField(
            model_name="dailyfigure",
            name="items",
            field=models.PositiveBigIntegerField(default=0, verbose_name="items"),
        ),
        migrations.AlterField(
            model_name="dailyfigure",
            name="key",
            field=models.CharField(
                max_length=40, primary_key=True, serialize=False, verbose_name="key"
            ),
        ),
        migrations.AlterField(
            model_name="dailyfigure",
            name="opened",
            field=models.PositiveIntegerField(default=0, verbose_name="opened"),
        ),
        migrations.AlterField(
            model_name="dailyfigure",
            name="value",
            field=models.DecimalField(
                decimal_places=2, default=0, max_digits=18, verbose_name="value"
            ),
        ),
        migrations.AlterField(
            model_name="orderhead",
            name="cancel_reason",
            field=models.CharField(blank=True, max_length=500, verbose_name="cancel reason"),
        ),
        migrations.AlterField(
            model_name="orderhead",
            name="changed_at",
            field=models.DateTimeField(verbose_name="changed at"),
        ),
        migrations.AlterField(
            model_name="orderhead",
            name="changed_by",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
                verbose_name="changed by",
            ),
        ),
        migrations.AlterField(
            model_name="orderhead",
            name="closed_at",
            field=models.DateTimeField(null=True, verbose_name="closed at"),
        ),
        migrations.AlterField(
            model_name="orderhead",
            name="closed_by",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
                verbose_name="closed by",
            ),
        ),
        migrations.AlterField(
            model_name="orderhead",
            name="copied_from",
            field=models.UUIDField(null=True, verbose_name="copied from"),
        ),
        migrations.AlterField(
            model_name="orderhead",
            name="currency",
            field=models.CharField(max_length=3, verbose_name="currency"),
        ),
        migrations.AlterField(
            model_name="orderhead",
            name="customer",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="orders",
                to="ordering.customer",
                verbose_name="customer",
            ),
        ),
        migrations.AlterField(
            model_name="orderhead",
            name="line_count",
            field=models.PositiveIntegerField(default=0, verbose_name="line count"),
        ),
        migrations.AlterField(
            model_name="orderhead",
            name="note",
            field=models.TextField(blank=True, verbose_name="note"),
        ),
        migrations.AlterField(
            model_name="orderhead",
            name="number",
            field=models.CharField(max_length=24, verbose_name="number"),
        ),
        migrations.AlterField(
            model_name="orderhead",
            name="opened_at",
            field=models.DateTimeField(verbose_name="opened at"),
        ),
        migrations.AlterField(
            model_name="orderhead",
            name="opened_by",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
                verbose_name="opened by",
            ),
        ),
        migrations.AlterField(
            model_name="orderhead",
            name="order_id",
            field=models.UUIDField(primary_key=True, serialize=False, verbose_name="order id"),
        ),
        migrations.AlterField(
            model_name="orderhead",
            name="reference",
            field=models.CharField(blank=True, max_length=80, verbose_name="reference"),
        ),
        migrations.AlterField(
            model_name="orderhead",
            name="status",
            field=models.CharField(
                choices=[("open", "open"), ("completed", "completed"), ("cancelled", "cancelled")],
                max_length=10,
                verbose_name="status",
            ),
        ),
        migrations.AlterField(
            model_name="orderhead",
            name="total",
            field=models.DecimalField(
                decimal_places=2, default=0, max_digits=18, verbose_name="total"
            ),
        ),
        migrations.AlterField(
            model_name="orderhead",
            name="version",
            field=models.PositiveIntegerField(default=0, verbose_name="version"),
        ),
    ]

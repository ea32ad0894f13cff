"""What people call models and fields, since it is translated now; no table changes."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("catalog", "0003_search_in_languages"),
    ]

    operations = [
        migrations.AlterModelOptions(
            name="category",
            options={
                "ordering": ("position",),
                "verbose_name": "category",
                "verbose_name_plural": "categories",
            },
        ),
        migrations.AlterModelOptions(
            name="product",
            options={
                "ordering": ("name", "sku"),
                "verbose_name": "product",
                "verbose_name_plural": "products",
            },
        ),
        migrations.AlterField(
            model_name="category",
            name="icon",
            field=models.CharField(
                help_text="The name of a Lucide icon.", max_length=40, verbose_name="icon"
            ),
        ),
        migrations.AlterField(
            model_name="category",
            name="name",
            field=models.CharField(max_length=60, verbose_name="name"),
        ),
        migrations.AlterField(
            model_name="category",
            name="position",
            field=models.PositiveSmallIntegerField(
                help_text="The line in the file: 1 comes first.", verbose_name="position"
            ),
        ),
        migrations.AlterField(
            model_name="category",
            name="slug",
            field=models.SlugField(
                max_length=40, primary_key=True, serialize=False, verbose_name="slug"
            ),
        ),
        migrations.AlterField(
            model_name="product",
            name="active",
            field=models.BooleanField(
                default=True,
                help_text="In the file now. Orders may name products that have left it.",
                verbose_name="active",
            ),
        ),
        migrations.AlterField(
            model_name="product",
            name="category",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="products",
                to="catalog.category",
                verbose_name="category",
            ),
        ),
        migrations.AlterField(
            model_name="product",
            name="description",
            field=models.CharField(max_length=400, verbose_name="description"),
        ),
        migrations.AlterField(
            model_name="product",
            name="icon",
            field=models.CharField(
                help_text="The name of a Lucide icon.", max_length=40, verbose_name="icon"
            ),
        ),
        migrations.AlterField(
            model_name="product",
            name="name",
            field=models.CharField(max_length=80, verbose_name="name"),
        ),
        migrations.AlterField(
            model_name="product",
            name="price",
            field=models.DecimalField(decimal_places=2, max_digits=10, verbose_name="price"),
        ),
        migrations.AlterField(
            model_name="product",
            name="search_words",
            field=models.CharField(blank=True, max_length=200, verbose_name="search words"),
        ),
        migrations.AlterField(
            model_name="product",
            name="unit",
            field=models.CharField(
                help_text='What one piece is, such as "5 kg sack".',
                max_length=40,
                verbose_name="unit",
            ),
        ),
    ]

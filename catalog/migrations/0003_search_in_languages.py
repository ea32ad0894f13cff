"""Search documents and words by language. What was there is the catalog's own, English."""

import django.contrib.postgres.fields
import django.contrib.postgres.indexes
import django.contrib.postgres.search
import django.db.models.deletion
from django.db import migrations, models

WORDS_BY_LANGUAGE = """
    ALTER TABLE catalog_word DROP CONSTRAINT catalog_word_pkey;
    ALTER TABLE catalog_word ADD COLUMN language varchar(7) COLLATE "C" NOT NULL DEFAULT 'en';
    ALTER TABLE catalog_word ALTER COLUMN language DROP DEFAULT;
    ALTER TABLE catalog_word ADD PRIMARY KEY (language, text);
"""
WORDS_OF_ONE = """
    DELETE FROM catalog_word WHERE language <> 'en';
    ALTER TABLE catalog_word DROP CONSTRAINT catalog_word_pkey;
    ALTER TABLE catalog_word DROP COLUMN language;
    ALTER TABLE catalog_word ADD PRIMARY KEY (text);
"""
# The search finds what it found before, until the next load adds the other languages.
MOVE_DOCUMENTS = """
    INSERT INTO catalog_document (product_id, language, category_id, name_vector, search_vector)
    SELECT id, 'en', category_id, name_vector, search_vector FROM catalog_product
    WHERE active AND name_vector IS NOT NULL AND search_vector IS NOT NULL
"""
MOVE_DOCUMENTS_BACK = """
    UPDATE catalog_product AS product
    SET name_vector = document.name_vector, search_vector = document.search_vector
    FROM catalog_document AS document
    WHERE document.product_id = product.id AND document.language = 'en'
"""


class Migration(migrations.Migration):
    dependencies = [("catalog", "0002_texts")]

    operations = [
        migrations.CreateModel(
            name="Document",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "product_id",
                        "language",
                        blank=True,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("language", models.CharField(db_collation="C", max_length=7)),
                ("name_vector", django.contrib.postgres.search.SearchVectorField()),
                ("search_vector", django.contrib.postgres.search.SearchVectorField()),
                (
                    "category",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="catalog.category",
                    ),
                ),
                (
                    "product",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="documents",
                        to="catalog.product",
                    ),
                ),
            ],
            options={
                "indexes": [
                    django.contrib.postgres.indexes.GinIndex(
                        fastupdate=False, fields=["name_vector"], name="document_name_search"
                    ),
                    django.contrib.postgres.indexes.GinIndex(
                        fastupdate=False, fields=["search_vector"], name="document_search"
                    ),
                ],
            },
        ),
        migrations.RunSQL(MOVE_DOCUMENTS, MOVE_DOCUMENTS_BACK),
        migrations.RemoveIndex(model_name="product", name="product_name_search"),
        migrations.RemoveIndex(model_name="product", name="product_search"),
        migrations.RemoveField(model_name="product", name="name_vector"),
        migrations.RemoveField(model_name="product", name="search_vector"),
        # A primary key cannot become one of two columns by Django's own operations.
        migrations.SeparateDatabaseAndState(
            database_operations=[migrations.RunSQL(WORDS_BY_LANGUAGE, WORDS_OF_ONE)],
            state_operations=[
                migrations.DeleteModel("Word"),
                migrations.CreateModel(
                    name="Word",
                    fields=[
                        (
                            "pk",
                            models.CompositePrimaryKey(
                                "language",
                                "text",
                                blank=True,
                                editable=False,
                                primary_key=True,
                                serialize=False,
                            ),
                        ),
                        ("language", models.CharField(db_collation="C", max_length=7)),
                        ("text", models.CharField(db_collation="C", max_length=50)),
                        ("lexeme", models.CharField(db_collation="C", max_length=50)),
                        ("weight", models.PositiveIntegerField()),
                        (
                            "misspellings",
                            django.contrib.postgres.fields.ArrayField(
                                base_field=models.CharField(max_length=7)
                            ),
                        ),
                    ],
                    options={
                        "indexes": [
                            models.Index(fields=["lexeme"], name="word_lexeme"),
                            django.contrib.postgres.indexes.GinIndex(
                                fastupdate=False, fields=["misspellings"], name="word_misspellings"
                            ),
                        ],
                    },
                ),
            ],
        ),
    ]

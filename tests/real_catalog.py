"""The real catalog, loaded once and then copied: working out what the search reads costs more than
many a test."""

from django.apps import apps
from django.db import connection, transaction

from catalog.loader import Loaded, load


def tables() -> list[str]:
    return [model._meta.db_table for model in apps.get_app_config("catalog").get_models()]


def keep() -> Loaded:
    """Load it, and put it aside, out of sight of who empties the database."""
    with transaction.atomic(), connection.cursor() as cursor:
        loaded = load()
        cursor.execute("DROP SCHEMA IF EXISTS loaded_catalog CASCADE")
        cursor.execute("CREATE SCHEMA loaded_catalog")
        for table in tables():
            cursor.execute(f"CREATE TABLE loaded_catalog.{table} AS TABLE {table}")
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute(f"TRUNCATE {', '.join(tables())}")
    return loaded


def fill() -> None:
    """Copy it into the empty tables of the shop."""
    with connection.cursor() as cursor:
        for table in tables():
            cursor.execute(f"INSERT INTO {table} TABLE loaded_catalog.{table}")

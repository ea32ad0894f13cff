"""Instances of models from statements that are written out, for what every page and call asks:
Django would put the same SQL together each time."""

from django.db import DEFAULT_DB_ALIAS
from django.db.models import Model


def columns(model: type[Model], of: str) -> str:
    """The model's columns for a SELECT from the table that is called `of` in it."""
    return ", ".join(f"{of}.{field.column}" for field in model._meta.concrete_fields)


def made(row: tuple, *models: type[Model]) -> list[Model | None]:
    """An instance of each model, out of a row of all their columns; None for one that an outer
    join did not find."""
    instances = []
    for model in models:
        names = [field.attname for field in model._meta.concrete_fields]
        values, row = row[: len(names)], row[len(names) :]
        found = any(value is not None for value in values)
        instances.append(model.from_db(DEFAULT_DB_ALIAS, names, values) if found else None)
    return instances

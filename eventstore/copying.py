"""Writing rows into a table by COPY, in its text format."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from itertools import batched
from operator import attrgetter, call
from typing import Any
from uuid import UUID

from django.db import connection, models
from psycopg.adapt import PyFormat, Transformer

NULL = r"\N"
ESCAPES = str.maketrans({"\\": r"\\", "\n": r"\n", "\r": r"\r", "\t": r"\t"})
AT_A_TIME = 1_000  # lines that are sent together
KEPT = 20_000  # texts of values that may come again

# Columns whose values str() writes as PostgreSQL reads them.
NUMBERS = (models.IntegerField, models.DecimalField)
# Columns in which the same values come again and again.
REPEATED = (models.CharField, models.TextField, models.UUIDField, models.DateField)

Table = type[models.Model]


class Texts(dict[Any, str]):
    """What values of one column are in the text format. Few of them are new: the same products,
    times and ids come again and again."""

    def __init__(self, write: Callable[[Any], str]) -> None:
        super().__init__({None: NULL})
        self.write = write

    def __missing__(self, value: Any) -> str:
        if len(self) > KEPT:
            self.clear()
            self[None] = NULL
        text = self[value] = self.write(value)
        return text


# Texts of the values of some kinds of columns.
Known = Mapping[type[models.Field], Texts]


def copy_in(there: str, table: Table, rows: Sequence[Any], known: Known | None = None) -> None:
    """Write the rows into a table. They have the attributes of its model."""
    if not rows:
        return
    fields = table._meta.concrete_fields
    columns = ", ".join(connection.ops.quote_name(field.column) for field in fields)
    # With the key, it is more than one value, and a tuple in any case.
    values = attrgetter(*(field.attname for field in fields), "pk")
    writers = [_writer(field, known or {}) for field in fields]
    with (
        connection.cursor() as cursor,
        cursor.copy(f"COPY {there} ({columns}) FROM STDIN") as copy,
    ):
        for some in batched(rows, AT_A_TIME):
            lines = ["\t".join(map(call, writers, values(row))) for row in some]
            copy.write("\n".join([*lines, ""]))


def _writer(field: models.Field, known: Known) -> Callable[[Any], str]:
    target = field
    while isinstance(target, models.ForeignKey):
        target = target.target_field
    if isinstance(target, NUMBERS) and not field.null:
        return str
    if not isinstance(target, (*NUMBERS, *REPEATED)):
        return lambda value: _as_saved(target, value)
    return (known.get(type(target)) or Texts(lambda value: _text(target, value))).__getitem__


def _text(field: models.Field, value: Any) -> str:
    """The usual values in short, whatever else thoroughly."""
    if type(value) is str and value.isprintable() and "\\" not in value:
        return value
    if type(value) in (UUID, date) or (type(value) is datetime and value.tzinfo is not None):
        return str(value)
    return _as_saved(field, value)


def _as_saved(field: models.Field, value: Any) -> str:
    """As Django and psycopg would send it."""
    saved = field.get_db_prep_save(value, connection)
    if saved is None:
        return NULL
    if not isinstance(saved, str):
        dumper = Transformer(connection.connection).get_dumper(saved, PyFormat.TEXT)
        saved = bytes(dumper.dump(saved)).decode()
    return saved.translate(ESCAPES)

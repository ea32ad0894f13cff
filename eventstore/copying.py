"""Writing rows into a table by COPY."""

import re
from collections.abc import Sequence
from itertools import batched
from operator import attrgetter
from typing import Any

import msgspec
from django.db import connection, models
from psycopg.adapt import PyFormat, Transformer

from eventstore.plain import plain

NULL = r"\N"
ESCAPES = str.maketrans({"\\": r"\\", "\n": r"\n", "\r": r"\r", "\t": r"\t"})
AT_A_TIME = 1_000  # rows that are sent together

# Columns whose values PostgreSQL reads as JSON has them.
AS_IN_JSON = (
    models.BooleanField,
    models.CharField,
    models.DateField,
    models.DecimalField,
    models.IntegerField,
    models.TextField,
    models.UUIDField,
)
# Lines of JSON are CSV but for their brackets, and for escapes other than \" and \\.
JSON_LINES = r"""(FORMAT csv, NULL 'null', QUOTE '"', ESCAPE '\')"""
ESCAPED = re.compile(rb"\\(?:u([0-9a-f]{4})|.)")
MEANT = {rb"\n": b"\n", rb"\t": b"\t", rb"\r": b"\r", rb"\b": b"\b", rb"\f": b"\f"}
# A time without a zone is in Django's, which PostgreSQL does not know.
WITHOUT_ZONE = re.compile(rb'T\d\d:\d\d:\d\d(?:\.\d+)?"')

Table = type[models.Model]


def copy_in(there: str, table: Table, rows: Sequence[Any]) -> None:
    """Write the rows into a table. They have the attributes of its model."""
    if not rows:
        return
    fields = table._meta.concrete_fields
    columns = ", ".join(connection.ops.quote_name(field.column) for field in fields)
    quick = all(_as_in_json(field) for field in fields) and {*map(type, rows)} == {plain(table)}
    encoded = _encoded(rows) if quick else None
    how = "" if encoded is None else JSON_LINES
    with (
        connection.cursor() as cursor,
        cursor.copy(f"COPY {there} ({columns}) FROM STDIN {how}") as copy,
    ):
        if encoded is not None:
            copy.write(encoded)
            return
        # With the key, it is more than one value, and a tuple in any case.
        values = attrgetter(*(field.attname for field in fields), "pk")
        targets = [_target(field) for field in fields]
        for some in batched(rows, AT_A_TIME):
            lines = ["\t".join(map(_as_saved, targets, values(row))) for row in some]
            copy.write("\n".join([*lines, ""]))


def _target(field: models.Field) -> models.Field:
    while isinstance(field, models.ForeignKey):
        field = field.target_field
    return field


def _as_in_json(field: models.Field) -> bool:
    # Who derives a field of their own may save its values in another way.
    target = _target(field)
    return isinstance(target, AS_IN_JSON) and type(target).__module__.startswith("django.")


def _encoded(rows: Sequence[Any]) -> bytes | None:
    """The rows as JSON_LINES, many times faster than value by value; None when JSON has other
    values for something in them than a model would save."""
    try:
        lines = msgspec.json.Encoder().encode_lines(rows)
    except (TypeError, ValueError):  # no JSON for it, such as of a lazy text
        return None
    if WITHOUT_ZONE.search(lines):
        return None
    # No text has these, since line ends are escaped in it.
    lines = lines[1:-2].replace(b"]\n[", b"\n") + b"\n"
    return ESCAPED.sub(_unescaped, lines) if b"\\" in lines else lines


def _unescaped(found: re.Match[bytes]) -> bytes:
    if found[1]:
        return chr(int(found[1], 16)).encode()
    return MEANT.get(found[0], found[0])


def _as_saved(field: models.Field, value: Any) -> str:
    """In COPY's text format, as Django and psycopg would send it."""
    saved = field.get_db_prep_save(value, connection)
    if saved is None:
        return NULL
    if not isinstance(saved, str):
        dumper = Transformer(connection.connection).get_dumper(saved, PyFormat.TEXT)
        saved = bytes(dumper.dump(saved)).decode()
    return saved.translate(ESCAPES)

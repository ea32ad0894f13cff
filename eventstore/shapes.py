"""Python values <-> JSON values, by type annotation, strictly.

Knows str, int, bool, Decimal, UUID, date, datetime, enums, `X | None`, tuple[X, ...],
Mapping[str, X] and dataclasses of these. Decimals travel as strings, so nothing is rounded.
"""

import dataclasses
import types
import typing
from collections.abc import Callable, Mapping
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from enum import Enum
from functools import lru_cache
from typing import Any, NamedTuple
from uuid import UUID


class Misfit(Exception):
    """A value that does not fit. `path` leads to it, such as ".lines[FLR-25].quantity"."""

    def __init__(self, expected: str, actual: str, path: str = "") -> None:
        self.expected, self.actual, self.path = expected, actual, path

    def under(self, step: str) -> "Misfit":
        return Misfit(self.expected, self.actual, step + self.path)


class Shape(NamedTuple):
    """`as_it_is`: what has the right JSON type needs no decoding. `of_text`: decodes texts, or
    texts and None, and nothing else, into values that nobody changes."""

    encode: Callable[[Any], Any]
    decode: Callable[[Any], Any]
    as_it_is: bool = False
    of_text: bool = False


def shape_of(annotation: Any) -> Shape:
    """Raises TypeError for an annotation that is not known."""
    origin, args = typing.get_origin(annotation), typing.get_args(annotation)
    if annotation in PLAIN:
        return PLAIN[annotation]
    if dataclasses.is_dataclass(annotation):
        return _dataclass(annotation)
    if isinstance(annotation, type) and issubclass(annotation, Enum):
        return _via(annotation, lambda member: member.value, annotation, str)
    if origin in (types.UnionType, typing.Union) and len(args) == 2 and args[1] is type(None):
        return _optional(shape_of(args[0]))
    if origin is tuple and len(args) == 2 and args[1] is Ellipsis:
        return _sequence(shape_of(args[0]))
    if origin in (dict, Mapping) and args[0] is str:
        return _mapping(shape_of(args[1]))
    raise TypeError(f"no shape for {annotation!r}: see the types that eventstore.shapes knows")


def _same(cls: type) -> Shape:
    def check(value):
        # type() and not isinstance(): a bool is an int, and would come back as one.
        if type(value) is not cls:
            raise Misfit(cls.__name__, _show(value))
        return value

    return Shape(check, check, as_it_is=True)


def _via(cls: type, to_json: Callable, from_json: Callable, json_type: type) -> Shape:
    def encode(value):
        if not isinstance(value, cls):
            raise Misfit(cls.__name__, _show(value))
        return to_json(value)

    def decode(value):
        if type(value) is not json_type:
            raise Misfit(f"{cls.__name__} as {json_type.__name__}", _show(value))
        try:
            return from_json(value)
        except (ValueError, InvalidOperation):
            raise Misfit(cls.__name__, _show(value)) from None

    return Shape(encode, decode, of_text=json_type is str)


@lru_cache(maxsize=4096)  # prices come again and again
def _finite(text: str) -> Decimal:
    value = Decimal(text)
    if not value.is_finite():
        raise ValueError(text)
    return value


PLAIN = {
    str: _same(str),
    int: _same(int),
    bool: _same(bool),
    Decimal: _via(Decimal, lambda value: str(_finite(str(value))), _finite, str),
    UUID: _via(UUID, str, UUID, str),
    date: _via(date, date.isoformat, date.fromisoformat, str),
    datetime: _via(datetime, datetime.isoformat, datetime.fromisoformat, str),
}


def _optional(inner: Shape) -> Shape:
    return Shape(
        lambda value: None if value is None else inner.encode(value),
        lambda value: None if value is None else inner.decode(value),
        inner.as_it_is,
        inner.of_text,
    )


def _sequence(inner: Shape) -> Shape:
    def each(convert, expected, container):
        def run(value):
            if not isinstance(value, expected):
                raise Misfit(expected.__name__, _show(value))
            return container(_at(f"[{i}]", convert, item) for i, item in enumerate(value))

        return run

    return Shape(each(inner.encode, tuple, list), each(inner.decode, list, tuple))


def _mapping(inner: Shape) -> Shape:
    def each(convert):
        def run(value):
            if not isinstance(value, Mapping):
                raise Misfit("object", _show(value))
            return {key: _at(f"[{key}]", convert, item) for key, item in value.items()}

        return run

    return Shape(each(inner.encode), each(inner.decode))


def _dataclass(cls: type) -> Shape:
    hints = typing.get_type_hints(cls)
    fields = [(field.name, shape_of(hints[field.name])) for field in dataclasses.fields(cls)]
    names = {name for name, _ in fields}
    make = _maker(cls)
    # What is left to convert, by fields and JSON types that were found to fit before.
    fitting: dict[tuple, list[tuple[str, Callable]]] = {}

    def encode(value):
        if type(value) is not cls:
            raise Misfit(cls.__name__, _show(value))
        return {name: _at(f".{name}", s.encode, getattr(value, name)) for name, s in fields}

    def decode(value):
        if not isinstance(value, dict):
            raise Misfit("object", _show(value))
        found = (*value, *map(type, value.values()))
        to_convert = fitting.get(found)
        if to_convert is None:
            made = decode_anew(value)
            fitting[found] = [(name, s.decode) for name, s in fields if not s.as_it_is]
            return made
        values = value.copy()
        for name, convert in to_convert:
            try:
                values[name] = convert(values[name])
            except Misfit as misfit:
                raise misfit.under(f".{name}") from None
        return make(values)

    def decode_anew(value):
        if value.keys() != names:
            raise Misfit(f"exactly the fields {sorted(names)}", f"{sorted(value)}")
        return make({name: _at(f".{name}", s.decode, value[name]) for name, s in fields})

    return Shape(encode, decode)


def _maker(cls: type) -> Callable[[dict[str, Any]], Any]:
    """What makes an instance of a dict that has all of its fields, and which it may keep."""
    generated = cls.__init__.__code__.co_filename == "<string>"
    if not generated or any(hasattr(cls, name) for name in ("__post_init__", "__slots__")):
        return lambda values: cls(**values)
    new, put = object.__new__, object.__setattr__

    def make(values):
        # The __init__ of a frozen dataclass puts field by field, which takes many times longer.
        made = new(cls)
        put(made, "__dict__", values)
        return made

    return make


def _at(step: str, convert: Callable, value: Any) -> Any:
    try:
        return convert(value)
    except Misfit as misfit:
        raise misfit.under(step) from None


def _show(value: object) -> str:
    text = repr(value)
    return f"{type(value).__name__} {text[:60]}{'…' if len(text) > 60 else ''}"

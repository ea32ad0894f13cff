"""Stand-ins for events and metadata, which are decoded many times faster than instances.

A stand-in has the fields of the class it stands for, and its properties and methods, and is no
instance of it. It is just as strict. What does not fit raises something; whoever wants to know what
is wrong asks `codec.decode`.
"""

import dataclasses
import typing
from collections.abc import Callable
from functools import cache
from inspect import isfunction
from operator import attrgetter
from typing import Any

import msgspec

from eventstore.shapes import shape_of
from eventstore.store import Metadata


@cache
def decoder_of(event: type) -> Callable[[str], Any]:
    """What decodes JSON into stand-ins of a dataclass that `shape_of` knows."""
    hints = typing.get_type_hints(event)
    shapes = {field.name: shape_of(hints[field.name]) for field in dataclasses.fields(event)}
    decode = _decoder(
        event, [(name, hints[name] if one.as_it_is else Any) for name, one in shapes.items()]
    )
    converted = [(name, one.decode) for name, one in shapes.items() if not one.as_it_is]
    if not converted:
        return decode
    if len(converted) == 1:
        [(name, convert)] = converted
        value = attrgetter(name)

        def decode_and_convert_one(text: str) -> Any:
            made = decode(text)
            setattr(made, name, convert(value(made)))
            return made

        return decode_and_convert_one

    def decode_and_convert(text: str) -> Any:
        made = decode(text)
        for name, convert in converted:
            setattr(made, name, convert(getattr(made, name)))
        return made

    return decode_and_convert


def _decoder(cls: type, fields: list[tuple]) -> Callable[[str], Any]:
    return msgspec.json.Decoder(
        msgspec.defstruct(
            cls.__name__, fields, namespace=defined_by(cls), forbid_unknown_fields=True, gc=False
        )
    ).decode


def defined_by(cls: type, but: type = object) -> dict[str, Any]:
    """The properties and methods of a class that are not those of `but`."""
    return {
        name: value
        for one in reversed(cls.__mro__)
        if one not in but.__mro__
        for name, value in vars(one).items()
        if (isinstance(value, property) or isfunction(value)) and not name.startswith("__")
    }


decode_metadata = _decoder(
    Metadata, [(field.name, Any, field.default) for field in dataclasses.fields(Metadata)]
)

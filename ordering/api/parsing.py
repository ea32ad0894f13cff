"""JSON from outside, strictly: what PostgreSQL could not keep, or Python not read, is malformed."""

import json
import math
from typing import Any

from django.http import HttpRequest
from ninja.parser import Parser

from ordering.api.problems import Problem

LARGEST = 64 * 1024  # bytes of a body
DEEPEST = 20  # objects and arrays within one another; no body of ours has more than 3
LONGEST_NUMBER = 30  # characters


class StrictParser(Parser):
    def parse_body(self, request: HttpRequest) -> Any:
        return parse(body_of(request), request.headers.get("Content-Type", ""))


def body_of(request: HttpRequest) -> bytes:
    """Raises Problem, or RequestDataTooBig where Django refuses to read on."""
    if len(request.body) > LARGEST:
        raise too_large()
    return request.body


def too_large() -> Problem:
    return Problem(413, f"Expected a body of at most {LARGEST} bytes.")


def parse(body: bytes, content_type: str) -> Any:
    """Raises Problem with what was expected and found."""
    kind, _, parameters = content_type.partition(";")
    charset = parameters.strip().lower().removeprefix("charset=").strip('"')
    if kind.strip().lower() != "application/json" or charset not in ("", "utf-8", "utf8"):
        raise Problem(415, f"Expected application/json, found {content_type[:80] or 'no type'!r}.")
    try:
        value = json.loads(
            body.decode(),
            parse_constant=_refuse_constant,
            parse_int=_whole,
            parse_float=_fraction,
            object_pairs_hook=_object,
        )
    except UnicodeDecodeError as error:
        raise Problem(400, f"Expected UTF-8, found another byte at {error.start}.") from None
    except json.JSONDecodeError as error:
        found = f"{error.msg} at line {error.lineno}, column {error.colno}"
        raise Problem(400, f"Expected JSON; {found}.") from None
    except RecursionError:
        raise _too_deep() from None
    _check(value, 1)
    return value


def _check(value: Any, depth: int) -> None:
    """Bounded by DEEPEST itself: it goes no deeper than it allows."""
    if isinstance(value, str):
        check_text(value)
    elif isinstance(value, dict | list):
        if depth > DEEPEST:
            raise _too_deep()
        if isinstance(value, dict):
            for name in value:
                check_text(name)
            value = value.values()
        for one in value:
            _check(one, depth + 1)


def check_text(text: str) -> None:
    """Raises Problem for text that is no Unicode, or that PostgreSQL cannot keep."""
    for character in text:
        if character == "\0" or "\ud800" <= character <= "\udfff":
            raise Problem(400, f"Expected text, found U+{ord(character):04X} in it.")


def _too_deep() -> Problem:
    return Problem(400, f"Expected at most {DEEPEST} objects and arrays within one another.")


def _refuse_constant(name: str) -> None:
    raise Problem(400, f"Expected a number, found {name}, which is no JSON.")


def _whole(digits: str) -> int:
    _check_length(digits)
    return int(digits)


def _fraction(digits: str) -> float:
    _check_length(digits)
    value = float(digits)
    if not math.isfinite(value):
        raise Problem(400, f"Expected a finite number, found {digits}.")
    return value


def _check_length(digits: str) -> None:
    if len(digits) > LONGEST_NUMBER:
        raise Problem(
            400, f"Expected a number of at most {LONGEST_NUMBER} characters, found {len(digits)}."
        )


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise Problem(400, f"Expected each name once in an object, found {twice[:40]!r} again.")
    return found

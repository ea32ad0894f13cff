"""Reading the lines of a file, and refusing the first one that is not what it should be."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any, BinaryIO
from uuid import UUID

from eventstore.codec import UnreadableEvent, codec
from eventstore.moving.lines import FORMAT, Sums
from eventstore.store import Metadata, metadata_of

LONGEST = 16 * 1024 * 1024  # bytes of a line
LONGEST_METADATA = 200  # characters: each is a part of an index
ORDER = ["event", "command", "skip", "end"]
BIG, MIDDLE, SMALL = 2**63 - 1, 2**31 - 1, 2**15 - 1


class BadLine(Exception):
    """A line that is refused: its number, expected and actual."""

    def __init__(self, number: int, expected: str, actual: object) -> None:
        self.number = number
        found = actual if isinstance(actual, str) else repr(actual)
        if len(found) > 200:
            found = found[:200] + "…"
        super().__init__(f"line {number}: expected {expected}, found {found}")


@dataclass(frozen=True, slots=True)
class Line:
    """`row` is what the table of its kind takes from it; `text` is the JSON object."""

    number: int
    kind: str
    row: tuple
    text: str


def read_lines(file: BinaryIO) -> Iterator[Line]:
    """The lines between the first and the last one. Raises BadLine, also for a file that ends too
    early, when that is reached."""
    sums = Sums()
    begun, kinds, counts = False, ORDER, dict.fromkeys(ORDER, 0)
    number = 0
    while line := file.readline(LONGEST + 1):
        number += 1
        text, said = _object(number, line, sums)
        kind = said.get("kind")
        if not begun:
            _check_first(number, said)
            begun = True
            continue
        if kind == "broken":
            raise BadLine(number, "a complete file", f"an export that failed: {said.get('why')}")
        if kind not in kinds:
            raise BadLine(number, f"a line of the kind {' or '.join(kinds)}", kind)
        kinds = ORDER[ORDER.index(kind) :]
        if kind == "end":
            _check_last(number, said, counts)
            if file.read(1):
                raise BadLine(number + 1, "the end of the file", "another line")
            return
        counts[kind] += 1
        yield Line(number, kind, ROWS[kind](number, said), text)
    if not begun:
        raise BadLine(1, "the first line of an export", "an empty file")
    expected = "more lines, and one of the kind end"
    raise BadLine(number + 1, expected, "the end of the file: it was cut off")


def _object(number: int, line: bytes, sums: Sums) -> tuple[str, dict]:
    if number == 1 and line.startswith(b"\xef\xbb\xbf"):
        raise BadLine(1, "the first line of an export", "a byte order mark: an editor saved it")
    if len(line) > LONGEST:
        raise BadLine(number, f"at most {LONGEST:,} bytes", "a longer line")
    try:
        text = line.decode()
    except UnicodeDecodeError as error:
        raise BadLine(number, "UTF-8", str(error)) from None
    if not text.endswith("\n"):
        raise BadLine(number, "a whole line", "the end of the file within it: it was cut off")
    text = text[:-1]
    if not text.strip():
        raise BadLine(number, "a JSON object", "an empty line")
    try:
        said = json.loads(text, parse_constant=_no_constant)
    except (ValueError, RecursionError) as error:
        raise BadLine(number, "JSON", f"{error}") from None
    if not isinstance(said, dict):
        raise BadLine(number, "a JSON object", text)
    if "\\u" in text:
        _check_text(number, said)
    taken = sums.take(text)
    if taken is None:
        raise BadLine(
            number,
            "the line that was exported here",
            "a line whose sum is not right: it or the one before was changed, lost or moved",
        )
    del said["sum"]
    return taken, said


def _no_constant(name: str) -> None:
    raise ValueError(f"expected a number, found {name}")


def _check_text(number: int, value: Any) -> None:
    """PostgreSQL stores no NUL, and nothing that is no character."""
    if isinstance(value, dict):
        for name, one in value.items():
            _check_text(number, name)
            _check_text(number, one)
    elif isinstance(value, list):
        for one in value:
            _check_text(number, one)
    elif isinstance(value, str):
        if "\0" in value:
            raise BadLine(number, "text that can be stored", "a NUL character in it")
        if any("\ud800" <= character <= "\udfff" for character in value):
            raise BadLine(number, "text that can be stored", "half of a surrogate pair in it")


def _check_first(number: int, said: dict) -> None:
    if said.get("kind") != "log":
        raise BadLine(number, "the first line of an export, of the kind log", said.get("kind"))
    if said.get("format") != FORMAT:
        raise BadLine(number, f"format {FORMAT}", f"format {said.get('format')}")


def _check_last(number: int, said: dict, counts: dict[str, int]) -> None:
    for kind in ORDER[:-1]:
        if said.get(f"{kind}s") != counts[kind]:
            raise BadLine(number, f"{counts[kind]} {kind}s, as many as came", said.get(f"{kind}s"))


# --- Fields -----------------------------------------------------------------------------------


class Fields:
    """The fields of a line, each asked for by its type."""

    def __init__(self, number: int, said: dict, names: str) -> None:
        self.number, self.said = number, said
        expected = ["kind", *names.split()]
        if set(said) != set(expected):
            raise BadLine(number, f"the fields {', '.join(expected)}", ", ".join(said))

    def refuse(self, name: str, expected: str) -> BadLine:
        return BadLine(self.number, f"{name} to be {expected}", self.said[name])

    def number_of(self, name: str, least: int, most: int) -> int:
        value = self.said[name]
        if type(value) is not int or not least <= value <= most:
            raise self.refuse(name, f"a whole number from {least} to {most}")
        return value

    def text(self, name: str, most: int | None = None) -> str:
        value = self.said[name]
        if not isinstance(value, str) or (most and not 0 < len(value) <= most):
            raise self.refuse(name, f"text of 1 to {most} characters" if most else "text")
        return value

    def uuid(self, name: str) -> str:
        value = self.said[name]
        try:
            return str(UUID(value))
        except (ValueError, TypeError, AttributeError):
            raise self.refuse(name, "a UUID") from None

    def moment(self, name: str) -> str:
        value = self.said[name]
        try:
            if datetime.fromisoformat(value).tzinfo:
                return value
        except (ValueError, TypeError):
            pass
        raise self.refuse(name, "a time with its offset")


def _event(number: int, said: dict) -> tuple:
    of = Fields(
        number,
        said,
        "position stream_id category version type schema_version data metadata command_id"
        " recorded_at",
    )
    row = (
        number,
        of.number_of("position", 1, BIG),
        of.uuid("stream_id"),
        of.text("category", 40),
        of.number_of("version", 1, MIDDLE),
        of.text("type", 80),
        of.number_of("schema_version", 1, SMALL),
        None if said["command_id"] is None else of.uuid("command_id"),
        of.moment("recorded_at"),
    )
    try:
        codec.decode(said["type"], said["schema_version"], said["data"], where="")
        _check_metadata(of, metadata_of(said["metadata"], where=""))
    except UnreadableEvent as error:
        raise BadLine(number, error.expected, error.actual) from None
    return row


def _check_metadata(of: Fields, metadata: Metadata) -> None:
    if metadata.actor is not None and (
        type(metadata.actor) is not int or abs(metadata.actor) > BIG
    ):
        raise BadLine(of.number, "metadata.actor to be a user's id, or null", metadata.actor)
    for name in ("source", "correlation_id", "causation_id"):
        value = getattr(metadata, name)
        if not isinstance(value, str) or len(value) > LONGEST_METADATA:
            expected = f"metadata.{name} to be text of at most {LONGEST_METADATA} characters"
            raise BadLine(of.number, expected, value)


def _command(number: int, said: dict) -> tuple:
    of = Fields(number, said, "id stream_id fingerprint before after refusal recorded_at")
    try:
        digest = bytes.fromhex(of.text("fingerprint"))
    except ValueError:
        raise of.refuse("fingerprint", "bytes as hexadecimal digits") from None
    before, after = of.number_of("before", 0, MIDDLE), of.number_of("after", 0, MIDDLE)
    if after < before:
        raise of.refuse("after", f"{before} or more")
    if not (said["refusal"] is None or set(_dict(said["refusal"])) == {"code", "params"}):
        raise of.refuse("refusal", 'null, or {"code", "params"}')
    return (
        number,
        of.uuid("id"),
        of.uuid("stream_id"),
        digest,
        before,
        after,
        of.moment("recorded_at"),
    )


def _dict(value: Any) -> dict:
    return value if isinstance(value, dict) else {}


def _skip(number: int, said: dict) -> tuple:
    of = Fields(number, said, "subscription position error skipped_by skipped_at")
    return (
        number,
        of.text("subscription", 80),
        of.number_of("position", 1, BIG),
        of.text("error"),
        of.text("skipped_by", 150),
        of.moment("skipped_at"),
    )


ROWS = {"event": _event, "command": _command, "skip": _skip}

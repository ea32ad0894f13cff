"""One CSV file of the catalog, read line by line: what it says, and every problem with it."""

import csv
import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Problem:
    path: Path
    line: int
    reason: str

    def __str__(self):
        return f"{self.path}, line {self.line}: {self.reason}"


@dataclass(frozen=True)
class Column:
    """`longest` is in characters, as wide as the table's column."""

    name: str
    longest: int
    is_valid: Callable[[str], object] = bool
    expected: str = "a value"
    unique: bool = False

    def reason_against(self, value: str) -> str | None:
        if len(value) > self.longest:
            return f"{self.name}: expected at most {self.longest} characters, found {len(value)}."
        if not self.is_valid(value):
            return f"{self.name}: expected {self.expected}, found {shown(value)}."
        return None


class CatalogFile:
    """One file: `rows` are (line, values by column), as far as the lines can be read."""

    def __init__(self, path: Path, columns: tuple[Column, ...]):
        self.path = path
        self.columns = columns
        self._problems = []
        self.rows = []
        lines = self._lines()
        if self._has_header(lines):
            self.rows = [(line, values) for line, values in self._read_rows(lines)]
            self._refuse_repetitions()
            if not self.rows and not self._problems:
                self.refuse(2, "expected at least one line below the header, found none.")

    def refuse(self, line: int, reason: str) -> None:
        self._problems.append(Problem(self.path, line, reason))

    @property
    def problems(self) -> list[Problem]:
        return sorted(self._problems, key=lambda problem: problem.line)

    def _lines(self) -> Iterator[tuple[int, list[str]]]:
        """Each line that is not blank, as its fields.

        Each is decoded and parsed alone: a quotation mark left open is then the problem of its
        own line, and swallows no other product.
        """
        content = self.path.read_bytes().removeprefix(b"\xef\xbb\xbf")
        for number, line in enumerate(content.split(b"\n"), start=1):
            try:
                text = line.decode().removesuffix("\r")
            except UnicodeDecodeError as error:
                self.refuse(number, f"expected UTF-8, found the byte 0x{line[error.start]:02X}.")
                continue
            if control := next((c for c in text if unicodedata.category(c) == "Cc"), None):
                self.refuse(
                    number, f"expected text, found the control character U+{ord(control):04X}."
                )
                continue
            if not text.strip():
                continue
            try:
                yield number, [field.strip() for field in next(csv.reader([text], strict=True))]
            except csv.Error as error:
                self.refuse(number, f"expected one whole line of CSV, found {error}.")

    def _has_header(self, lines: Iterator[tuple[int, list[str]]]) -> bool:
        expected = [column.name for column in self.columns]
        number, found = next(lines, (1, None))
        if self._problems:
            return False
        if found != expected:
            header = "an empty file" if found is None else shown(",".join(found))
            self.refuse(number, f"expected the header {','.join(expected)}, found {header}.")
        return found == expected

    def _read_rows(self, lines: Iterator[tuple[int, list[str]]]) -> Iterator[tuple[int, dict]]:
        for number, found in lines:
            if len(found) != len(self.columns):
                self.refuse(number, f"expected {len(self.columns)} columns, found {len(found)}.")
                continue
            for column, value in zip(self.columns, found, strict=True):
                if reason := column.reason_against(value):
                    self.refuse(number, reason)
            yield number, {c.name: value for c, value in zip(self.columns, found, strict=True)}

    def _refuse_repetitions(self) -> None:
        for name in (column.name for column in self.columns if column.unique):
            first = {}
            for number, values in self.rows:
                earlier = first.setdefault(values[name], number)
                if earlier != number and values[name]:
                    self.refuse(
                        number,
                        f"{name}: expected each {name} once, "
                        f"found {shown(values[name])} of line {earlier} again.",
                    )


def shown(value: str) -> str:
    if not value:
        return "nothing"
    return repr(value if len(value) <= 80 else value[:79] + "…")

"""Reading the catalog's two files, all or nothing. Knows no database.

They are CSV in UTF-8, one category or one product a line. Any problem refuses both files whole.
"""

import csv
import re
import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from importlib import resources
from pathlib import Path
from zipfile import ZipFile

DATA = Path(__file__).parent / "data"
CATEGORIES = DATA / "categories.csv"
PRODUCTS = DATA / "products.csv"

SHOWN_PROBLEMS = 20
HIGHEST_PRICE = Decimal("99999.99")
SLUG = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
SKU = re.compile(r"[A-Z0-9]{2,6}-[A-Z0-9]{1,6}")
PRICE = re.compile(r"(0|[1-9][0-9]{0,9})\.[0-9]{2}")


@dataclass(frozen=True)
class CategoryLine:
    slug: str
    name: str
    icon: str


@dataclass(frozen=True)
class ProductLine:
    """`price` is net, for one `unit`; `category` is a category's slug."""

    sku: str
    name: str
    category: str
    description: str
    unit: str
    price: Decimal
    search_words: str
    icon: str


@dataclass(frozen=True)
class Problem:
    path: Path
    line: int
    reason: str

    def __str__(self):
        return f"{self.path}, line {self.line}: {self.reason}"


class BadCatalogFile(Exception):
    """The files are refused; `problems` is every reason why, in the order of the lines."""

    def __init__(self, problems: list[Problem]):
        super().__init__(problems)
        self.problems = problems

    def __str__(self):
        count = len(self.problems)
        shown = [str(problem) for problem in self.problems[:SHOWN_PROBLEMS]]
        if count > SHOWN_PROBLEMS:
            shown.append(f"and {count - SHOWN_PROBLEMS} more.")
        problems = "1 problem" if count == 1 else f"{count} problems"
        return "\n".join([f"{problems} in the catalog's files; nothing was loaded.", *shown])


@cache
def icons() -> frozenset[str]:
    """The names of all Lucide icons, read from the package's archive in one go."""
    with (
        resources.files("lucide").joinpath("lucide.zip").open("rb") as stream,
        ZipFile(stream) as archive,
    ):
        return frozenset(name.removesuffix(".svg") for name in archive.namelist())


def _is_icon(value: str) -> bool:
    return value in icons()


def _is_price(value: str) -> bool:
    return bool(PRICE.fullmatch(value)) and 0 < Decimal(value) <= HIGHEST_PRICE


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
            return f"{self.name}: expected {self.expected}, found {_shown(value)}."
        return None


ICON = Column("icon", 40, _is_icon, "the name of a Lucide icon")
CATEGORY_COLUMNS = (
    Column("slug", 40, SLUG.fullmatch, "a slug such as dairy-eggs", unique=True),
    Column("name", 60, unique=True),
    ICON,
)
PRODUCT_COLUMNS = (
    Column("sku", 16, SKU.fullmatch, "a SKU such as FLR-25", unique=True),
    Column("name", 80),
    Column("category", 40),
    Column("description", 400),
    Column("unit", 40),
    Column("price", 16, _is_price, f"two decimals, from 0.01 to {HIGHEST_PRICE}"),
    Column("search_words", 200, lambda value: True),
    ICON,
)


def read(products: Path, categories: Path) -> tuple[list[CategoryLine], list[ProductLine]]:
    """Both files in their order. Raises BadCatalogFile with every problem, or OSError."""
    category_file = CatalogFile(categories, CATEGORY_COLUMNS)
    product_file = CatalogFile(products, PRODUCT_COLUMNS)

    slugs = {values["slug"] for _, values in category_file.rows}
    for line, values in product_file.rows:
        if slugs and values["category"] and values["category"] not in slugs:
            product_file.refuse(
                line,
                f"category: expected a slug of {categories.name}, "
                f"found {_shown(values['category'])}.",
            )

    if problems := category_file.problems + product_file.problems:
        raise BadCatalogFile(problems)
    return (
        [CategoryLine(**values) for _, values in category_file.rows],
        [
            ProductLine(**values | {"price": Decimal(values["price"])})
            for _, values in product_file.rows
        ],
    )


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
            shown = "an empty file" if found is None else _shown(",".join(found))
            self.refuse(number, f"expected the header {','.join(expected)}, found {shown}.")
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
                        f"found {_shown(values[name])} of line {earlier} again.",
                    )


def _shown(value: str) -> str:
    if not value:
        return "nothing"
    return repr(value if len(value) <= 80 else value[:79] + "…")

"""Reading the catalog's files, all or nothing. Knows no database.

They are CSV in UTF-8, one category or one product a line, and beside them their texts in other
languages (catalog.translated). Any problem refuses all files whole.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cache
from importlib import resources
from pathlib import Path
from zipfile import ZipFile

from catalog import translated
from catalog.source_file import CatalogFile, Column, Problem, shown

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
    """`texts` are those in other languages: {"de": {"name": ...}}."""

    slug: str
    name: str
    icon: str
    texts: dict[str, dict[str, str]] = field(default_factory=dict)


@dataclass(frozen=True)
class ProductLine:
    """`price` is net, for one `unit`; `category` is a category's slug; `texts` are those in other
    languages: {"de": {"name", "unit", "description", "search_words"}}."""

    sku: str
    name: str
    category: str
    description: str
    unit: str
    price: Decimal
    search_words: str
    icon: str
    texts: dict[str, dict[str, str]] = field(default_factory=dict)


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


def read(
    products: Path, categories: Path, languages: Iterable[str] = ()
) -> tuple[list[CategoryLine], list[ProductLine]]:
    """Both files in their order, with their texts in those of the `languages` (codes) that there
    are files for. Raises BadCatalogFile with every problem, or OSError."""
    category_file = CatalogFile(categories, CATEGORY_COLUMNS)
    product_file = CatalogFile(products, PRODUCT_COLUMNS)

    slugs = {values["slug"] for _, values in category_file.rows}
    for line, values in product_file.rows:
        if slugs and values["category"] and values["category"] not in slugs:
            product_file.refuse(
                line,
                f"category: expected a slug of {categories.name}, "
                f"found {shown(values['category'])}.",
            )

    languages = list(languages)
    category_texts = translated.read(category_file, translated.CATEGORY_COLUMNS, languages)
    product_texts = translated.read(product_file, translated.PRODUCT_COLUMNS, languages)
    files = [category_file, *category_texts.files, product_file, *product_texts.files]
    if problems := [problem for file in files for problem in file.problems]:
        raise BadCatalogFile(problems)
    return (
        [
            CategoryLine(**values, texts=category_texts.of(values["slug"]))
            for _, values in category_file.rows
        ],
        [
            ProductLine(
                **values | {"price": Decimal(values["price"])},
                texts=product_texts.of(values["sku"]),
            )
            for _, values in product_file.rows
        ],
    )

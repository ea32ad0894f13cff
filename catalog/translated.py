"""The catalog's files in other languages: products.de.csv beside products.csv, and so on.

A file that is there must have every line of the file that it translates, and no other.
"""

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from catalog.source_file import CatalogFile, Column, shown

CATEGORY_COLUMNS = (Column("slug", 40, unique=True), Column("name", 60, unique=True))
PRODUCT_COLUMNS = (
    Column("sku", 16, unique=True),
    Column("name", 80),
    Column("unit", 40),
    Column("description", 400),
    Column("search_words", 200, lambda value: True),
)


def beside(path: Path, language: str) -> Path:
    """products.csv -> products.de.csv"""
    return path.with_suffix(f".{language}{path.suffix}")


@dataclass(frozen=True)
class Texts:
    """What the translations of one file say, by language and by the first column's value."""

    by_language: dict[str, CatalogFile]

    @property
    def files(self) -> list[CatalogFile]:
        return list(self.by_language.values())

    def of(self, key: str) -> dict[str, dict[str, str]]:
        """{"de": {"name": ...}}, with all of the file's columns but the first."""
        return {language: texts[key] for language, texts in self._texts.items()}

    @cached_property
    def _texts(self) -> dict[str, dict[str, dict[str, str]]]:
        found = {}
        for language, file in self.by_language.items():
            first, *rest = (column.name for column in file.columns)
            found[language] = {
                values[first]: {name: values[name] for name in rest} for _, values in file.rows
            }
        return found


def read(source: CatalogFile, columns: tuple[Column, ...], languages: list[str]) -> Texts:
    """The translations of a file that there are. What is missing in one is refused in `source`,
    in the line that has it. Raises OSError."""
    found = {}
    for language in languages:
        path = beside(source.path, language)
        if path.exists():
            found[language] = CatalogFile(path, columns)
            _compare(source, found[language])
    return Texts(found)


def _compare(source: CatalogFile, translation: CatalogFile) -> None:
    key = source.columns[0].name
    expected = {values[key]: line for line, values in source.rows if values[key]}
    found = {values[key]: line for line, values in translation.rows if values[key]}
    # A file of which no line could be read has said so; all the others' lines are not to blame.
    if not expected or not found:
        return
    for value, line in found.items():
        if value not in expected:
            translation.refuse(
                line, f"{key}: expected a {key} of {source.path.name}, found {shown(value)}."
            )
    for value, line in expected.items():
        if value not in found:
            source.refuse(
                line, f"{key}: expected {value} in {translation.path.name} too, found it only here."
            )

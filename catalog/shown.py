"""Products that were stored by name, in an event or a row, named in the active language."""

from collections.abc import Iterable
from typing import NamedTuple, Protocol

from catalog.languages import BASE, Language, current
from catalog.models import Product


class Stored(Protocol):
    """Names a product in the catalog's own language."""

    name: str
    unit: str


class Shown(NamedTuple):
    """`lang`: the texts' language where it is not the active one; else empty."""

    name: str
    unit: str
    lang: str


def shown(language: Language, texts: dict[str, str] | None, name: str, unit: str) -> Shown:
    """The catalog's `texts` in that language; where it has none, the name and unit as stored."""
    if texts:
        return Shown(texts["name"], texts["unit"], "")
    return Shown(name, unit, "" if language is BASE else BASE.code)


class Names:
    """Looks all SKUs up in one query; in none where the catalog's own language is active."""

    def __init__(self, skus: Iterable[str]):
        self._language, self._texts = current(), {}
        if self._language is not BASE and (skus := set(skus)):
            self._read(Product.objects.filter(sku__in=skus).values_list("sku", "texts"))

    @classmethod
    def known(cls, products: Iterable[Product]) -> "Names":
        """Those of products that were read anyway: without a query."""
        names = cls(())
        names._read((product.sku, product.texts) for product in products)
        return names

    def _read(self, products: Iterable[tuple[str, dict]]) -> None:
        self._texts = {sku: texts.get(self._language.code) for sku, texts in products}

    def of(self, sku: str, stored: Stored) -> Shown:
        """As the catalog has it now; as it was stored where the catalog has no text for it."""
        return shown(self._language, self._texts.get(sku), stored.name, stored.unit)

"""Finding products by SKUs as people write them: in small letters, with a blank for the dash or
without any."""

import re
import unicodedata
from collections.abc import Iterable

from rapidfuzz.distance import OSA

from catalog.models import Product

# The parts of a SKU, as catalog.source has them.
LONGEST_START, LONGEST_END = 6, 6
MOST_NEAR = 3
MOST_COMPARED = 50


def by_sku(written: Iterable[str]) -> dict[str, Product]:
    """The product of each of these, with its category, retired ones too; none for what is no SKU,
    or stands for two. Takes one query."""
    spelled = {text: _spellings(text) for text in set(written)}
    spellings = set().union(*spelled.values())
    if not spellings:
        return {}
    found = Product.objects.select_related("category").in_bulk(spellings, field_name="sku")
    products = {}
    for text, possible in spelled.items():
        exactly = found.get(_upper(text))
        named = [found[sku] for sku in possible if sku in found]
        if exactly or len(named) == 1:
            products[text] = exactly or named[0]
    return products


def near_sku(code: str) -> list[Product]:
    """Active products whose SKU begins like this one, the most alike first, at most MOST_NEAR."""
    code = _upper(code)
    start = re.match(r"[A-Z]{2,6}", code)
    if not start:
        return []
    alike = Product.objects.active().filter(sku__startswith=f"{start[0]}-").order_by("sku")
    products = list(alike.select_related("category")[:MOST_COMPARED])
    return sorted(products, key=lambda product: OSA.distance(code, product.sku))[:MOST_NEAR]


def _upper(text: str) -> str:
    return unicodedata.normalize("NFKC", text[:40]).strip().upper()


def _spellings(text: str) -> set[str]:
    """The SKUs that a text may stand for: `flr25` is FL-R25, FLR-25 and FLR2-5."""
    text = _upper(text)
    if not re.fullmatch(r"[A-Z0-9]+(?:[-\s_./]?[A-Z0-9]+)?", text):
        return set()
    start, end, *_ = [*re.split(r"[-\s_./]", text), ""]
    if end:
        return {f"{start}-{end}"} if max(len(start), len(end)) <= LONGEST_START else set()
    cuts = range(2, min(LONGEST_START, len(start) - 1) + 1)
    return {f"{start[:cut]}-{start[cut:]}" for cut in cuts if len(start) - cut <= LONGEST_END}

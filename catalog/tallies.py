"""How many products there would be, were the category or the shelf another one."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from django.db import connections, router
from django.db.models import Count

from catalog.models import Product
from catalog.search import ALL, SOME, Found, possible
from catalog.shelves import Stock

# A text that more products answer to is not counted: it wants another word, not a filter.
MOST_COUNTED = 2_000

MATCHES = """
    WITH matching AS MATERIALIZED (
        SELECT product_id AS id, category_id FROM catalog_document
        WHERE language = %s AND search_vector @@ to_tsquery(%s, %s)
    )
    SELECT id, category_id FROM matching LIMIT %s
"""


@dataclass(frozen=True)
class Tallies:
    """Numbers of products by (category's slug, shelf's slug), "" standing for any."""

    numbers: Mapping[tuple[str, str], int]

    def of(self, category: str = "", shelf: str = "") -> int:
        return self.numbers.get((category, shelf), 0)


def tally(found: Found, stocks: Iterable[Stock]) -> Tallies | None:
    """The tallies of what was found, had no filter been set; None where it is too much to count.

    Takes one query at the most.
    """
    if found.missing:
        return Tallies({})
    numbers: Counter[tuple[str, str]] = Counter()
    if found.terms:
        rows = _matches(found)
        if len(rows) > MOST_COUNTED:
            return None
        for category in rows.values():
            numbers[category, ""] += 1
    else:
        rows = None
        active = Product.objects.active().order_by().values_list("category")
        numbers.update({(slug, ""): number for slug, number in active.annotate(number=Count("*"))})
    for stock in stocks:
        for pk, category in stock.categories.items():
            if rows is None or pk in rows:
                numbers[category, stock.shelf.slug] += 1
    for (_, shelf), number in list(numbers.items()):
        numbers["", shelf] += number
    return Tallies(numbers)


def _matches(found: Found) -> dict[int, str]:
    """The category of each product found, by its primary key; at most one more than are counted."""
    query = possible(found.terms, SOME if found.partial else ALL)
    with connections[router.db_for_read(Product)].cursor() as cursor:
        language = found.language
        cursor.execute(MATCHES, [language.code, language.config, query, MOST_COUNTED + 1])
        return dict(cursor.fetchall())

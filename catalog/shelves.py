"""Shelves that stand before the categories, with products chosen for who looks.

The catalog knows nobody's orders. An app that does registers a shelf and chooses what is on it.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet

from catalog.models import Product

FIRST = 8


@dataclass(frozen=True)
class Shelf:
    """`choose(user)` gives active products, in the shelf's order; where they have `times`, it is
    in how many orders they were. `slug` stands in addresses, `icon` names a Lucide icon, and
    `empty` says what will be here when nothing is yet."""

    slug: str
    name: str
    icon: str
    empty: str
    choose: Callable[[Any], QuerySet[Product]]


# slug -> shelf; filled by the apps' AppConfigs.
shelves: dict[str, Shelf] = {}


def register_shelf(shelf: Shelf) -> None:
    if shelf.slug in shelves:
        raise ValueError(f"expected one shelf with the slug {shelf.slug}, found two")
    shelves[shelf.slug] = shelf


@dataclass(frozen=True)
class Stock:
    """What is on a shelf for somebody: `categories` has each product's, by its primary key."""

    shelf: Shelf
    products: QuerySet[Product]
    categories: dict[int, str]

    @property
    def tally(self) -> int:
        return len(self.categories)

    @property
    def first(self) -> QuerySet[Product]:
        """What a page shows of it beside other things."""
        return self.products.select_related("category")[:FIRST]


def stocked(user: Any) -> list[Stock]:
    """The shelves that have something for the user. Costs a query a shelf."""
    stocks = []
    for shelf in shelves.values():
        products = shelf.choose(user)
        categories = dict(products.order_by().values_list("pk", "category_id"))
        if categories:
            stocks.append(Stock(shelf, products, categories))
    return stocks

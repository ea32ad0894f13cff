"""The lines of an order as its page shows them: one query, and plain values (catalog.kept)."""

from datetime import datetime
from decimal import Decimal
from typing import NamedTuple
from uuid import UUID

from catalog.languages import current
from catalog.shown import Shown, shown
from eventstore.statements import Statement, run
from ordering.models import OrderHead
from ordering.queries import SOMEONE

# Outer joins: a product, or an agent, may be gone.
LINES = """
SELECT line.sku, line.name, line.unit, line.quantity, line.unit_price,
       line.added_version, line.added_at, coalesce(nullif(adder.first_name, ''), adder.username),
       line.changed_version, line.changed_at,
       coalesce(nullif(changer.first_name, ''), changer.username),
       product.texts -> %s ->> 'name', product.texts -> %s ->> 'unit',
       product.icon, product.active, category.icon, category.position
  FROM ordering_orderline AS line
  LEFT JOIN ordering_agent AS adder ON adder.id = line.added_by_id
  LEFT JOIN ordering_agent AS changer ON changer.id = line.changed_by_id
  LEFT JOIN catalog_product AS product ON product.sku = line.sku
  LEFT JOIN catalog_category AS category ON category.slug = product.category_id
 WHERE line.order_id = %s
 ORDER BY line.added_version
"""


class Shelf(NamedTuple):
    """What a picture shows of a category."""

    icon: str
    position: int


class Pictured(NamedTuple):
    """What a picture shows of a product."""

    sku: str
    icon: str
    active: bool
    category: Shelf


class Line(NamedTuple):
    """`product` is None when it is gone. `added_by` and `changed_by` are the agents' names."""

    order_id: UUID
    currency: str
    sku: str
    shown: Shown
    quantity: int
    unit_price: Decimal
    added_version: int
    added_at: datetime
    added_by: str
    changed_version: int
    changed_at: datetime
    changed_by: str
    product: Pictured | None

    @property
    def total(self) -> Decimal:
        return self.quantity * self.unit_price


def order_lines(head: OrderHead) -> list[Line]:
    """The lines as they were first added."""
    language, someone = current(), str(SOMEONE.first_name)
    lines = []
    for row in run(Statement(LINES, [language.code, language.code, head.order_id])):
        sku, name, unit, quantity, price, added, added_at, adder = row[:8]
        changed, changed_at, changer, own_name, own_unit, icon, active, *shelf = row[8:]
        texts = own_name and {"name": own_name, "unit": own_unit}
        lines.append(
            Line(
                head.order_id,
                head.currency,
                sku,
                shown(language, texts, name, unit),
                quantity,
                price,
                added,
                added_at,
                adder or someone,
                changed,
                changed_at,
                changer or someone,
                None if icon is None else Pictured(sku, icon, active, Shelf(*shelf)),
            )
        )
    return lines

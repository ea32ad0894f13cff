"""An order as it was at an earlier version, folded from its events."""

from dataclasses import dataclass
from uuid import UUID

from catalog.shown import Names, Shown
from eventstore.store import read_stream
from ordering.domain import order as domain
from ordering.domain.order import Line, Order
from ordering.handling import ORDER
from ordering.history import Deed, names_in, tell_deeds


@dataclass(frozen=True)
class Row:
    """A line; `mark`: what the event did to it: "added", "changed", "removed" or "".
    `was` is its quantity before, None when there was none."""

    sku: str
    line: Line
    product: Shown
    mark: str
    was: int | None


@dataclass(frozen=True)
class AsItWas:
    """The order after the event at `version`, which `deed` tells."""

    version: int
    order: Order
    before: Order
    deed: Deed
    names: Names

    @property
    def rows(self) -> list[Row]:
        """The lines as they were added; one that this event removed is still among them."""
        skus = list(self.before.lines | self.order.lines)
        return [self._row(sku) for sku in skus]

    @property
    def changed(self) -> list[str]:
        """Which of "reference", "note" and "status" the event changed."""
        names = ("reference", "note", "status")
        return [name for name in names if getattr(self.before, name) != getattr(self.order, name)]

    def _row(self, sku: str) -> Row:
        was, line = self.before.lines.get(sku), self.order.lines.get(sku)
        product = self.names.of(sku, line or was)
        if line is None:
            return Row(sku, was, product, "removed", was.quantity)
        if was is None:
            return Row(sku, line, product, "added", None)
        return Row(sku, line, product, "" if was == line else "changed", was.quantity)


def read_as_it_was(order_id: UUID, version: int) -> AsItWas:
    """The order at a version that it has reached. Raises UnreadableEvent."""
    before, _ = ORDER.load(order_id, upto=version - 1)
    [recorded] = read_stream(order_id, after=version - 1, upto=version)
    names = names_in([recorded], before)
    [deed] = tell_deeds([recorded], before, names)
    return AsItWas(version, domain.evolve(before, recorded.event), before, deed, names)

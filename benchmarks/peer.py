"""An order as users of the library `eventsourcing` would write it."""

from decimal import Decimal
from uuid import UUID

from eventsourcing.application import Application
from eventsourcing.domain import Aggregate, event


class Order(Aggregate):
    class Opened(Aggregate.Created):
        number: str
        customer_id: int
        currency: str
        reference: str

    @event(Opened)
    def __init__(self, number: str, customer_id: int, currency: str, reference: str) -> None:
        self.number, self.customer_id = number, customer_id
        self.currency, self.reference = currency, reference
        self.lines: dict[str, tuple[int, Decimal]] = {}

    @event("ItemAdded")
    def add(self, sku: str, name: str, unit: str, quantity: int, unit_price: Decimal) -> None:
        had, _ = self.lines.get(sku, (0, unit_price))
        self.lines[sku] = had + quantity, unit_price


class Orders(Application):
    def begin(self, number: str) -> UUID:
        order = Order(number, 1, "EUR", "Spring")
        self.save(order)
        return order.id

    def add(self, order_id: UUID, step: int) -> UUID:
        order = self.repository.get(order_id)
        order.add(f"SKU-{step}", "Flour, type 550", "25 kg", 2, Decimal("18.40"))
        self.save(order)
        return order_id

"""A long history of orders, as agents of a few hundred customers would have left it: some hundred
orders are open at any time, and each has its lines, changes and removals until it is closed."""

import json
import random
import uuid
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import psycopg

CUSTOMERS, PRODUCTS, OPEN_AT_ONCE = 400, 600, 300
BEGIN, STEP = datetime(2025, 1, 6, 7, tzinfo=UTC), timedelta(seconds=20)

STREAMS = "COPY eventstore_stream (id, category, version, created_at, bytes, actors) FROM STDIN"
EVENTS = """
COPY eventstore_event (stream_id, version, type, schema_version, data, metadata, command_id,
                       recorded_at) FROM STDIN
"""


class _Order:
    """An order on its way, and what its agents do next."""

    def __init__(self, number: int, chance: random.Random, at: datetime) -> None:
        self.id, self.opened_at = uuid.UUID(int=chance.getrandbits(128), version=4), at
        self.number, self.customer, self.chance = number, chance.randrange(CUSTOMERS) + 1, chance
        self.version, self.bytes, self.actors = 0, 0, set()
        self.lines: dict[str, tuple[int, Decimal]] = {}
        self.plan = ["add"] * (3 + min(12, int(chance.expovariate(1 / 4))))
        for what, share in (("change", 0.9), ("remove", 0.4), ("details", 0.3)):
            if chance.random() < share:
                self.plan.insert(chance.randint(2, len(self.plan)), what)
        self.closed = False

    def go_on(self) -> tuple[str, dict]:
        """The type and data of its next event."""
        self.version += 1
        if self.version == 1:
            return "OrderOpened", {
                "number": f"C{self.customer}-2025-{self.number:06d}",
                "customer_id": self.customer,
                "currency": "EUR",
                "reference": f"Week {self.number % 52 + 1}",
                "note": "",
                "copied_from": None,
            }
        what = self.plan.pop(0) if self.plan else "close"
        if what == "remove" and len(self.lines) < 2:
            what = "details"
        if what == "add":
            product = self.chance.randrange(PRODUCTS)
            sku, price = f"PRD-{product:04d}", Decimal(199 + 37 * product) / 100
            quantity = self.chance.randint(1, 24)
            had, _ = self.lines.get(sku, (0, price))
            self.lines[sku] = had + quantity, price
            return "ItemAdded", {
                "sku": sku,
                "name": f"Stone-ground flour, type {product}",
                "unit": "25 kg sack",
                "quantity": quantity,
                "unit_price": f"{price}",
            }
        if what == "change":
            sku = self.chance.choice(list(self.lines))
            quantity = self.chance.randint(1, 48)
            self.lines[sku] = quantity, self.lines[sku][1]
            return "QuantityChanged", {"sku": sku, "quantity": quantity}
        if what == "remove":
            sku = self.chance.choice(list(self.lines))
            del self.lines[sku]
            return "ItemRemoved", {"sku": sku}
        if what == "details":
            return "DetailsChanged", {"reference": None, "note": "Please ring at the back door."}
        self.closed = True
        if self.chance.random() < 0.1:
            return "OrderCancelled", {"reason": "Not needed any more."}
        total = sum((quantity * price for quantity, price in self.lines.values()), Decimal("0.00"))
        return "OrderCompleted", {"total": f"{total}", "currency": "EUR"}


def _told(events: int, orders: list[_Order]) -> Iterator[tuple]:
    """Rows of EVENTS, in the order in which they happened; `orders` is given those of STREAMS."""
    chance, under_way = random.Random(20250106), []  # noqa: S311  (the same history each time)
    for step in range(events):
        at = BEGIN + step * STEP
        if len(under_way) < OPEN_AT_ONCE:
            under_way.append(_Order(len(orders) + 1, chance, at))
            orders.append(under_way[-1])
        place = chance.randrange(len(under_way))
        order = under_way[place]
        type_, data = order.go_on()
        actor = order.customer * 10 + chance.randrange(3)
        about = json.dumps(
            {
                "actor": actor,
                "source": "page",
                "correlation_id": f"{chance.getrandbits(64):016x}",
                "causation_id": "",
            }
        )
        said = json.dumps(data)
        order.actors.add(actor)
        order.bytes += len(said) + len(about)
        command = uuid.UUID(int=chance.getrandbits(128), version=4)
        version = 2 if type_ == "OrderCompleted" else 1
        yield order.id, order.version, type_, version, said, about, command, at
        if order.closed:
            under_way[place] = under_way[-1]
            under_way.pop()


INDEXES = """
SELECT indexrelid::regclass::text, pg_get_indexdef(indexrelid) FROM pg_index
 WHERE indrelid = 'eventstore_event'::regclass
   AND NOT EXISTS (SELECT FROM pg_constraint WHERE conindid = indexrelid)
"""


def fill(url: str, events: int) -> None:
    """Store so many events, and their streams. Read rows are not written."""
    orders: list[_Order] = []
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("SET transaction_timeout = 0")
        with connection.transaction(), connection.cursor() as cursor:
            # Each event refers to its stream, which is known only when all have been told.
            cursor.execute("SET LOCAL session_replication_role = replica")
            # Made afterwards: many times faster than row by row.
            indexes = cursor.execute(INDEXES).fetchall()
            for name, _ in indexes:
                cursor.execute(f"DROP INDEX {name}")
            with cursor.copy(EVENTS) as copy:
                for row in _told(events, orders):
                    copy.write_row(row)
            with cursor.copy(STREAMS) as copy:
                for one in orders:
                    actors = sorted(one.actors)
                    copy.write_row((one.id, "order", one.version, one.opened_at, one.bytes, actors))
            for _, definition in indexes:
                cursor.execute(definition)
        connection.execute("VACUUM ANALYZE eventstore_event, eventstore_stream")

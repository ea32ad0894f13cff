"""Who adds an item to an order of 0 to 9 events and saves it: this project through `handle()`, bare
psycopg with the same reads and writes on the same tables, and the library `eventsourcing`.

Each function returns what does it once: the first of ten opens an order, the others add to it.
"""

import os
import uuid
from collections.abc import Callable
from decimal import Decimal

EVENTS = 10  # an order
CUSTOMER = 1
AGENT = 1


def tandem(url: str, number: int) -> Callable[[], None]:
    """Commands through `handle()`, with inline projections and idempotency."""
    from benchmarks import database

    database.use(url)
    from eventstore.decider import Metadata, fingerprint, handle
    from ordering.domain import order as domain
    from ordering.handling import ORDER, _belongs_to

    guard, metadata = _belongs_to(CUSTOMER), Metadata(AGENT, "bench", "")
    stream, step = uuid.uuid4(), 0

    def once() -> None:
        nonlocal stream, step
        item = domain.Item(f"SKU-{step}", "Flour, type 550", "25 kg", 2, Decimal("18.40"), "EUR")
        if step == 0:
            stream = uuid.uuid4()
            command = domain.OpenOrder(f"B-{number}", CUSTOMER, "EUR", "Spring")
        else:
            command = domain.AddItems((item,))
        handle(
            ORDER,
            stream,
            command,
            command_id=uuid.uuid4(),
            fingerprint=fingerprint(str(stream), "add", step),
            metadata=metadata,
            guard=guard if step else None,
        )
        step = (step + 1) % EVENTS

    return once


def bare(url: str, number: int) -> Callable[[], None]:
    """The least that such a command has to read and write, one prepared statement after another,
    with rows as they come: no objects, no rules, no error handling."""
    import psycopg

    connection = psycopg.connect(url, prepare_threshold=0)
    cursor = connection.cursor()
    stream, step = uuid.uuid4(), 0
    opened = (
        '{"number": "B-1", "customer_id": 1, "currency": "EUR", "reference": "Spring", "note": "",'
        ' "copied_from": null}'
    )
    metadata = '{"actor": 1, "source": "bench", "causation_id": "", "correlation_id": ""}'

    def once() -> None:
        nonlocal stream, step
        if step == 0:
            stream = uuid.uuid4()
        sku, command = f"SKU-{step}", uuid.uuid4()
        added = (
            f'{{"sku": "{sku}", "name": "Flour, type 550", "unit": "25 kg", "quantity": 2,'
            ' "unit_price": "18.40"}'
        )
        kind, data = ("ItemAdded", added) if step else ("OrderOpened", opened)
        cursor.execute(LOCK, [stream])
        cursor.fetchone()
        cursor.execute(READ, [stream])
        cursor.fetchall()
        if step:
            cursor.execute(MOVE, [step + 1, len(data) + len(metadata), stream, step])
        else:
            cursor.execute(BEGIN, [stream, len(data) + len(metadata), [AGENT]])
        cursor.execute(APPEND, [stream, step + 1, kind, data, metadata, command])
        _, at = cursor.fetchone()
        cursor.execute(REMEMBER, [command, stream, b"0" * 32, step, step + 1])
        total = Decimal("36.80") * step
        cursor.execute(HEAD, [stream, step, total, step + 1, at, at])
        if step:
            cursor.execute(LINE, [stream, sku, step + 1, at, step + 1, at])
        connection.commit()
        step = (step + 1) % EVENTS

    return once


LOCK = "SELECT version FROM eventstore_stream WHERE id = %s FOR UPDATE"
READ = """
SELECT position, version, type, schema_version, data, metadata, command_id, recorded_at
  FROM eventstore_event WHERE stream_id = %s ORDER BY version"""
BEGIN = """
INSERT INTO eventstore_stream (id, category, version, bytes, actors)
VALUES (%s, 'order', 1, %s, %s)"""
MOVE = """
UPDATE eventstore_stream SET version = %s, bytes = bytes + %s WHERE id = %s AND version = %s"""
APPEND = """
INSERT INTO eventstore_event (stream_id, version, type, schema_version, data, metadata, command_id)
VALUES (%s, %s, %s, 1, %s::jsonb, %s::jsonb, %s) RETURNING position, recorded_at"""
REMEMBER = """
INSERT INTO eventstore_command (id, stream_id, fingerprint, before, after)
VALUES (%s, %s, %s, %s, %s) ON CONFLICT (id) DO NOTHING"""
HEAD = """
INSERT INTO ordering_orderhead
       (order_id, number, customer_id, status, reference, note, currency, line_count, total,
        version, opened_by_id, opened_at, changed_by_id, changed_at, cancel_reason)
VALUES (%s, 'B-1', 1, 'open', 'Spring', '', 'EUR', %s, %s, %s, 1, %s, 1, %s, '')
    ON CONFLICT (order_id) DO UPDATE
   SET line_count = excluded.line_count, total = excluded.total, version = excluded.version,
       changed_by_id = excluded.changed_by_id, changed_at = excluded.changed_at"""
LINE = """
INSERT INTO ordering_orderline
       (order_id, sku, name, unit, quantity, unit_price, added_version, added_by_id, added_at,
        changed_version, changed_by_id, changed_at)
VALUES (%s, %s, 'Flour, type 550', '25 kg', 2, 18.40, %s, 1, %s, %s, 1, %s)
    ON CONFLICT (order_id, sku) DO UPDATE
   SET quantity = excluded.quantity, unit_price = excluded.unit_price,
       changed_version = excluded.changed_version, changed_by_id = excluded.changed_by_id,
       changed_at = excluded.changed_at"""


def peer(url: str, number: int) -> Callable[[], None]:
    """The library `eventsourcing` with its PostgreSQL recorder: it writes no read rows."""
    from psycopg.conninfo import conninfo_to_dict

    to = conninfo_to_dict(url)
    os.environ |= {
        "PERSISTENCE_MODULE": "eventsourcing.postgres",
        "POSTGRES_DBNAME": to["dbname"],
        "POSTGRES_HOST": to["host"],
        "POSTGRES_PORT": str(to["port"]),
        "POSTGRES_USER": to["user"],
        "POSTGRES_PASSWORD": "-",
    }
    import psycopg

    from benchmarks.peer import Orders

    # Each application makes its tables, and two at once do not get on.
    with psycopg.connect(url) as connection:
        connection.execute("SELECT pg_advisory_xact_lock(1)")
        orders = Orders()
    order, step = None, 0

    def once() -> None:
        nonlocal order, step
        order = orders.add(order, step) if step else orders.begin(f"B-{number}")
        step = (step + 1) % EVENTS

    return once

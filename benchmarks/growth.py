"""What a command costs on a long stream, and beside a long log."""

import itertools
import os
import time
import uuid
from collections.abc import Callable
from decimal import Decimal
from statistics import median

import psycopg

from benchmarks.database import fresh, machine, use
from benchmarks.table import OURS, Goal, Table
from benchmarks.writers import crews

ROUNDS = int(os.environ.get("ROUNDS", "7"))
SECONDS = 3
LOG = int(os.environ.get("EVENTS", "5000000"))
SHORT_STREAM, SHORT_LOG = "a stream of 10", "a log of 10,000"
LINES = 5
MOST_ITEMS = 500  # of one command
SIZE = "SELECT pg_total_relation_size('eventstore_event')"

# Orders of ten events, with their commands and heads, as if they had been placed one by one.
FILL = """
CREATE TEMP TABLE made AS
SELECT gen_random_uuid() AS id, n FROM generate_series(1, %(orders)s) AS n;
INSERT INTO eventstore_stream (id, category, version, bytes, actors)
SELECT id, 'order', 10, 2000, '{1}' FROM made;
INSERT INTO eventstore_event (stream_id, version, type, schema_version, data, metadata, command_id)
SELECT id, version, CASE version WHEN 1 THEN 'OrderOpened' ELSE 'ItemAdded' END, 1,
       CASE version WHEN 1 THEN jsonb_build_object(
           'number', 'B-' || n, 'customer_id', 1, 'currency', 'EUR', 'reference', 'Spring',
           'note', '', 'copied_from', NULL)
       ELSE jsonb_build_object(
           'sku', 'SKU-' || version, 'name', 'Flour, type 550', 'unit', '25 kg', 'quantity', 2,
           'unit_price', '18.40') END,
       jsonb_build_object('actor', 1 + n %% 50, 'source', 'web', 'causation_id', '',
                          'correlation_id', md5(n || '-' || version)),
       gen_random_uuid()
  FROM made, generate_series(1, 10) AS version ORDER BY n, version;
INSERT INTO eventstore_command (id, stream_id, fingerprint, before, after)
SELECT command_id, stream_id, sha256(command_id::text::bytea), version - 1, version
  FROM eventstore_event;
INSERT INTO ordering_orderhead
       (order_id, number, customer_id, status, reference, note, currency, line_count, total,
        version, opened_by_id, opened_at, changed_by_id, changed_at, cancel_reason)
SELECT id, 'B-' || n, 1 + n %% 200, 'open', 'Spring', '', 'EUR', 9, 331.20, 10, 1, now(), 1, now(),
       '' FROM made;
DROP TABLE made;
"""
INDEXES = """
SELECT indexrelid::regclass::text, pg_get_indexdef(indexrelid) FROM pg_index
 WHERE indrelid IN ('eventstore_event'::regclass, 'eventstore_command'::regclass)
   AND NOT EXISTS (SELECT FROM pg_constraint WHERE conindid = indexrelid)
"""


def fill(url: str, events: int) -> None:
    """Fill the log, and leave the tables as they are after a while: vacuumed and analysed."""
    with psycopg.connect(url, autocommit=True, cursor_factory=psycopg.ClientCursor) as connection:
        connection.execute("SET maintenance_work_mem = '512MB'; SET synchronous_commit = off")
        indexes = connection.execute(INDEXES).fetchall()
        for name, _ in indexes:
            connection.execute(f"DROP INDEX {name}")
        connection.execute(FILL, {"orders": events // 10})
        for _, definition in indexes:
            connection.execute(definition)
        for name in ("stream", "event", "command"):
            connection.execute(f"VACUUM ANALYZE eventstore_{name}")
        connection.execute("VACUUM ANALYZE ordering_orderhead")
        connection.execute("CHECKPOINT")


def on_a_stream_of(url: str, length: int, number: int) -> Callable[[], float]:
    """Changes the quantity of a line of an order of `length` events, and begins another when it has
    grown by half; seconds that the change took."""
    use(url)
    from eventstore.decider import Metadata, fingerprint, handle
    from ordering.domain import order as domain
    from ordering.handling import ORDER

    stream, version = uuid.uuid4(), 0
    quantities = itertools.cycle(range(1 + MOST_ITEMS, 10 + MOST_ITEMS))
    items = [
        domain.Item(f"SKU-{n}", "Flour, type 550", "25 kg", 1, Decimal("18.40"), "EUR")
        for n in range(LINES)
    ]

    def send(command: domain.Command) -> None:
        nonlocal version
        version = handle(
            ORDER,
            stream,
            command,
            command_id=uuid.uuid4(),
            fingerprint=fingerprint(number),
            metadata=Metadata(1, "bench", ""),
        ).version

    def begin() -> None:
        nonlocal stream
        stream = uuid.uuid4()
        send(domain.OpenOrder("B-1", 1, "EUR", "Spring", items=tuple(items)))
        while version < length:
            more = min(MOST_ITEMS, length - version)
            send(domain.AddItems(tuple(items[n % LINES] for n in range(more))))

    def once() -> float:
        if version == 0 or version >= length * 1.5:
            begin()
        before, quantity = version, next(quantities)
        began = time.perf_counter()
        send(domain.ChangeQuantity("SKU-0", quantity))
        took = time.perf_counter() - began
        if version != before + 1:
            raise RuntimeError(
                f"the change to {quantity} left the stream at {version}, not at {before + 1}"
            )
        return took

    return once


def table() -> Table:
    streams, logs = "a stream of 10,000 events", f"a log of {LOG:,} events"
    found = Table(
        "growth",
        "Change a line of an order, one writer",
        "ms",
        goals=[
            Goal(streams, SHORT_STREAM, at_most=1.5),
            Goal(logs, SHORT_LOG, at_most=1.2),
        ],
    )
    begin = "benchmarks.growth:on_a_stream_of"
    with fresh() as short, fresh() as long:
        found.machine = machine(short)
        fill(short, 10_000)
        fill(long, LOG)
        for group, kinds in {
            streams: {OURS: (begin, 1, short, 10_000), SHORT_STREAM: (begin, 1, short, 10)},
            logs: {OURS: (begin, 1, long, 10), SHORT_LOG: (begin, 1, short, 10)},
        }.items():
            with crews(kinds) as crew:
                for _ in range(ROUNDS):
                    for name in kinds:
                        _, took = crew[name].write(SECONDS)
                        found.add(group, name, median(took) * 1000)
        with psycopg.connect(long) as connection:
            [size] = connection.execute(SIZE).fetchone()
    found.notes.append(
        f"a log of {LOG:,} events takes {size / 2**30:.1f} GiB with its indexes, outside of memory"
        " that PostgreSQL keeps for itself (128 MiB)"
    )
    return found

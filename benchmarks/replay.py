"""Events a second of a replay of all projections, from the first look at the log until the last
swap; beside it the same rows read out raw by COPY and thrown away, and the library `eventsourcing`
reading and decoding as many events into memory, which writes nothing.

EVENTS and ROUNDS in the environment make a quick look of it.
"""

import os
import time
from collections.abc import Callable

from benchmarks import database, history
from benchmarks.table import OURS, Goal, Table

EVENTS = int(os.environ.get("EVENTS", "1_000_000"))
ROUNDS = int(os.environ.get("ROUNDS", "5"))
EVENTS_AN_ORDER = 10
AT_ONCE = 5_000  # notifications that the peer asks for together: more made it no faster
GROUP = f"{EVENTS:,} events"
RAW, PEER = "raw COPY out", "eventsourcing, into memory"

ALL_ROWS = """
COPY (SELECT position, stream_id, version, type, schema_version, metadata, command_id, recorded_at,
             data FROM eventstore_event) TO STDOUT
"""


def table() -> Table:
    found = Table(
        "replay",
        "Replaying all projections until the swap is done",
        "events/s",
        goals=[Goal(GROUP, RAW, at_least=0.35), Goal(GROUP, PEER, at_least=1.5)],
    )
    with database.fresh() as url:
        found.machine = database.machine(url)
        history.fill(url, EVENTS)
        database.use(url)
        passes = {OURS: _replay(), RAW: _copy_out(url), PEER: _peer(url)}
        for _ in range(ROUNDS):
            for name, once in passes.items():
                began = time.perf_counter()
                once()
                found.add(GROUP, name, EVENTS / (time.perf_counter() - began))
        _check(found)
    return found


def _replay() -> Callable[[], None]:
    from eventstore.projections import asynchronous, inline
    from eventstore.replay import replay_together

    projections = [*inline.values(), *asynchronous.values()]
    return lambda: list(replay_together(projections))


def _copy_out(url: str) -> Callable[[], None]:
    import psycopg

    connection = psycopg.connect(url, autocommit=True)

    def once() -> None:
        with connection.cursor() as cursor, cursor.copy(ALL_ROWS) as copy:
            if sum(1 for _ in copy) != EVENTS:
                raise AssertionError(f"expected {EVENTS} rows, found others")

    return once


def _peer(url: str) -> Callable[[], None]:
    """As its users read a log: notifications of the recorder, decoded by the mapper."""
    from psycopg.conninfo import conninfo_to_dict

    from benchmarks.peer import Orders

    to = conninfo_to_dict(url)
    named = {"DBNAME": "dbname", "HOST": "host", "PORT": "port", "USER": "user"}
    orders = Orders(
        env={
            "PERSISTENCE_MODULE": "eventsourcing.postgres",
            "POSTGRES_PASSWORD": "-",
            **{f"POSTGRES_{theirs}": f"{to[ours]}" for theirs, ours in named.items()},
        }
    )
    _fill_peer(url, orders)

    def once() -> None:
        after, decoded = 0, 0
        while notifications := orders.recorder.select_notifications(after + 1, AT_ONCE):
            for notification in notifications:
                orders.mapper.to_domain_event(notification)
            decoded += len(notifications)
            after = notifications[-1].id
        if decoded != EVENTS:
            raise AssertionError(f"expected {EVENTS} events, found {decoded}")

    return once


def _fill_peer(url: str, orders) -> None:
    """Store as many events in its table, as its mapper writes them."""
    from decimal import Decimal

    import psycopg

    from benchmarks.peer import Order

    columns = "(originator_id, originator_version, topic, state)"
    copied = f"COPY {orders.recorder.events_table_name} {columns} FROM STDIN"
    with psycopg.connect(url) as connection, connection.cursor().copy(copied) as copy:
        for number in range(EVENTS // EVENTS_AN_ORDER):
            order = Order(f"C-2025-{number:06d}", number % history.CUSTOMERS, "EUR", "Week 12")
            for line in range(EVENTS_AN_ORDER - 1):
                price = Decimal(199 + 37 * line) / 100
                order.add(f"PRD-{line:04d}", "Stone-ground flour, type 550", "25 kg", 2, price)
            for one in map(orders.mapper.to_stored_event, order.collect_events()):
                copy.write_row((one.originator_id, one.originator_version, one.topic, one.state))


def _check(found: Table) -> None:
    """That the rows are there, and how many."""
    from eventstore.projections import asynchronous, inline

    for projection in [*inline.values(), *asynchronous.values()]:
        rows = {table.__name__: table._base_manager.count() for table in projection.tables}
        if not any(rows.values()):
            raise AssertionError(f"{projection.name}: expected rows, found none")
        told = ", ".join(f"{count:,} {name}" for name, count in rows.items())
        found.notes.append(f"{projection.name}: {told}")

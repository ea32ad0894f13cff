"""Clocks that are an hour off, either way: the shop's, and in full also the database's."""

import signal
from pathlib import Path

import pytest

from shop.embedded import cluster
from tests.faults.client import Program
from tests.faults.judging import Store
from tests.faults.server import HERE, Server, Web
from tests.shop.processes import Running

HOUR = 3600  # seconds
LIBRARY = "usr/lib/*/faketime/libfaketime.so.1"
DATABASE_CLOCK = "SELECT extract(epoch FROM clock_timestamp() - %s::timestamptz)::float8"


def through(ahead: int) -> tuple:
    return HERE / "at_another_time.py", ahead


def start_ahead(pgdata: Path, seconds: int):
    """Start PostgreSQL with a clock that is so many seconds ahead; the next user joins it."""
    [library, *_] = [*Path("/").glob(LIBRARY), None]
    if library is None:
        pytest.fail(f"expected /{LIBRARY}, found none: apt install libfaketime")
    clock = {"LD_PRELOAD": library, "FAKETIME": f"{seconds:+d}s", "FAKETIME_DISABLE_SHM": 1}
    # Only what a clock on a wall shows is wrong.
    clock |= {"FAKETIME_DONT_FAKE_MONOTONIC": 1, "DONT_FAKE_MONOTONIC": 1}
    started = cluster._run(
        pgdata,
        *("env", *(f"{name}={value}" for name, value in clock.items())),
        *(cluster._programs() / "pg_ctl", "start", "-D", pgdata, "-l", pgdata / "log", "-w"),
    )
    assert started.returncode == 0, started.stderr


def managed(folder, database, *arguments, ahead: int) -> str:
    """What a management command says, when it ends well, with a clock that is off."""
    log = folder / "manage.out"
    settings = {"DATABASE_URL": database, "LOCAL": "1"}
    script = (*through(ahead), "manage.py", *arguments)
    with Running(*script, cwd=folder, log=log, **settings) as run:
        assert run.ends() == 0, run.output
        return run.output


def orders(web, store, program, order, count) -> list[dict]:
    """Change one order, and complete another; the first events of the first."""
    version, closing = store.version(order), program.opens()
    for number, sku in enumerate(store.skus(4) * (count // 4)):
        body = {"sku": sku, "quantity": 1 + number % 3}
        for one in (order, closing):
            assert program.insists("POST", f"orders/{one}/items", body)[0] == 200
    seen = {"If_Match": f'"{store.version(closing)}"', "Idempotency_Key": closing}
    status, _, said = program.asks("POST", f"orders/{closing}/complete", {}, **seen)
    assert status == 200, said
    assert store.version(order) == version + count
    return program.asks("GET", f"orders/{order}/events?limit=100")[2]["items"]


def test_the_order_of_events_is_that_of_their_positions_and_a_replay_makes_the_same_rows(
    folder, form, figure
):
    count, order, told = form.of(full=100, short=4), None, []
    clocks = form.of(full=(HOUR, -HOUR, HOUR, 0), short=(HOUR, -HOUR))
    pgdata, began = folder / ".data/postgres", "2026-01-01"
    for ahead in clocks:
        if form.full:
            start_ahead(pgdata, ahead)
        with (
            Server(folder) as server,
            Web(folder, server.url, through=through(-ahead)) as web,
            server.connect() as connection,
        ):
            store = Store(connection)
            program = Program(web.port, store.token("alice"))
            order = order or program.opens()
            events = orders(web, store, program, order, count)
            told.append(store.one(DATABASE_CLOCK, began))
            store.is_sound()
            web.process.send_signal(signal.SIGTERM)
            web.ends()
    with Server(folder) as server, server.connect() as connection:
        store = Store(connection)
        backwards = store.one(
            "SELECT count(*) FROM (SELECT recorded_at, lag(recorded_at) OVER (ORDER BY position)"
            "   AS before FROM eventstore_event WHERE stream_id = %s) AS log"
            " WHERE recorded_at < before",
            order,
        )
        if form.full:
            assert told[1] < told[0] < told[2] > told[3], "expected another clock in each"
            assert backwards == 2
        assert [event["version"] for event in events] == [*range(1, len(events) + 1)]
        store.is_sound()
        managed(folder, server.url, "run_projections", "--once", ahead=HOUR)
        verified = managed(folder, server.url, "replay_projections", "--verify", ahead=-HOUR)
        assert "Every row is what the log says." in verified
        if form.full:
            managed(folder, server.url, "replay_projections", "--twice", ahead=HOUR)
    figure(
        "clocks an hour off",
        database_s_clock=[f"{ahead:+d} s" for ahead in clocks] if form.full else "right",
        shop_s_clock=[f"{-ahead:+d} s" for ahead in clocks],
        changes=len(clocks) * 2 * count,
        that_seem_older_than_the_one_before=backwards,
        out_of_order=0,
        rows_that_a_replay_makes_otherwise=0,
    )

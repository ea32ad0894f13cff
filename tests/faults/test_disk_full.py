"""The database's disk is full."""

import contextlib
import os
import subprocess

import psycopg
import pytest

from tests.faults.client import Program
from tests.faults.judging import Store, command_id
from tests.faults.server import Server, Web

SIZE = 220  # MiB, of which a new database takes about a third
BLOCK = 64 * 1024
BEFORE = 200  # commands are acknowledged before each

# What PostgreSQL says of a full disk, for those who may not mount a small one.
FULL = """
CREATE FUNCTION disk_is_full() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'could not extend file' USING ERRCODE = 'disk_full';
END $$;
CREATE TRIGGER disk_is_full BEFORE INSERT ON eventstore_event
   FOR EACH STATEMENT EXECUTE FUNCTION disk_is_full()
"""
ROOM = "DROP TRIGGER disk_is_full ON eventstore_event; DROP FUNCTION disk_is_full"


def test_a_command_that_finds_no_room_is_answered_by_503_and_done_when_there_is_room(web, store):
    program = Program(web.port, store.token("alice"))
    order, [sku] = program.opens(), store.skus(1)
    path, body = f"orders/{order}/items", {"sku": sku, "quantity": 1}
    store.connection.execute(FULL)
    try:
        status, headers, said = program.asks("POST", path, body, Idempotency_Key="full")
        assert (status, int(headers["Retry-After"]) > 0) == (503, True), said
        assert program.asks("GET", f"orders/{order}")[2]["version"] == 1
    finally:
        store.connection.execute(ROOM)
    assert program.insists("POST", path, body, key="full")[2]["version"] == 2
    store.is_sound()


@contextlib.contextmanager
def small_disk(place):
    """A file system of its own for the data in `place`, and all that it had before."""
    if os.geteuid() != 0:
        pytest.fail(
            f"expected root, who may mount a small disk, found user {os.geteuid()}: run "
            "`make faults` as root, or leave this one out"
        )
    aside = place.with_name("aside")
    place.rename(aside)
    place.mkdir()
    options = f"size={SIZE}m,mode=0711"
    subprocess.run(["mount", "-t", "tmpfs", "-o", options, "tmpfs", place], check=True)
    try:
        subprocess.run(["cp", "-a", f"{aside}/.", place], check=True)
        yield
    finally:
        subprocess.run(["umount", place], check=True)
        place.rmdir()
        aside.rename(place)


def fill(filler):
    """Leave no room at all."""
    with filler.open("ab", buffering=0) as file, contextlib.suppress(OSError):
        while True:
            file.write(bytes(BLOCK))
    with filler.open("ab", buffering=0) as file, contextlib.suppress(OSError):
        while True:
            file.write(b"\0")


class Shopper:
    """Adds to one order, and counts what was acknowledged."""

    def __init__(self, program, sku):
        self.program, self.sku = program, sku
        self.order = program.opens()
        self.keys = []

    def adds(self) -> int:
        """One try of the next command, which is sent until it is acknowledged."""
        key = f"room-{self.order}-{len(self.keys)}"
        body = {"sku": self.sku, "quantity": 1}
        path = f"orders/{self.order}/items"
        status, headers, _ = self.program.asks("POST", path, body, Idempotency_Key=key)
        if status == 503:
            assert int(headers["Retry-After"]) > 0
        elif status == 200:
            self.keys.append(key)
        return status


@pytest.mark.full
def test_on_a_full_disk_nothing_acknowledged_is_lost_and_room_is_all_that_it_takes(folder, figure):
    data = folder / ".data"
    with small_disk(data), Server(folder) as server, Web(folder, server.url) as web:
        with server.connect() as connection:
            store = Store(connection)
            token, agent, [sku] = store.token("alice"), store.agent("alice"), store.skus(1)
        shopper, seen = Shopper(Program(web.port, token), sku), []
        for way in (tables_have_no_room, log_has_no_room):
            for _ in range(BEFORE):
                assert shopper.adds() == 200
            before = len(shopper.keys)
            filler = data / "filler"
            way(server, shopper, filler)
            refused = shopper.adds()
            assert refused == 503
            if way is tables_have_no_room:
                assert shopper.program.asks("GET", f"orders/{shopper.order}")[0] == 200
            filler.unlink()
            died = not server.stands()
            if died:
                server.starts_again()
            while shopper.adds() != 200:
                pass
            seen.append((way.__name__, len(shopper.keys) - before, died))
        with server.connect() as connection:
            store = Store(connection)
            outcomes = store.outcomes()
            assert all(command_id(agent, key) in outcomes for key in shopper.keys)
            assert store.version(shopper.order) == 1 + len(shopper.keys)
            assert store.lines(shopper.order) == {sku: len(shopper.keys)}
            store.is_sound()
        statuses = shopper.program.statuses
        assert set(statuses) <= {200, 201, 503}, statuses
    figure(
        "disk full",
        ways=[f"{name} ({count} acknowledged, server died: {died})" for name, count, died in seen],
        acknowledged=len(shopper.keys),
        answers=statuses,
        lost=0,
    )


def tables_have_no_room(server, shopper, filler):
    """Commands go on until a table has to grow."""
    fill(filler)
    while shopper.adds() == 200:
        pass


def log_has_no_room(server, shopper, filler):
    """PostgreSQL needs another file for its write-ahead log, and ends itself when it gets none."""
    with server.connect() as connection:
        connection.execute("CHECKPOINT")
        fill(filler)
        with contextlib.suppress(psycopg.Error):
            while True:
                connection.execute("SELECT pg_logical_emit_message(true, '', repeat('x', 100000))")

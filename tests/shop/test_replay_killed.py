"""A long log in a shop of its own: replays that are killed, and a store that moves elsewhere."""

import re
import signal
import subprocess
from pathlib import Path

import psycopg
import pytest

from shop.embedded import cluster
from tests.seeding import seed_orders
from tests.shop.processes import Running, User, commands_of, folder_of_its_own, wait_until

LONG, SHORT = 25_000, 1_500  # events: several slices of a replay, several batches of a runner

OPEN_AN_ORDER = """
WITH opened AS (INSERT INTO eventstore_stream (id, category, version)
                VALUES (gen_random_uuid(), 'order', 1) RETURNING id)
INSERT INTO eventstore_event (stream_id, version, type, schema_version, data, metadata)
SELECT id, 1, 'OrderOpened', 1,
       '{"number": "NEW-1", "customer_id": 1, "currency": "EUR", "reference": "", "note": "",
         "copied_from": null}',
       '{"actor": 1, "source": "", "correlation_id": "", "causation_id": ""}'
  FROM opened RETURNING position
"""


def connect(pgdata: Path) -> psycopg.Connection:
    return psycopg.connect(
        host=cluster.socket_folder(pgdata),
        port=cluster.PORT,
        user="postgres",
        dbname=cluster.DATABASE,
        autocommit=True,
    )


@pytest.fixture
def folder(clone, request):
    """A copy of the clone, with a log of as many events as the test is given, whose database stays
    open."""
    with folder_of_its_own() as path:
        subprocess.run(["cp", "-a", f"{clone}/.", path], check=True)
        pgdata = path / ".data/postgres"
        with User(pgdata) as user:
            user.uses()
            with connect(pgdata) as connection:
                [customer, actor] = connection.execute(
                    "SELECT customer_id, id FROM ordering_agent WHERE username = 'alice'"
                ).fetchone()
                seed_orders(connection, request.param, customer=customer, actor=actor)
            yield path
            user.leaves()


def manage(folder: Path, *arguments: str, **settings: str) -> Running:
    """A management command, as a process."""
    return Running("manage.py", *arguments, cwd=folder, log=folder / "manage.out", **settings)


def managed(folder: Path, *arguments: str, **settings: str) -> str:
    """What it says, when it ends well."""
    with manage(folder, *arguments, **settings) as run:
        assert run.ends() == 0, run.output
        return run.output


def checksum(said: str) -> str:
    return re.search(r"checksum ([0-9a-f-]+)", said)[1]


@pytest.mark.parametrize("folder", [LONG], indirect=True)
def test_a_replay_that_is_killed_goes_on_and_ends_as_if_nothing_had_been(folder):
    with manage(folder, "replay_projections", "orders", "--no-input") as killed:
        killed.says(" %")
        killed.signalled(signal.SIGKILL)
    with connect(folder / ".data/postgres") as connection:
        done, slices = connection.execute(
            "SELECT count(*) FILTER (WHERE done), count(*) FROM eventstore_slice"
        ).fetchone()
    assert 0 < done < slices

    resumed = managed(folder, "replay_projections", "orders", "--no-input")
    uninterrupted = managed(folder, "replay_projections", "orders", "--no-input")

    assert "orders: replayed, from where it was interrupted" in resumed
    assert "orders: replayed; " in uninterrupted
    assert checksum(resumed) == checksum(uninterrupted)
    managed(folder, "replay_projections", "orders", "--verify")


@pytest.mark.parametrize("folder", [LONG], indirect=True)
def test_a_replay_asked_for_in_the_admin_outlives_the_runner_that_is_killed_at_it(folder):
    def ask(query):
        with connect(folder / ".data/postgres") as connection:
            return connection.execute(query).fetchone()

    ask(
        "INSERT INTO eventstore_job (projection, what, asked_by, done, total, outcome, words)"
        " VALUES ('orders', 'replay', 1, 0, 0, '', '') RETURNING id"
    )
    with manage(folder, "run_projections") as killed:
        wait_until(lambda: ask("SELECT done FROM eventstore_job") > (0,))
        killed.signalled(signal.SIGKILL)
    # Its workers end too, and with them whatever held the job.
    wait_until(lambda: not any("spawn" in command for command in commands_of(folder)))
    assert ask("SELECT finished_at FROM eventstore_job WHERE started_at IS NOT NULL") == (None,)

    with manage(folder, "run_projections") as runner:
        runner.says("Following the log")
        ask("UPDATE eventstore_job SET started_at = NULL RETURNING id")  # "Go on"
        wait_until(lambda: ask("SELECT finished_at FROM eventstore_job") != (None,))
        assert runner.signalled(signal.SIGTERM) == 0
    [words] = ask("SELECT words FROM eventstore_job")
    assert "It went on from where it was interrupted." in words
    managed(folder, "replay_projections", "orders", "--verify")


@pytest.mark.parametrize("folder", [SHORT], indirect=True)
def test_a_store_that_was_dumped_and_restored_elsewhere_goes_on_without_a_gap(folder):
    managed(folder, "run_projections", "--once")
    here, there = folder / ".data/postgres", folder / ".data/other"
    programs = cluster._programs()

    def program(name: str, pgdata: Path, *more: str, **options) -> bytes:
        place = ("-h", cluster.socket_folder(pgdata), "-p", f"{cluster.PORT}", "-U", "postgres")
        command = [programs / name, *place, "-d", cluster.DATABASE, *more]
        return subprocess.run(command, check=True, stdout=subprocess.PIPE, **options).stdout

    with User(there) as user:
        url = user.uses()
        dump = program("pg_dump", here)
        program("psql", there, "-q", "-v", "ON_ERROR_STOP=1", input=dump)
        with connect(there) as connection:
            [last] = connection.execute("SELECT max(position) FROM eventstore_event").fetchone()
            [new] = connection.execute(OPEN_AN_ORDER).fetchone()
        assert new == last + 1

        said = managed(folder, "run_projections", "--once", DATABASE_URL=url, LOCAL="1")
        listed = managed(folder, "replay_projections", "--list", DATABASE_URL=url, LOCAL="1")

        assert "goes on in another cluster; its log is the same" in said
        assert listed.count("up to date") == len(listed.splitlines())
        assert listed.count(f"at {new}") >= 1
        names = ("favourites", "daily_figures")
        managed(folder, "replay_projections", *names, "--verify", DATABASE_URL=url, LOCAL="1")
        user.leaves()

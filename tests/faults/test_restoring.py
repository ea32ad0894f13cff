"""A backup is put back: to another server, to a moment, and under checkpoints that are ahead."""

import pytest

from shop.embedded import cluster
from tests.faults.client import Program
from tests.faults.judging import Store, command_id
from tests.faults.server import Server, Web
from tests.shop.test_replay_killed import manage, managed

RESTORE_POINT = "before_the_mistake"


def adds(program, order, sku, count) -> list[str]:
    """The keys of so many acknowledged commands."""
    keys = [f"{order}-{sku}-{number}" for number in range(count)]
    for key in keys:
        body = {"sku": sku, "quantity": 1}
        assert program.insists("POST", f"orders/{order}/items", body, key=key)[0] == 200
    return keys


def run(server, *command):
    """A program of PostgreSQL, as the user that the server runs as."""
    done = cluster._run(server.pgdata, cluster._programs() / command[0], *command[1:])
    assert done.returncode == 0, done.stderr


def place_of(server) -> tuple[str, ...]:
    return "-h", cluster.socket_folder(server.pgdata), "-p", f"{cluster.PORT}", "-U", "postgres"


@pytest.fixture
def archive(folder):
    """Where finished files of the write-ahead log go, and may be written by the server's user."""
    path = folder / ".data/archive"
    path.mkdir()
    status = (folder / ".data/postgres").stat()
    cluster.os.chown(path, status.st_uid, status.st_gid)
    return path


def test_a_base_backup_and_the_log_after_it_bring_back_a_moment_and_no_reader_skips_an_event(
    folder, archive, form, figure
):
    count = form.of(full=200, short=10)
    with Server(folder) as server, server.connect() as connection:
        connection.execute("ALTER SYSTEM SET archive_mode = on")
        connection.execute(f"ALTER SYSTEM SET archive_command = 'cp %p {archive}/%f'")
    backup = folder / ".data/backup"
    with (
        Server(folder) as server,
        Web(folder, server.url) as web,
        server.connect() as connection,
    ):
        store, database = Store(connection), {"DATABASE_URL": server.url, "LOCAL": "1"}
        token, agent, [one, two, three] = store.token("alice"), store.agent("alice"), store.skus(3)
        program = Program(web.port, token)
        order = program.opens()
        kept = adds(program, order, one, count)
        if form.full:
            managed(folder, "run_projections", "--once", **database)
        backup.mkdir(mode=0o700)
        status = server.pgdata.stat()
        cluster.os.chown(backup, status.st_uid, status.st_gid)
        run(server, "pg_basebackup", *place_of(server), "-D", backup, "--checkpoint=fast")
        kept += adds(program, order, two, count)
        last = store.one("SELECT max(position) FROM eventstore_event")
        connection.execute(f"SELECT pg_create_restore_point('{RESTORE_POINT}')")
        gone = adds(program, order, three, count)
        managed(folder, "run_projections", "--once", **database)
        connection.execute("SELECT pg_switch_wal()")
        ahead = store.ask("SELECT * FROM eventstore_checkpoint WHERE kind <> 'inline'")

    with (backup / "postgresql.auto.conf").open("a") as settings:
        settings.write(
            f"archive_mode = off\nrestore_command = 'cp {archive}/%f %p'\n"
            f"recovery_target_name = '{RESTORE_POINT}'\nrecovery_target_action = promote\n"
        )
    (backup / "recovery.signal").touch()
    with Server(folder, "backup") as server, server.connect() as connection:
        store, database = Store(connection), {"DATABASE_URL": server.url, "LOCAL": "1"}
        outcomes = store.outcomes()
        assert all(command_id(agent, key) in outcomes for key in kept)
        assert not any(command_id(agent, key) in outcomes for key in gone)
        assert store.one("SELECT max(position) FROM eventstore_event") == last
        assert store.lines(order) == {one: count, two: count}
        store.is_sound()
        behind = store.one("SELECT min(position) FROM eventstore_checkpoint WHERE kind <> 'inline'")
        assert behind < last
        managed(folder, "run_projections", "--once", **database)
        managed(folder, "replay_projections", "--verify", **database)
        if form.full:
            managed(folder, "verify_events", **database)
        with Web(folder, server.url, name="restored") as web:
            program = Program(web.port, token)
            adds(program, order, three, 1)
            assert store.version(order) == 1 + 2 * count + 1
            assert store.one("SELECT max(position) FROM eventstore_event") > last
        is_noticed(folder, store, database, ahead)
    figure(
        "base backup and point in time",
        events_since_the_backup=count,
        brought_back=len(kept),
        after_the_moment_and_gone=len(gone),
        skipped_by_readers=0,
        rewound_log="noticed",
    )


def is_noticed(folder, store, database, ahead):
    """Checkpoints that were kept elsewhere, of the log as it went on: not of this one."""
    store.connection.execute("DELETE FROM eventstore_checkpoint WHERE kind <> 'inline'")
    places = ", ".join(["%s"] * len(ahead[0]))
    for row in ahead:
        store.connection.execute(f"INSERT INTO eventstore_checkpoint VALUES ({places})", row)
    positions = "SELECT name, position FROM eventstore_checkpoint ORDER BY name"
    before = store.ask(positions)
    with manage(folder, "run_projections", "--once", **database) as runner:
        assert runner.ends() == 1
        assert "The log was put back or exchanged; go on with: manage.py" in runner.output
    assert store.ask(positions) == before

"""The embedded PostgreSQL as processes see it: each `User` here is a process that uses it."""

import contextlib
import os
import signal
import stat
from pathlib import Path

import psutil
import psycopg
import pytest
from django.core.exceptions import ImproperlyConfigured

from shop import embedded
from shop.embedded import cluster
from tests.shop.processes import User, clear, folder_of_its_own, processes_of, wait_until


def server_of(folder: Path) -> psutil.Process:
    return psutil.Process(int((folder / "pg/postmaster.pid").read_text().split()[0]))


def refusal(folder: Path) -> str:
    """What a user is told who cannot start the server of a folder."""
    with User(folder / "pg", "refused") as user:
        assert user.ends() == 1
        return user.output.splitlines()[-1]


@pytest.fixture(scope="module")
def original():
    """A folder with a stopped server, whose database has a table with one row."""
    with folder_of_its_own() as folder:
        with User(folder / "pg", "first") as user:
            with psycopg.connect(user.uses()) as connection:
                connection.execute("CREATE TABLE kept AS SELECT 42 AS answer")
            user.leaves()
        yield folder


@pytest.fixture
def used_once(original):
    """The same folder for each test, as making one takes long; what a test moves, it moves back."""
    yield original
    clear(original)


@contextlib.contextmanager
def moved(path: Path, to: Path):
    path.rename(to)
    try:
        yield
    finally:
        to.rename(path)


def test_the_server_stops_with_its_only_user(folder):
    with User(folder / "pg", "alice") as alice:
        alice.uses()
        assert server_of(folder).is_running()
        alice.leaves()
    assert processes_of(folder) == []


def test_it_has_a_database_of_its_own_and_listens_on_a_socket_only(folder):
    with User(folder / "pg", "alice") as alice:
        with psycopg.connect(alice.uses()) as connection:
            assert connection.info.dbname == "tandem"
            assert connection.execute("SHOW listen_addresses").fetchone() == ("",)
        assert server_of(folder).net_connections("inet") == []
        alice.leaves()


def test_a_second_user_joins_and_the_last_one_stops_it(folder):
    with User(folder / "pg", "alice") as alice, User(folder / "pg", "bob") as bob:
        assert alice.uses() == bob.uses()  # both started at once
        server = server_of(folder)
        alice.leaves()
        assert server.is_running()
        with psycopg.connect(bob.uses()) as connection:
            connection.execute("SELECT 1")
        bob.leaves()
    assert processes_of(folder) == []


def test_a_killed_user_does_not_keep_the_server_alive(used_once):
    with User(used_once / "pg", "alice") as alice:
        alice.uses()
        alice.signalled(signal.SIGKILL)
    wait_until(lambda: not processes_of(used_once))


def test_a_killed_user_does_not_stop_the_server_under_others(used_once):
    with User(used_once / "pg", "alice") as alice, User(used_once / "pg", "bob") as bob:
        alice.uses()
        url = bob.uses()
        server = server_of(used_once)
        alice.signalled(signal.SIGKILL)
        with User(used_once / "pg", "charlie") as charlie:
            charlie.uses()
            charlie.leaves()
        assert server.is_running()
        psycopg.connect(url).close()
        bob.leaves()
    assert processes_of(used_once) == []


def test_a_killed_server_is_started_again_with_its_data(used_once):
    with User(used_once / "pg", "alice") as alice, User(used_once / "pg", "bob") as bob:
        alice.uses()
        server_of(used_once).kill()
        with User(used_once / "pg", "charlie") as charlie:
            with psycopg.connect(charlie.uses()) as connection:
                assert connection.execute("SELECT answer FROM kept").fetchone() == (42,)
            charlie.leaves()
        bob.uses()
        alice.leaves()
        bob.leaves()
    assert processes_of(used_once) == []


def test_a_server_whose_keeper_was_killed_stops_with_its_last_user(used_once):
    with User(used_once / "pg", "alice") as alice, User(used_once / "pg", "bob") as bob:
        alice.uses()
        bob.uses()
        for process in processes_of(used_once):
            if any("keeper.py" in argument for argument in process.cmdline()):
                process.kill()
        alice.leaves()
        assert server_of(used_once).is_running()
        bob.leaves()
    assert processes_of(used_once) == []


def test_a_process_id_that_now_is_something_else_is_no_server(used_once):
    (used_once / "pg/postmaster.pid").write_text(f"{os.getpid()}\n{used_once}/pg\n1\n5432\n.\n\n")
    with User(used_once / "pg", "alice") as alice:
        alice.uses()
        alice.leaves()


def test_what_an_interrupted_first_start_left_is_made_anew(folder):
    (folder / "pg.new/base").mkdir(parents=True)
    (folder / "pg.new/PG_VERSION").write_text("18\n")
    with User(folder / "pg", "alice") as alice:
        alice.uses()
        alice.leaves()
    assert not (folder / "pg.new").exists()


def test_a_folder_may_have_any_name(used_once):
    odd = used_once / "Café & 50% #1 'quoted'"
    odd.mkdir()
    with moved(used_once / "pg", odd / "pg"), User(odd / "pg", "alice") as alice:
        psycopg.connect(alice.uses()).close()
        alice.leaves()


def test_a_folder_too_deep_for_a_socket_is_reached_by_a_link(used_once):
    deep = used_once / ("deep" * 30)
    deep.mkdir()
    with moved(used_once / "pg", deep / "pg"), User(deep / "pg", "alice") as alice:
        psycopg.connect(alice.uses()).close()
        alice.leaves()
    link = Path(cluster.socket_folder(deep / "pg"))
    assert link.readlink() == deep / "pg"
    link.unlink()


def test_a_link_to_somewhere_else_is_not_followed(folder):
    deep = folder / ("deep" * 30)
    link = Path(cluster.socket_folder(deep / "pg"))
    link.unlink()
    link.symlink_to(folder)
    try:
        with pytest.raises(embedded.EmbeddedServerError, match="is in the way"):
            cluster.socket_folder(deep / "pg")
    finally:
        link.unlink()


def test_no_folder_above_is_opened_to_others(used_once):
    used_once.chmod(0o700)
    with User(used_once / "pg", "alice") as alice:
        alice.uses()
        assert stat.S_IMODE(used_once.stat().st_mode) & 0o007 == 0
        assert stat.S_IMODE((used_once / "pg").stat().st_mode) == 0o700
        alice.leaves()


def test_it_stops_though_its_user_cannot_reach_the_folder_any_more(folder):
    with User(folder / "pg", "alice") as alice:
        alice.uses()
        folder.chmod(0o700)  # which also takes from others what a list had given
        alice.leaves()
    assert processes_of(folder) == []


def test_a_process_that_has_the_server_s_old_number_is_not_stopped(used_once):
    (used_once / "other").mkdir()
    with User(used_once / "other/pg", "bob") as bob:
        bob.uses()
        number = server_of(used_once / "other").pid
        note = used_once / "pg/postmaster.pid"
        note.write_text(f"{number}\n")
        embedded.stop(used_once / "pg")
        assert psutil.Process(number).status() != psutil.STATUS_ZOMBIE
        note.unlink()
        bob.leaves()


def test_another_version_s_folder_is_refused_by_name(used_once):
    version = used_once / "pg/PG_VERSION"
    with moved(version, used_once / "version"):
        version.write_text("16\n")
        assert f"{used_once}/pg was made by PostgreSQL 16" in refusal(used_once)


def test_a_folder_that_is_not_postgresql_s_is_refused_by_name(used_once):
    with moved(used_once / "pg/PG_VERSION", used_once / "version"):
        assert f"{used_once}/pg was not made by PostgreSQL" in refusal(used_once)


def test_a_place_that_cannot_be_written_is_refused_by_name(folder):
    (folder / "file").touch()
    with User(folder / "file/pg", log=folder / "out") as user:
        assert user.ends() == 1
        assert f"cannot use {folder}/file/pg" in user.output.splitlines()[-1]


def test_a_server_that_cannot_start_shows_the_end_of_its_log(used_once):
    control = used_once / "pg/global/pg_control"
    with moved(control, used_once / "control"), User(used_once / "pg", "alice") as alice:
        assert alice.ends() == 1
        assert f"The embedded PostgreSQL in {used_once}/pg does not start" in alice.output
        assert f'could not open file "{control}"' in alice.output


def test_the_local_secret_is_made_once_and_is_its_owner_s(folder):
    secret = embedded.local_secret(folder / "new")
    assert len(secret) >= 50
    assert embedded.local_secret(folder / "new") == secret
    assert stat.S_IMODE((folder / "new/secret_key").stat().st_mode) == 0o600
    assert list((folder / "new").iterdir()) == [folder / "new/secret_key"]


def test_a_secret_that_cannot_be_kept_names_the_folder(folder):
    (folder / "file").touch()
    with pytest.raises(ImproperlyConfigured, match=f"can write in {folder}/file"):
        embedded.local_secret(folder / "file")

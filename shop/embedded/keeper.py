"""Stops the embedded PostgreSQL when the last process that uses it is gone, however it went.

The package runs this file as a process of its own, so it imports nothing of the shop. Arguments:
the users' lock file, the inherited descriptor of the keeper's own lock, and the data folder.
"""

import fcntl
import os
import signal
import sys
import time
from pathlib import Path

import psutil

SECONDS_TO_STOP = 30
FAST, IMMEDIATE = signal.SIGINT, signal.SIGQUIT  # as PostgreSQL names its ways to shut down


def main(users: str, lock: str, pgdata: str) -> None:
    """Wait until nobody holds the users' lock, then stop the server of the data folder."""
    with Path(users).open() as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        stop(Path(pgdata))
        # In this order: who comes next must find no keeper as soon as the users' lock is free.
        os.close(int(lock))


def stop(pgdata: Path) -> None:
    """Stop the server, whoever uses it; return when it has stopped.

    Not with pg_ctl: that runs as the server's user, who may not reach the folder any more.
    """
    server = server_of(pgdata)
    for how in (FAST, IMMEDIATE):
        if server:
            server.send_signal(how)
            end = time.monotonic() + SECONDS_TO_STOP
            while time.monotonic() < end:
                if not lives(server):
                    return
                time.sleep(0.01)


def server_of(pgdata: Path) -> psutil.Process | None:
    """The live server of a data folder: its noted process id may by now be something else's."""
    try:
        server = psutil.Process(int((pgdata / "postmaster.pid").read_text().split()[0]))
        return server if lives(server) and Path(server.cwd()) == pgdata else None
    except (FileNotFoundError, IndexError, ValueError, psutil.Error):
        return None


def lives(process: psutil.Process) -> bool:
    """Whether a process runs. One that was killed may be listed for long, as a zombie."""
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


if __name__ == "__main__":
    main(*sys.argv[1:])

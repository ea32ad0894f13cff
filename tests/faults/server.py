"""The processes of a shop that faults happen to: its database, its page workers, its commands."""

import contextlib
import json
import os
import re
import signal
from pathlib import Path

import psutil
import psycopg

from shop.embedded import keeper
from tests.shop.processes import QUICK_PASSWORDS, Running, User, start_again, wait_until
from tests.shop.test_replay_killed import connect

HERE = Path(__file__).parent
RATE = {"API_RATE": "1000000/minute"}


class Server:
    """The embedded PostgreSQL of a shop's folder, kept open. `url` is its address on its socket.
    `name` is that of its data folder."""

    def __init__(self, folder: Path, name: str = "postgres"):
        self.folder, self.pgdata = folder, folder / ".data" / name
        self.user = User(self.pgdata, f"{name}-user")

    def __enter__(self):
        self.url = self.user.uses()
        return self

    def __exit__(self, *_):
        self.user.leaves()
        self.user.__exit__()

    def connect(self) -> psycopg.Connection:
        return connect(self.pgdata)

    @property
    def postmaster(self) -> psutil.Process:
        return keeper.server_of(self.pgdata)

    def backends(self) -> list[psutil.Process]:
        """The processes that serve a connection of the shop."""
        return [one for one in self.postmaster.children() if " tandem " in _title(one)]

    def is_killed(self):
        """`kill -9` of all of it, as a machine that stops."""
        for process in (*self.postmaster.children(), self.postmaster):
            _kill(process, signal.SIGKILL)

    def is_stopped_at_once(self):
        """What `pg_ctl stop -m immediate` does: no checkpoint, no goodbye."""
        _kill(self.postmaster, signal.SIGQUIT)

    @contextlib.contextmanager
    def frozen(self):
        """All of it stopped where it is, as when its disk or its machine does not go on."""
        processes = [self.postmaster, *self.postmaster.children()]
        for process in processes:
            _kill(process, signal.SIGSTOP)
        try:
            yield
        finally:
            for process in processes:
                _kill(process, signal.SIGCONT)

    def stands(self) -> bool:
        """Wait until it answers, or is gone; whether it answers."""

        def settled():
            if not keeper.server_of(self.pgdata):
                return "gone"
            with contextlib.suppress(psycopg.Error), self.connect():
                return "answers"
            return None

        return wait_until(settled) == "answers"

    def starts_again(self):
        """As whoever looks after services starts it."""
        wait_until(lambda: not keeper.server_of(self.pgdata))
        start_again(self.pgdata)


def _title(process: psutil.Process) -> str:
    try:
        return " ".join(process.cmdline())
    except psutil.Error:
        return ""


def _kill(process: psutil.Process | None, number: int):
    with contextlib.suppress(AttributeError, psutil.NoSuchProcess):  # it has gone by itself
        process.send_signal(number)


class Web(Running):
    """uvicorn with the whole shop, on a port of its own, at `database`. `through`: the script, with
    its arguments, that starts it."""

    def __init__(self, folder: Path, database: str, *, name: str = "web", through=(), **settings):
        application = ("-m", "uvicorn", "shop.asgi:application", "--port", "0", "--no-access-log")
        settings = {"DATABASE_URL": database, "LOCAL": "1"} | RATE | QUICK_PASSWORDS | settings
        log = folder / f"{name}.out"
        super().__init__(*through, *application, cwd=folder, log=log, **settings)

    def __enter__(self):
        self.says("Uvicorn running on http://").says("\n")
        wait_until(lambda: re.search(r"running on http://127\.0\.0\.1:(\d+) ", self.output))
        self.port = int(re.search(r"running on http://127\.0\.0\.1:(\d+) ", self.output)[1])
        return self


class Worker(Running):
    """Does commands as a page worker does, each in a process of its own that stops where it is
    told to."""

    def __init__(self, folder: Path, database: str, name: str = "worker", **settings):
        settings = {"DATABASE_URL": database, "LOCAL": "1"} | RATE | settings
        super().__init__(HERE / "worker.py", cwd=folder, log=folder / f"{name}.out", **settings)
        self.told = 0

    def __enter__(self):
        return self.says("ready\n")

    def does(self, **command):
        """Begin a command; see worker.py. It is known by the number that is returned."""
        self.told += 1
        line = json.dumps({"number": self.told, **command}) + "\n"
        self.process.stdin.write(line.encode())
        self.process.stdin.flush()
        return self.told

    def said(self, what: str, number: int) -> list[str]:
        """Wait for what the command with that number says: "holding" and its process id,
        "answered" and its status, or "gone" and how its process ended."""
        pattern = re.compile(rf"^{what} {number} (.*)\n", re.M)
        found = wait_until(lambda: pattern.search(self.output) or self.process.poll() is not None)
        assert found is not True, self.output
        return found[1].split()

    def kill(self, process: int):
        os.kill(process, signal.SIGKILL)

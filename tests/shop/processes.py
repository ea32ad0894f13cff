"""Running the shop as a person does, as processes, and seeing what is left of them."""

import contextlib
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import psutil

ROOT = Path(__file__).resolve().parents[2]
LONGEST_WAIT = 60  # seconds; never reached unless something is wrong
SETTINGS = {
    "ALLOWED_HOSTS",
    "ANSWER_WITHIN",
    "DATABASE_REPLICA_URL",
    "DATABASE_URL",
    "DEBUG",
    "DEFAULT_FROM_EMAIL",
    "DJANGO_ALLOW_ASYNC_UNSAFE",  # set while a browser is open in this process
    "DJANGO_SETTINGS_MODULE",
    "EMAIL_URL",
    "FORWARDED_ALLOW_IPS",
    "HSTS_PRELOAD",
    "HSTS_SECONDS",
    "HSTS_SUBDOMAINS",
    "LOCAL",
    "LOGIN_FAILURES",
    "LOGIN_FAILURES_OF_ADDRESS",
    "LOGIN_WAIT",
    "METRICS_TOKEN",
    "PORT",
    "PROMETHEUS_MULTIPROC_DIR",
    "PROXIES",
    "SECRET_KEY",
    "SITE_URL",
    "SSL_REDIRECT",
}


def environment(**settings: str) -> dict[str, str]:
    """This environment, with only these settings of the shop."""
    return {name: value for name, value in os.environ.items() if name not in SETTINGS} | settings


def wait_until(condition):
    """Return what `condition` returns, as soon as that is true."""
    end = time.monotonic() + LONGEST_WAIT
    while not (met := condition()):
        assert time.monotonic() < end, f"still not so after {LONGEST_WAIT} s: {condition}"
        time.sleep(0.02)
    return met


def processes_of(folder: Path) -> list[psutil.Process]:
    """The processes that work in or under a folder, or were started with its name."""
    return [process for process, _ in _within(folder)]


def commands_of(folder: Path) -> list[str]:
    """The command lines of those processes."""
    return [" ".join(command) for _, command in _within(folder)]


def _within(folder: Path) -> list[tuple[psutil.Process, list[str]]]:
    found = []
    for process in psutil.process_iter():
        try:
            command, place = process.cmdline(), process.cwd()
        except psutil.Error:
            continue
        if any(f"{folder}/" in f"{one}/" for one in (*command, place)):
            found.append((process, command))
    return found


def clear(folder: Path):
    """End what still runs in a folder: that is an error."""
    left = processes_of(folder)
    for process in left:
        with contextlib.suppress(psutil.NoSuchProcess):
            process.kill()
    wait_until(lambda: not processes_of(folder))
    assert not left, f"left behind: {left}"


@contextlib.contextmanager
def folder_of_its_own():
    """A folder with a short name, that a server's user may be let into.

    Not one of pytest's: each run of pytest takes the rights to pass through them from all others.
    """
    path = Path(tempfile.mkdtemp(prefix="tandem-")).resolve()
    try:
        yield path
        clear(path)
    finally:
        shutil.rmtree(path)


class Running:
    """A Python process in a session of its own. What it writes goes to a file, line by line."""

    def __init__(self, *arguments, cwd: Path, log: Path, **settings: str):
        self.log = log
        with log.open("w") as output:
            self.process = subprocess.Popen(
                [sys.executable, "-u", *map(str, arguments)],
                cwd=cwd,
                env=environment(**settings),
                stdin=subprocess.PIPE,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.process.kill()
        self.process.stdin.close()
        self.process.wait()

    @property
    def output(self) -> str:
        return self.log.read_text()

    def says(self, text: str):
        """Wait until it has written `text`."""
        wait_until(lambda: text in self.output or self.process.poll() is not None)
        assert text in self.output, self.output
        return self

    def ends(self) -> int:
        """Wait for its end; return its exit code."""
        return self.process.wait(LONGEST_WAIT)

    def signalled(self, number: int) -> int:
        """Signal its group, as a terminal does; return its exit code."""
        os.killpg(self.process.pid, number)
        return self.ends()


# Hashing that is slow on purpose costs half a second at each login. A module of a clone.
QUICK_PASSWORDS = {"DJANGO_SETTINGS_MODULE": "quick_passwords"}


def write_quick_passwords(clone: Path):
    """Write the module that QUICK_PASSWORDS names: the shop's settings, but for that."""
    hasher = "django.contrib.auth.hashers.MD5PasswordHasher"
    clone.joinpath(f"{QUICK_PASSWORDS['DJANGO_SETTINGS_MODULE']}.py").write_text(
        f"from shop.settings import *\n\nPASSWORD_HASHERS = [{hasher!r}]\n"
    )


USE_EMBEDDED = """
import pathlib, sys
from shop import embedded
print("using", embedded.start(pathlib.Path(sys.argv[1])))
sys.stdin.read()
"""


class User(Running):
    """A process that uses the embedded server of a data folder."""

    def __init__(self, pgdata: Path, name: str = "user", log: Path | None = None):
        log = log or pgdata.with_name(f"{name}.out")
        super().__init__("-c", USE_EMBEDDED, pgdata, cwd=ROOT, log=log)

    def uses(self) -> str:
        """Wait until it is connected; return the server's URL."""
        self.says("using ")
        wait_until(lambda: self.output.endswith("\n"))
        return self.output.split()[-1]

    def leaves(self) -> int:
        self.process.stdin.close()
        return self.ends()


class demo(Running):  # noqa: N801  (reads as the command)
    """`manage.py demo` in a clone; port 0 is a free one."""

    def __init__(self, clone: Path, port: int, **settings: str):
        arguments = ("manage.py", "demo", "--port", port)
        log = clone / "demo.out"
        super().__init__(*arguments, cwd=clone, log=log, **QUICK_PASSWORDS | settings)

    def is_open(self) -> int:
        """Wait until it serves; return its port."""
        self.says("  admin ").says("/admin/\n")
        return int(re.search(r"Tandem is open: http://127\.0\.0\.1:(\d+)/", self.output)[1])


def start_again(pgdata: Path):
    """Another process starts a stopped server, and joins and leaves it as any user does."""
    with User(pgdata) as user:
        user.uses()
        user.leaves()

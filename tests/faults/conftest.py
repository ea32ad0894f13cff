"""What the faults share: how long a run is, its chance, the figures that it ends with, and a shop.

`make faults` runs each of them in full and prints the figures. Within `make test` they are short.
"""

import os
import random
import resource
import subprocess
from typing import NamedTuple

import pytest

from tests.faults.judging import Store
from tests.faults.server import Server, Web, Worker
from tests.shop.processes import LONGEST_WAIT, folder_of_its_own

FULL = os.environ.get("FAULTS") == "full"
SEED = int(os.environ.get("SEED") or random.SystemRandom().randrange(1_000_000))
FIGURE = "figure"


class Form(NamedTuple):
    """How a fault is run."""

    full: bool

    def of(self, full, short):
        """What differs: how often, how long."""
        return full if self.full else short

    def at_most(self, seconds: float) -> float:
        """The goal, where it is measured. Within the suite, whose machine has other work, only
        that there is an end."""
        return self.of(seconds, LONGEST_WAIT)


@pytest.fixture(scope="session")
def form():
    return Form(FULL)


@pytest.fixture
def dice(request):
    """The chance of one test, the same again with the same seed."""
    return random.Random(f"{SEED} {request.node.name}")


@pytest.fixture
def figure(record_property):
    """Puts a line into the table at the end: what was done, and what came of it."""

    def figure(fault: str, **counted):
        told = ", ".join(f"{name.replace('_', ' ')} {value}" for name, value in counted.items())
        record_property(FIGURE, (fault, told))

    return figure


def pytest_configure(config):
    config.addinivalue_line("markers", "full: has no short form, and runs in `make faults` only")


def pytest_collection_modifyitems(config, items):
    left_out = [] if FULL else [item for item in items if item.get_closest_marker("full")]
    if left_out:
        config.hook.pytest_deselected(items=left_out)
        items[:] = [item for item in items if item not in left_out]


def pytest_report_header():
    return f"faults: {'full' if FULL else 'short'}, SEED={SEED}"


def pytest_terminal_summary(terminalreporter):
    stats = terminalreporter.stats
    rows = [
        (report.outcome, *value)
        for outcome in ("passed", "failed")
        for report in stats.get(outcome, ())
        for name, value in report.user_properties
        if name == FIGURE
    ]
    if not rows or not FULL:
        return
    terminalreporter.section(f"faults, SEED={SEED}")
    for outcome, fault, told in rows:
        terminalreporter.write_line(f"{outcome:<7} {fault}: {told}")


@pytest.fixture
def many_files():
    """As many open files as this process may have at most; how many."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    yield hard
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


@pytest.fixture(scope="session")
def place(opened_once):
    """A shop's folder for the faults that its server survives."""
    with folder_of_its_own() as path:
        yield _copied(opened_once.path, path)


@pytest.fixture
def folder(opened_once):
    """A shop's folder of one test's own."""
    with folder_of_its_own() as path:
        yield _copied(opened_once.path, path)


def _copied(clone, path):
    subprocess.run(["cp", "-a", f"{clone}/.", path], check=True)
    return path


@pytest.fixture(scope="session")
def server(place):
    with Server(place) as running:
        yield running


@pytest.fixture(scope="session")
def web(server):
    """A page worker on that server, with nothing in between."""
    with Web(server.folder, server.url) as running:
        yield running


@pytest.fixture(scope="session")
def worker(server):
    """One whose commands stop in the middle."""
    with Worker(server.folder, server.url) as running:
        yield running


@pytest.fixture
def store(server):
    """The tables of that server, looked at from outside."""
    with server.connect() as connection:
        yield Store(connection)

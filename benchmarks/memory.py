"""What the shop's processes hold in memory, and whether that grows: SOAK=60 for a quick look."""

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from statistics import linear_regression, median

import psutil
import psycopg

from benchmarks.changes import Changes
from benchmarks.crowd import Crowd, Place
from benchmarks.database import ROOT, environment, fresh, machine, manage, use
from benchmarks.live import allow_open_files
from benchmarks.served import demo
from benchmarks.shoppers import Reader, cookie, open_orders
from benchmarks.table import Goal, Table

SOAK = float(os.environ.get("SOAK", "600"))  # seconds
WARM_UP = SOAK * 0.4  # not judged: caches fill, and the allocator finds its size
WINDOW = SOAK / 60  # seconds between two samples
LOGS = (20_000, 100_000)  # events
STREAMS, COMERS, ORDERS, LINES, A_SECOND = 200, 50, 20, 20, 10
SOAKED, FIRST, LAST = "web process, soak", "first third", "last third"
MIB = 2**20
QUICK = 0.1  # seconds between two looks at a process that works
SETTLED = 5.0  # seconds after which one without work is at rest


def table() -> Table:
    found = Table(
        "memory",
        "What each process holds by itself (USS: without what it shares with others)",
        "MiB",
        goals=[Goal(SOAKED, FIRST, at_most=1.02, of=LAST)],
    )
    allow_open_files()
    with fresh() as url:
        found.machine = machine(url)
        first, all_ = LOGS
        _store(url, first, after=0)
        manage("run_projections", "--from-now", "completion_email", url=url)
        _replay(found, url, first)
        _store(url, all_ - first, after=first)
        _runner(found, url, all_ - first)
        _replay(found, url, all_)
    with demo() as (address, url):
        use(url)
        _web(found, address, url)
    return found


def _replay(found: Table, url: str, events: int) -> None:
    most = {"alone": 0.0, "each worker": 0.0, "with its workers": 0.0}
    with _manage(url, "replay_projections", "--no-input") as replay:
        while _works(replay):
            with contextlib.suppress(psutil.NoSuchProcess, psutil.ZombieProcess):
                own, workers = _uss(replay), [_uss(one) for one in replay.children()]
                now = (own, max(workers, default=0.0), own + sum(workers))
                most = dict(zip(most, map(max, most.values(), now), strict=True))
            time.sleep(QUICK)  # between two looks
    for name, value in most.items():
        found.add(f"replay of {events:,} events, at the most", name, value)


def _runner(found: Table, url: str, events: int) -> None:
    """Its reactor is past all of it, or it would send e-mails."""
    manage("run_projections", "--from-now", "completion_email", url=url)
    query = "SELECT bool_and(position >= %s) FROM eventstore_checkpoint WHERE kind = 'asynchronous'"
    with _manage(url, "run_projections") as runner, psycopg.connect(url, autocommit=True) as sql:
        most, end = 0.0, sql.execute("SELECT max(position) FROM eventstore_event").fetchone()
        while _works(runner) and not sql.execute(query, end).fetchone()[0]:
            most = max(most, _uss(runner))
            time.sleep(QUICK)  # between two looks
        time.sleep(SETTLED)  # at rest is what is measured next
        found.add("projection runner", f"at the most, following {events:,} events", most)
        found.add("projection runner", "at rest", _uss(runner))


def _works(process: psutil.Process) -> bool:
    return process.status() != psutil.STATUS_ZOMBIE


def _web(found: Table, address: str, url: str) -> None:
    [web] = [one for one in psutil.Process().children() if "demo" in one.cmdline()]
    orders = open_orders("alice", ORDERS, LINES)
    cookies = [cookie("alice"), cookie("bob")]
    places = [Place(orders[n % ORDERS], cookies[n // ORDERS % 2]) for n in range(STREAMS)]
    reader = Reader(address, cookies[0])
    paths = ["/", "/?q=flour", "/orders/", f"/orders/{orders[0]}/", f"/orders/{orders[1]}/history/"]
    found.add("web process", "at rest, before the first page", _uss(web))
    reader.read_for(1.0, *paths)
    found.add("web process", "at rest, after the first pages", _uss(web))
    changes, crowd = Changes(url, orders), Crowd(address, places)
    found.add("web process", f"with {STREAMS} open streams", _uss(web))

    def window() -> None:
        """Pages, changes, and streams that open and close."""
        changes.begin(A_SECOND, WINDOW)
        comers = Crowd(address, places[:COMERS])
        reader.read_for(WINDOW, *paths)
        crowd.told(changes.done())
        comers.close()

    _repeat(WARM_UP, window)
    soaked = _repeat(SOAK, window, lambda: (time.monotonic(), _uss(web), web.memory_info().rss))
    crowd.close()
    changes.stop()
    times, held, resident = zip(*soaked, strict=True)
    found.add("web process", "under load (median of the soak)", median(held))
    third = len(held) // 3
    for first, last in zip(held[:third], held[-third:], strict=True):
        found.add(SOAKED, FIRST, first)
        found.add(SOAKED, LAST, last)
    slope = linear_regression(times, held).slope * 3600
    difference = median(held[-third:]) - median(held[:third])
    found.notes += [
        f"soak of {SOAK:.0f} s after {WARM_UP:.0f} s of the same: {slope:+.1f} MiB an hour,"
        f" {difference:+.2f} MiB from the median of the first third to that of the last;"
        f" pages one after another, {A_SECOND} changes a second, {STREAMS} streams, and {COMERS}"
        f" that opened and closed every {WINDOW:.0f} s",
        f"resident (RSS, with shared libraries) in the soak: {median(resident) / MIB:.0f} MiB",
    ]


def _repeat(seconds: float, work: Callable[[], None], look: Callable | None = None) -> list:
    until, seen = time.monotonic() + seconds, []
    while time.monotonic() < until:
        work()
        if look:
            seen.append(look())
    return seen


def _uss(process: psutil.Process) -> float:
    return process.memory_full_info().uss / MIB


@contextlib.contextmanager
def _manage(url: str, *arguments: str) -> Iterator[psutil.Process]:
    """A command of manage.py as a process, which is interrupted in the end. Raises SystemExit when
    it has failed by itself."""
    command = [sys.executable, "manage.py", *arguments]
    process = psutil.Popen(
        command, cwd=ROOT, env=environment(url), stdout=subprocess.DEVNULL, stderr=subprocess.PIPE
    )
    try:
        yield process
    finally:
        process.send_signal(signal.SIGINT)
        _, said = process.communicate()
    if process.returncode:
        raise SystemExit(f"{' '.join(arguments)} failed:\n{said.decode()}")


def _store(url: str, events: int, *, after: int) -> None:
    from tests.seeding import seed_orders

    with psycopg.connect(url) as connection:
        seed_orders(connection, events, customer=1, actor=1, after=after)

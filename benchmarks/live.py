"""A thousand open pages: how soon they hear of a change, and what they cost who reads a page."""

import resource
from statistics import quantiles

from benchmarks.changes import Changes
from benchmarks.crowd import Crowd, Place
from benchmarks.database import machine, use
from benchmarks.served import demo
from benchmarks.shoppers import Reader, cookie, open_orders
from benchmarks.table import OURS, Goal, Table

ROUNDS = 5
SECONDS = 6.0  # each contender's turn
STREAMS, ORDERS, LINES = 1_000, 50, 20
A_SECOND = 20  # changes
FILES = 8_192  # open at once, in the shop and in its visitors
ALONE = "without streams"
CHANGES = f"no streams, {A_SECOND} changes a second"
HELD = f"{STREAMS:,} streams, no changes"


def table() -> Table:
    """Contenders: the same page of the same process while nothing else, one of both, or both go
    on. All streams are of one customer: every page hears of every change."""
    allow_open_files()
    with demo() as (address, url):
        use(url)
        orders, [read] = open_orders("alice", ORDERS, 1), open_orders("alice", 1, LINES)
        cookies = [cookie("alice"), cookie("bob")]
        places = [Place(orders[n % ORDERS], cookies[n // ORDERS % 2]) for n in range(STREAMS)]
        reader, path = Reader(address, cookies[0]), f"/orders/{read}/"
        changes = Changes(url, orders)
        found = Table(
            "live",
            f"{STREAMS:,} open streams of one process, {A_SECOND} changes a second",
            "ms",
            machine=machine(url),
        )
        reader.read_for(2.0, path)

        def page(contender: str, crowd: Crowd | None = None) -> None:
            if contender in (CHANGES, OURS):
                changes.begin(A_SECOND, SECONDS)
            p50, p95, _ = _percentiles(reader.read_for(SECONDS, path))
            found.add(f"cart page of {LINES} lines, p95", contender, p95)
            found.add(f"cart page of {LINES} lines, median", contender, p50)
            if contender in (CHANGES, OURS):
                made = changes.done()
                if crowd:
                    _add(found, crowd.told(made))

        for _ in range(ROUNDS):
            page(ALONE)
            page(CHANGES)
            crowd = Crowd(address, places)
            page(HELD)
            page(OURS, crowd)
            crowd.close()
        changes.stop()
    found.goals = [Goal(f"cart page of {LINES} lines, p95", ALONE, at_most=1.5)]
    return found


def _add(found: Table, told) -> None:
    for whom, seconds in (("its page", told.own), ("other pages", told.elsewhere)):
        for name, value in zip(("p50", "p95", "p99"), _percentiles(seconds), strict=True):
            found.add(f"from commit to tick, {whom}", name, value)


def _percentiles(seconds: list[float]) -> tuple[float, float, float]:
    """p50, p95 and p99, in ms."""
    cuts = quantiles(seconds, n=100)
    return cuts[49] * 1000, cuts[94] * 1000, cuts[98] * 1000


def allow_open_files() -> None:
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(FILES, hard), hard))

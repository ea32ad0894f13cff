"""Commands a second: load an order of 0 to 9 events, add an item, save; 1, 4 and 16 writers."""

import os

from benchmarks.database import fresh, machine
from benchmarks.table import OURS, Goal, Table
from benchmarks.writers import crews

ROUNDS = int(os.environ.get("ROUNDS", "7"))
SECONDS = 3
BARE, PEER = "bare psycopg", "eventsourcing"
KINDS = {
    OURS: "benchmarks.contenders:tandem",
    BARE: "benchmarks.contenders:bare",
    PEER: "benchmarks.contenders:peer",
}


def table() -> Table:
    found = Table(
        "append",
        "Load an order of 0 to 9 events, add an item, save",
        "commands/s",
        goals=[
            *(Goal(_group(writers), BARE, at_least=0.6) for writers in (1, 4, 16)),
            *(Goal(_group(writers), PEER, at_least=2.0) for writers in (4, 16)),
        ],
    )
    with fresh() as url:
        found.machine = machine(url)
        for writers in (1, 4, 16):
            kinds = {name: (begin, writers, url) for name, begin in KINDS.items()}
            with crews(kinds) as crew:
                for _ in range(ROUNDS):
                    for name in KINDS:
                        rate, _ = crew[name].write(SECONDS)
                        found.add(_group(writers), name, rate)
    return found


def _group(writers: int) -> str:
    return "1 writer" if writers == 1 else f"{writers} writers"

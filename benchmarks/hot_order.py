"""One order that everybody changes: eight writers beside one, on the same order."""

import itertools
import os
import time
import uuid
from collections.abc import Callable
from decimal import Decimal
from statistics import median, quantiles

from benchmarks.database import fresh, machine, use
from benchmarks.table import OURS, Goal, Table
from benchmarks.writers import crews

ROUNDS = int(os.environ.get("ROUNDS", "7"))
SECONDS = 4
WRITERS = 8
ALONE = "1 writer on it"
ORDER_ID = uuid.UUID(int=1)


def changing(url: str, number: int) -> Callable[[], float]:
    """Each writer changes the quantity of a line of its own; seconds that it took, negative when
    it was refused."""
    use(url)
    from eventstore.decider import Metadata, fingerprint, handle
    from ordering.domain import order as domain
    from ordering.domain.refusal import Refused
    from ordering.handling import ORDER

    metadata, quantities = Metadata(number + 1, "bench", ""), itertools.cycle(range(1, 1000))

    def send(command: domain.Command) -> float:
        began = time.perf_counter()
        try:
            handle(
                ORDER,
                ORDER_ID,
                command,
                command_id=uuid.uuid4(),
                fingerprint=fingerprint(number),
                metadata=metadata,
            )
        except Refused:
            return began - time.perf_counter()
        return time.perf_counter() - began

    send(domain.OpenOrder("B-1", 1, "EUR"))
    sku = f"SKU-{number}"
    send(domain.AddItems((domain.Item(sku, "Flour", "25 kg", 1000, Decimal("18.40"), "EUR"),)))
    return lambda: send(domain.ChangeQuantity(sku, next(quantities)))


def table() -> Table:
    together = f"{WRITERS} writers"
    found = Table(
        "hot_order",
        f"Change one order, which has {WRITERS} lines, from one or {WRITERS} writers at once",
        "commands/s",
        goals=[Goal(together, ALONE, at_least=0.8)],
    )
    took: list[float] = []
    with fresh() as url:
        found.machine = machine(url)
        begin = "benchmarks.hot_order:changing"
        with crews({OURS: (begin, WRITERS, url), ALONE: (begin, 1, url)}) as crew:
            for _ in range(ROUNDS):
                for name in (OURS, ALONE):
                    rate, times = crew[name].write(SECONDS)
                    found.add(together, name, rate)
                    if name == OURS:
                        took += times
    done = sorted(seconds * 1000 for seconds in took if seconds > 0)
    percentiles = quantiles(done, n=100)
    found.notes += [
        f"{WRITERS} writers: median {median(done):.1f} ms, p95 {percentiles[94]:.1f} ms, p99"
        f" {percentiles[98]:.1f} ms, longest {done[-1]:.1f} ms; p99 is"
        f" {percentiles[98] / median(done):.1f} times the median (goal: at most 8)",
        f"of {len(took):,} commands {sum(seconds <= 0 for seconds in took)} were refused (goal: 0)",
    ]
    return found

"""Agents who change orders at a steady pace, in a process of their own."""

import itertools
import multiprocessing
import time
import uuid
from typing import Any, NamedTuple
from uuid import UUID

from benchmarks.database import use
from benchmarks.shoppers import caller


class Change(NamedTuple):
    """`at`: when its commit returned, by the clock that all processes of the machine share
    (time.monotonic)."""

    order_id: UUID
    version: int
    at: float


class Changes:
    """Alice and bob in turns, the orders in turns: another quantity of the same line."""

    def __init__(self, url: str, orders: list[UUID]) -> None:
        spawn = multiprocessing.get_context("spawn")
        self._pipe, theirs = spawn.Pipe()
        self._process = spawn.Process(target=_work, args=(url, orders, theirs), daemon=True)
        self._process.start()
        self._pipe.recv()

    def begin(self, a_second: float, seconds: float) -> None:
        self._pipe.send((a_second, seconds))

    def done(self) -> list[Change]:
        """Waits for their end."""
        return self._pipe.recv()

    def stop(self) -> None:
        self._pipe.send(None)
        self._process.join()


def _work(url: str, orders: list[UUID], pipe: Any) -> None:
    use(url)
    from django.db import transaction

    from eventstore.signals import events_appended
    from ordering import handling
    from ordering.live.announce import announce_events
    from ordering.models import OrderLine

    committed = 0.0

    def stamp(**kwargs):
        def now():
            nonlocal committed
            committed = time.monotonic()

        transaction.on_commit(now)

    # Ahead of whom wakes the hubs: what is measured begins at the commit.
    events_appended.disconnect(dispatch_uid="ordering.live.announce")
    events_appended.connect(stamp, weak=False)
    events_appended.connect(announce_events, dispatch_uid="ordering.live.announce")

    by = itertools.cycle([caller("alice"), caller("bob")])
    lines = dict(OrderLine.objects.filter(order_id__in=orders).values_list("order_id", "sku"))
    intents = ((number, one) for number in itertools.cycle(range(2, 10)) for one in orders)
    pipe.send("ready")
    while asked := pipe.recv():
        a_second, seconds = asked
        began, made = time.monotonic(), []
        for number in range(round(a_second * seconds)):
            due = began + number / a_second
            time.sleep(max(0.0, due - time.monotonic()))  # so many a second, however long one takes
            quantity, order_id = next(intents)
            outcome = handling.change_quantity(
                next(by), order_id, lines[order_id], quantity, key=f"{uuid.uuid4()}"
            )
            made.append(Change(order_id, outcome.version, committed))
        pipe.send(made)

"""Processes that fill slices of a build. Imports nothing of Django's before it is set up."""

import multiprocessing
import os
import signal
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, ProcessPoolExecutor, wait

AHEAD = 2  # slices that wait for each process, so that none waits for its next one

# Fills what the ids of slices name; how many events that were.
Fill = Callable[[list[int]], int]


def fill_slices(
    slices: Sequence[list[int]], fill: Fill, *, workers: int, database: str
) -> Iterator[int]:
    """Fill slices, in any order; how many events each of them had, as it is done. The caller's own
    process is one of the workers, with `fill`.

    `database` is the name that the caller is connected to: in a test it is not the setting's.
    """
    waiting = list(reversed(slices))
    workers = min(workers, len(slices))
    if workers < 2:
        yield from map(fill, slices)
        return
    with ProcessPoolExecutor(
        workers - 1,
        # A forked child would share the caller's connection.
        mp_context=multiprocessing.get_context("spawn"),
        initializer=_start,
        initargs=(database,),
    ) as pool:
        given = set()
        try:
            while waiting or given:
                while waiting and len(given) < AHEAD * (workers - 1):
                    given.add(pool.submit(_fill, waiting.pop()))
                if waiting:
                    yield fill(waiting.pop())
                done, given = wait(given, 0 if waiting else None, FIRST_COMPLETED)
                for one in done:
                    yield one.result()
        except BaseException:
            pool.shutdown(cancel_futures=True)
            raise


def _start(database: str) -> None:
    # Ctrl-C in a terminal reaches these too; whoever fills lets them end what they are at.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, daemon=True).start()
    import django

    django.setup()
    from django.db import connections

    connections.settings["default"]["NAME"] = database


def _end_with_parent() -> None:
    # One that was killed cannot tell its workers, and they would wait for ever.
    multiprocessing.parent_process().join()
    os._exit(1)


def _fill(ids: list[int]) -> int:
    from eventstore.build import fill_slice

    return fill_slice(ids)

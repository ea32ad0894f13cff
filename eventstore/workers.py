"""Processes that fill slices of a build. Imports nothing of Django's before it is set up."""

import multiprocessing
import os
import signal
import threading
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor, as_completed


def fill_slices(
    projection: str, build_id: int, slices: list[int], *, workers: int, database: str
) -> Iterator[int]:
    """Fill slices by their ids, in any order; how many events each of them had, as it is done.

    `database` is the name that the caller is connected to: in a test it is not the setting's.
    """
    with ProcessPoolExecutor(
        workers,
        # A forked child would share the caller's connection.
        mp_context=multiprocessing.get_context("spawn"),
        initializer=_start,
        initargs=(database,),
    ) as pool:
        work = [pool.submit(_fill, projection, build_id, slice_id) for slice_id in slices]
        try:
            for done in as_completed(work):
                yield done.result()
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


def _fill(name: str, build_id: int, slice_id: int) -> int:
    from eventstore.build import fill_slice
    from eventstore.models import Build, Slice
    from eventstore.projections import asynchronous, inline

    one = Slice.objects.get(pk=slice_id)
    fill_slice((inline | asynchronous)[name], Build.objects.get(pk=build_id), one)
    return one.events

"""Doing things at the same moment, each in a thread and on a connection of its own."""

import asyncio
import threading
from concurrent.futures import ThreadPoolExecutor

from django.db import connection


def at_once(work, inputs):
    """The results of `work` for each input, all started together. The first failure is raised."""
    inputs = list(inputs)
    start = threading.Barrier(len(inputs))

    def one(value):
        start.wait()
        try:
            return work(value)
        finally:
            connection.close()

    with ThreadPoolExecutor(len(inputs)) as pool:
        return list(pool.map(one, inputs))


def in_a_loop(coroutine):
    """What the coroutine returns, run in an event loop of its own. In a thread of its own too:
    while a browser is open, Playwright's loop occupies this one."""
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(asyncio.run, coroutine).result()

"""Doing things at the same moment, each in a thread and on a connection of its own."""

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

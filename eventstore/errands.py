"""What one person waits for, such as a letter that they asked for: apps register their errands, and
whoever runs the projections does them, in a thread with a connection of its own. So a page that
asks for one is answered before, and in the same time whatever it is about."""

import logging
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from django.db import Error, connection

logger = logging.getLogger(__name__)

LOOK = 1.0  # seconds between two looks for an errand
LONGEST_PAUSE = 60.0  # seconds, after several that failed
TIME_TO_STOP = 2.0  # seconds

_errands: list[Callable[[], object]] = []


def register_errands(*errands: Callable[[], object]) -> None:
    """Each is called without arguments, in no transaction, again and again: it looks for itself
    whether there is something to do, and raises what may pass."""
    _errands.extend(errands)


def run() -> bool:
    """Do what there is to do. Whether all of it was done; what failed is logged."""
    well = True
    for errand in _errands:
        try:
            errand()
        except Exception as error:
            well = False
            name = f"{errand.__module__}.{errand.__name__}"
            logger.warning("%s has to wait: %s", name, type(error).__name__)
            if isinstance(error, Error):
                connection.close()
    return well


@contextmanager
def beside(stop: threading.Event) -> Iterator[None]:
    """Within the block, errands are done in a thread. `stop` ends it too."""
    enough = threading.Event()

    def work():
        pause = LOOK
        try:
            while not (stop.is_set() or enough.is_set()):
                pause = LOOK if run() else min(LONGEST_PAUSE, pause * 2)
                enough.wait(pause)
        finally:
            connection.close()

    thread = threading.Thread(target=work, daemon=True, name="errands")
    thread.start()
    try:
        yield
    finally:
        enough.set()
        thread.join(TIME_TO_STOP)

"""The server under the shop: uvicorn, ending as it is asked to."""

import contextlib
import os
import tempfile
from collections.abc import Iterator

import uvicorn

APPLICATION = "shop.asgi:application"
SHARED = "PROMETHEUS_MULTIPROC_DIR"


class Server(uvicorn.Server):
    """Returns when it is asked to stop, once for all requests in flight, twice at once.

    Uvicorn's own raises the signal again when all is closed, which ends the process with another
    status than 0, and before it has left the database.
    """

    def handle_exit(self, sig, frame):
        self.force_exit = self.should_exit
        self.should_exit = True


@contextlib.contextmanager
def counted_together() -> Iterator[None]:
    """Processes that are started within count into one folder, so that each of them can tell the
    figures of all: who scrapes one port does not choose which of them answers."""
    if SHARED in os.environ:
        yield
        return
    with tempfile.TemporaryDirectory(prefix="tandem-metrics-") as folder:
        os.environ[SHARED] = folder
        try:
            yield
        finally:
            del os.environ[SHARED]

"""Wakes the hubs of all processes when events have been committed.

A hint only: hubs look by themselves several times a second. It is sent after the commit, since a
NOTIFY inside the transaction would hold a lock of the whole database until its end.
"""

import threading
from typing import Any

from django.db import connection, transaction

CHANNEL = "tandem_live"

_sending = threading.Lock()
_again = threading.Event()


def announce_events(sender: Any, **kwargs: Any) -> None:
    """Receiver of `events_appended`."""
    # Robust: the command has been accepted, whatever becomes of the hint.
    transaction.on_commit(announce, robust=True)


def announce() -> None:
    """Notify. What comes while another thread is doing so goes along with its second one."""
    _again.set()
    for _ in range(2):
        if not (_again.is_set() and _sending.acquire(blocking=False)):
            return
        try:
            _again.clear()
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_notify(%s, '')", [CHANNEL])
        finally:
            _sending.release()

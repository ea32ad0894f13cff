"""Wakes the hubs of all processes when events have been committed.

A hint only: hubs look by themselves several times a second. It is sent after the commit, since a
NOTIFY inside the transaction would hold a lock of the whole database until its end; and at most
once in SPACING by each process, since under load it would cost every command a transaction more.
What is committed in between is seen with the next hint, or by the hubs' own look.
"""

import threading
from time import monotonic
from typing import Any

from django.db import Error, connection, transaction

from eventstore.away import may_be_away

CHANNEL = "tandem_live"
SPACING = 0.01  # seconds

_lock = threading.Lock()
_last = float("-inf")


def announce_events(sender: Any, **kwargs: Any) -> None:
    """Receiver of `events_appended`."""
    # Robust: the command has been accepted, whatever becomes of the hint.
    transaction.on_commit(announce, robust=True)


def announce() -> None:
    """Notify, unless this process has just done so."""
    global _last
    now = monotonic()
    with _lock:
        if now - _last < SPACING:
            return
        _last = now
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_notify(%s, '')", [CHANNEL])
    except Error as error:
        if not may_be_away(error):
            raise
        # Lost just after the commit. Whatever the page asks next, it asks by another connection.
        connection.close()

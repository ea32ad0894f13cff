"""Reading the whole log in order, without losing an event.

Positions are drawn before they are committed, so that a reader who only asks for what lies beyond
the last one that it saw loses what is committed late. The *gate* prevents that, in statements of
their own at READ COMMITTED on the primary:

1. read `hi`, the last position that was drawn;
2. wait until every transaction is over that then held the lock that an append takes: only those
   can still commit a position up to `hi`;
3. read up to `hi`, and remember how far in the transaction that does the work.

It needs no extra column, survives dump and restore, and waits for appends only, not for whatever
else is open in the cluster. It relies on positions being drawn one at a time from the identity
column, which `manage.py check` looks after.
"""

import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection

from eventstore.codec import codec
from eventstore.store import COLUMNS

LOOK_AGAIN = 0.005  # seconds between two looks at who still appends
PATIENCE = 5.0  # seconds after which whoever holds the gate is named

LAST_DRAWN = """
SELECT coalesce(pg_sequence_last_value(
           pg_get_serial_sequence('eventstore_event', 'position')::regclass), 0)
"""
# Granted or not: who waits for the lock has drawn nothing yet, but costs only a moment.
APPENDING = """
SELECT virtualtransaction FROM pg_locks
 WHERE locktype = 'relation' AND relation = 'eventstore_event'::regclass
   AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
   AND mode = 'RowExclusiveLock' AND granted AND pid IS DISTINCT FROM pg_backend_pid()
"""
STILL_APPENDING = APPENDING + " AND virtualtransaction = ANY(%s)"
WHO = """
SELECT activity.pid, usename, application_name, state, xact_start
  FROM pg_locks LEFT JOIN pg_stat_activity AS activity USING (pid)
 WHERE locktype = 'relation' AND relation = 'eventstore_event'::regclass
   AND mode = 'RowExclusiveLock' AND virtualtransaction = ANY(%s)
 ORDER BY xact_start
"""
WANTED = "(type = ANY(%(types)s) OR type <> ALL(%(known)s))"


@dataclass(frozen=True, slots=True)
class Blocker:
    """A session that has been appending for too long."""

    pid: int | None
    user: str
    application: str
    state: str
    since: datetime | None

    def __str__(self) -> str:
        if self.pid is None:
            return "a prepared transaction (see pg_prepared_xacts)"
        since = f"since {self.since:%H:%M:%S}" if self.since else "since an unknown time"
        return f"process {self.pid} ({self.user}, {self.application}, {self.state}) {since}"


class Stalled(Exception):
    """The gate did not open in time. `blockers` are the sessions that hold it."""

    def __init__(self, blockers: Sequence[Blocker]) -> None:
        self.blockers = tuple(blockers)
        named = "; ".join(map(str, blockers)) or "a session that has just gone"
        super().__init__(f"the log's reader waits for {named}")


def settled(*, patience: float = PATIENCE) -> int:
    """The last position up to which the log is complete: nothing will appear there any more.

    Raises Stalled when it took longer than `patience` seconds to find out.
    """
    if connection.in_atomic_block:
        # One snapshot for all statements would make the wait worthless.
        raise RuntimeError("expected no transaction, found one: the gate needs its own statements")
    give_up = time.monotonic() + patience
    with connection.cursor() as cursor:
        cursor.execute(LAST_DRAWN)
        [hi] = cursor.fetchone()
        cursor.execute(APPENDING)
        appending = [name for [name] in cursor.fetchall()]
        while appending:
            if time.monotonic() > give_up:
                cursor.execute(WHO, [appending])
                raise Stalled([Blocker(*row) for row in cursor.fetchall()])
            time.sleep(LOOK_AGAIN)
            cursor.execute(STILL_APPENDING, [appending])
            appending = [name for [name] in cursor.fetchall()]
    return hi


def read_rows(
    *, after: int, upto: int, types: Iterable[str] | None = None, limit: int
) -> list[tuple[Any, ...]]:
    """Rows of COLUMNS with `after` < position <= `upto`, in order; for `store.recorded` to decode.

    `upto` must be settled. Of `types` only, and of those that this code does not know: whoever
    passed over such an event would never learn what it meant. None: all of them.
    """
    asked = {"after": after, "upto": upto, "limit": limit}
    only = ""
    if types is not None:
        only = f"AND {WANTED}"
        asked |= wanted(types)
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT {COLUMNS} FROM eventstore_event"  # noqa: S608  (constants)
            f" WHERE position > %(after)s AND position <= %(upto)s {only}"
            " ORDER BY position LIMIT %(limit)s",
            asked,
        )
        return cursor.fetchall()


def wanted(types: Iterable[str]) -> dict[str, list[str]]:
    """The parameters of WANTED."""
    return {"types": list(types), "known": list(codec.schema_versions())}

"""Whether the standby may be asked.

The first page that it fails goes to the primary, and so do all that follow, at once, until a thread
of its own has seen the standby answer again. The same thread cuts off whoever waits for a standby
that hangs in the middle of a page: it would answer to nobody's timeout. And it asks the primary how
far it has come, so that no page is older than OLDEST however far behind a standby is: an open page
hears of what came after it was made, with a margin for this (ordering.live.hub).
"""

import contextlib
import itertools
import logging
import os
import socket
import threading
import time

import psycopg
from django.db import DEFAULT_DB_ALIAS, Error, connections
from django.db.backends.base.base import BaseDatabaseWrapper

from shop.standby.position import NoAnswer, reached
from shop.standby.routing import STANDBY

logger = logging.getLogger(__name__)

ANSWERS_WITHIN = 0.5  # seconds, how far it has come
CATCHES_UP_WITHIN = 0.05  # seconds that a page waits for it
PAUSE = 0.001, 0.008  # seconds between two looks: first, and longest
BEHIND_FOR = 1.0  # seconds that no page waits, after one that waited in vain
LONGEST_PAGE = 5.0  # seconds; its statements may take three

TURN = 0.5  # seconds: the thread looks whether somebody waits, and whether the standby is back
TURNS_TO_NOTE = 2  # in as many it asks the primary
LATEST_NOTE = 3.0  # seconds after which what it was told there counts for nothing
OLDEST = LATEST_NOTE + TURN * TURNS_TO_NOTE  # seconds

CLUSTER = "SELECT system_identifier FROM pg_control_system()"


class OfAnotherCluster(Exception):
    """What DATABASE_REPLICA_URL leads to is no copy of the primary."""


FAILURES = Error, psycopg.Error, NoAnswer, OfAnotherCluster


class Circuit:
    """Open until the thread has seen the standby, and whenever that has failed since."""

    def __init__(self) -> None:
        self.is_open = True
        self._told = False  # that it is away
        self._lock = threading.Lock()
        self._reading: dict[int, tuple[int, float]] = {}  # thread: its socket, since when
        self._behind_until = 0.0
        self._least, self._next_least = 0, 0  # positions: where the primary was a while ago
        self._noted_at = 0.0
        self._watching: threading.Thread | None = None

    def enter(self, wanted: int) -> bool:
        """Whether the standby shows all up to that position, to this thread, now."""
        self._watch()
        if self.is_open or time.monotonic() - self._noted_at > LATEST_NOTE:
            return False
        database = connections[STANDBY]
        try:
            if not self._has_come(database, max(wanted, self._least)):
                return False
        except FAILURES as error:
            self.fail(error)
            return False
        with self._lock:
            number = database.connection.pgconn.socket
            self._reading[threading.get_ident()] = number, time.monotonic()
        return True

    def leave(self) -> None:
        """The page has been made."""
        with self._lock:
            self._reading.pop(threading.get_ident(), None)

    def fail(self, error: BaseException) -> None:
        """Ask the standby no more, until it answers again."""
        self.is_open = True
        connections[STANDBY].close()
        with self._lock:
            told, self._told = self._told, True
        if not told:
            reason = " ".join(str(error).split())
            logger.warning("The standby is away, the primary answers for it: %s", reason)

    @staticmethod
    def is_cut() -> bool:
        """Whether this thread has lost its connection to the standby."""
        database = connections[STANDBY].connection
        return database is None or database.closed

    def _has_come(self, database: BaseDatabaseWrapper, wanted: int) -> bool:
        known = database.connection is not None
        database.ensure_connection()
        try:
            return self._waits(database.connection, wanted)
        except psycopg.OperationalError:
            # One that was left from before the standby was started again says nothing of it.
            database.close()
            if not known:
                raise
        database.ensure_connection()
        return self._waits(database.connection, wanted)

    def _waits(self, connection: psycopg.Connection, wanted: int) -> bool:
        began = time.monotonic()
        pause, longest = PAUSE
        while reached(connection, ANSWERS_WITHIN) < wanted:
            now = time.monotonic()
            if now < self._behind_until:
                return False
            if now + pause > began + CATCHES_UP_WITHIN:
                self._behind_until = now + BEHIND_FOR
                return False
            time.sleep(pause)
            pause = min(2 * pause, longest)
        return True

    # --- The thread ------------------------------------------------------------------------------

    def _watch(self) -> None:
        # Not alive: also in a process that was forked off since.
        if self._watching is None or not self._watching.is_alive():
            with self._lock:
                if self._watching is None or not self._watching.is_alive():
                    self._watching = threading.Thread(
                        target=self._keep_watch, name="standby", daemon=True
                    )
                    self._watching.start()

    def _keep_watch(self) -> None:
        for turn in itertools.count():
            if turn % TURNS_TO_NOTE == 0:
                self._note_primary()
            self._cut_off(time.monotonic() - LONGEST_PAGE)
            if self.is_open:
                self._try_again()
            time.sleep(TURN)

    def _note_primary(self) -> None:
        primary = connections[DEFAULT_DB_ALIAS]
        try:
            primary.ensure_connection()
            position = reached(primary.connection, ANSWERS_WITHIN)
        except FAILURES:
            primary.close()
            return
        # The first note is the least at once, or pages would begin with any.
        self._least, self._next_least = self._next_least or position, position
        self._noted_at = time.monotonic()

    def _cut_off(self, before: float) -> None:
        with self._lock:  # a thread closes its connection only after it has left
            for number, since in self._reading.values():
                if since < before:
                    with contextlib.suppress(OSError), socket.socket(fileno=os.dup(number)) as cut:
                        cut.shutdown(socket.SHUT_RDWR)

    def _try_again(self) -> None:
        database, primary = connections[STANDBY], connections[DEFAULT_DB_ALIAS]
        try:
            database.connect()
            reached(database.connection, ANSWERS_WITHIN)
            found, expected = (_first(one, CLUSTER) for one in (database, primary))
            if found != expected:
                raise OfAnotherCluster(
                    f"DATABASE_REPLICA_URL: expected a standby of the cluster {expected}, which "
                    f"DATABASE_URL leads to; found one of {found}"
                )
        except FAILURES as error:
            self.fail(error)
            return
        database.close()
        self.is_open = False
        with self._lock:
            told, self._told = self._told, False
        if told:
            logger.warning("The standby answers again")


def _first(database: BaseDatabaseWrapper, sql: str) -> object:
    with database.cursor() as cursor:
        cursor.execute(sql)
        return cursor.fetchone()[0]


circuit = Circuit()

"""How far a database has come in the primary's log, and how far a reader must see.

A position is a number of bytes in the write-ahead log. The one after a commit is told to whoever
sent the command, and to every open page that hears of a change; a page that is asked with it shows
at least all that lies before it. It is kept by the browser, in a cookie, and not in the session:
that would cost each command a transaction more. It is no secret and is not signed: who makes one
up waits for a moment, and for a second the primary answers those who would wait for the standby.
"""

import re
import select
import time

import psycopg
from django.conf import settings
from django.db import Error, connection
from django.http import HttpRequest, HttpResponse

from ordering.live.hub import POSITION

COOKIE = "read_position"  # static/live.js sets it too
HEADER = "Read-Position"
MOST = 2**63 - 1

# A standby that became a primary, and a primary itself, have come to the end of their own log.
REACHED = (
    b"SELECT CASE WHEN pg_is_in_recovery() THEN coalesce(pg_last_wal_replay_lsn(), '0/0')"
    b" ELSE pg_current_wal_insert_lsn() END - '0/0'"
)


class NoAnswer(Exception):
    """The database does not say in time how far it has come."""


def wanted(request: HttpRequest) -> int | None:
    """How far the reader must see; None: as far as the primary does, as what was sent is none."""
    sent = request.headers.get(HEADER, request.COOKIES.get(COOKIE, "0"))
    if not re.fullmatch("[0-9]{1,19}", sent) or int(sent) > MOST:
        return None
    return int(sent)


def tell(request: HttpRequest, response: HttpResponse) -> None:
    """Tell the sender of something that may have changed the database how far they must see."""
    try:
        with connection.cursor() as cursor:
            cursor.execute(POSITION)
            end = str(cursor.fetchone()[0])
    except Error:  # then nothing was changed
        return
    if request.path_info.startswith("/api/"):
        response[HEADER] = end
    if "Authorization" not in request.headers:
        response.set_cookie(COOKIE, end, secure=settings.SESSION_COOKIE_SECURE, samesite="Lax")


def reached(database: psycopg.Connection, patience: float) -> int:
    """How far that database has come. Raises NoAnswer after so many seconds, and OperationalError.

    By the connection's own socket: psycopg would wait for a server that hangs for as long as that
    does, and no timeout of the server's runs there.
    """
    pgconn, end = database.pgconn, time.monotonic() + patience
    pgconn.send_query(REACHED)
    pgconn.flush()
    answer = select.poll()
    answer.register(pgconn.socket, select.POLLIN)
    while True:
        pgconn.consume_input()
        if not pgconn.is_busy():
            break
        if not answer.poll(max(0, end - time.monotonic()) * 1000):
            raise NoAnswer(f"no answer in {patience} s")
    results = iter(pgconn.get_result, None)
    result, *_ = [*results]
    if result.status != psycopg.pq.ExecStatus.TUPLES_OK:
        raise psycopg.OperationalError(result.error_message.decode(errors="replace").strip())
    return int(result.get_value(0, 0))

"""Prepared statements on Django's connection: for the path of every command.

Django's own cursors send each statement as text, to be parsed and planned anew; here PostgreSQL
does that once a connection. What is written together travels in one statement. (A pipeline of
several was tried: it takes psycopg twice the time of a statement that has all of them.)
"""

from collections.abc import Sequence
from functools import cache
from typing import Any, NamedTuple
from weakref import WeakKeyDictionary

import psycopg
from django.db import connection


class Statement(NamedTuple):
    """SQL with a placeholder %s for each of `params`. `prepare`: it will be sent again."""

    sql: str
    params: Sequence[Any] = ()
    prepare: bool = True


# Making a cursor costs, and its rows are fetched before the next statement is sent.
_cursors: WeakKeyDictionary[psycopg.Connection, psycopg.Cursor] = WeakKeyDictionary()


def run(statement: Statement) -> list[tuple]:
    """Execute it; its rows, [] for one that returns none. Raises as Django's cursors do."""
    if connection.queries_logged or connection.execute_wrappers:
        # For whoever watches what Django's cursors execute.
        with connection.cursor() as cursor:
            cursor.execute(statement.sql, statement.params)
            return cursor.fetchall() if cursor.description else []
    connection.ensure_connection()
    connection.validate_no_broken_transaction()
    raw = connection.connection
    cursor = _cursors.get(raw)
    if cursor is None:
        cursor = _cursors[raw] = psycopg.Cursor(raw)
    with connection.wrap_database_errors:
        cursor.execute(statement.sql, statement.params, prepare=statement.prepare)
        return cursor.fetchall() if cursor.pgresult.nfields else []


def write_together(statements: Sequence[Statement]) -> None:
    """Execute statements that write different rows, in no order, as one."""
    match statements:
        case []:
            return
        case [only]:
            run(only)
        case _:
            sql = _one_of(tuple(one.sql for one in statements))
            params = [param for one in statements for param in one.params]
            run(Statement(sql, params, all(one.prepare for one in statements)))


@cache
def _one_of(sqls: tuple[str, ...]) -> str:
    *first, last = sqls
    return f"WITH {', '.join(f'w{n} AS ({sql})' for n, sql in enumerate(first))} {last}"

"""Prepared statements on Django's connection: for the path of every command.

Django's own cursors send each statement as text, to be parsed and planned anew; here PostgreSQL
does that once a connection. What is written together travels in one statement. (A pipeline of
several was tried: it takes psycopg twice the time of a statement that has all of them.)
"""

from collections.abc import Sequence
from functools import cache
from typing import Any, NamedTuple

import psycopg
from django.db import DEFAULT_DB_ALIAS, connections


class Statement(NamedTuple):
    """SQL with a placeholder %s for each of `params`. `prepare`: it will be sent again."""

    sql: str
    params: Sequence[Any] = ()
    prepare: bool = True


def run(statement: Statement, using: str = DEFAULT_DB_ALIAS) -> list[tuple]:
    """Execute it; its rows, [] for one that returns none. Raises as Django's cursors do."""
    # Django's `connection` looks for the thread's own one at each use of it.
    database = connections[using]
    if database.queries_logged or database.execute_wrappers:
        # For whoever watches what Django's cursors execute.
        with database.cursor() as cursor:
            cursor.execute(statement.sql, statement.params)
            return cursor.fetchall() if cursor.description else []
    # As Django's cursors do: the server may have been started again since the last request.
    database.close_if_health_check_failed()
    database.ensure_connection()
    database.validate_no_broken_transaction()
    with database.wrap_database_errors:
        cursor = psycopg.Cursor(database.connection)
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

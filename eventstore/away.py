"""Which of the database's errors say that it is away or busy, and not that a statement is wrong.

Django wraps psycopg's exceptions, whose classes follow PostgreSQL's error codes (its appendix A).
What libpq says by itself has no code: mostly an OperationalError, but a plain DatabaseError where a
server's answer ended in the middle and it could not make sense of the rest.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import (
    DatabaseError,
    Error,
    InterfaceError,
    InternalError,
    OperationalError,
    connection,
)

# A standby: the primary is another one now, or not chosen yet.
READ_ONLY = "25006"
DISK_FULL = "53100"  # what is there can be read; somebody has to make room


def sqlstate(error: BaseException) -> str | None:
    """PostgreSQL's code for the error; None: it did not come from PostgreSQL."""
    return getattr(error.__cause__, "sqlstate", None)


def may_be_away(error: BaseException) -> bool:
    """Whether its kind is one of those; which of them, its code tells.

    InternalError: what PostgreSQL says of a transaction that it ended for taking too long.
    """
    if type(error) is DatabaseError:
        return sqlstate(error) is None
    return isinstance(error, OperationalError | InterfaceError | InternalError)


def leave_standby(error: Error) -> None:
    """Close the connection when that is what the error is about: it is well, and would be kept. The
    next one is to the primary."""
    if sqlstate(error) == READ_ONLY:
        connection.close()


@contextmanager
def while_it_takes_changes() -> Iterator[None]:
    """Around a write, outside of a transaction, that is worth no failure: whoever only reads is
    answered also where the database takes no changes now, or has no room left."""
    try:
        yield
    except Error as error:
        if connection.in_atomic_block or sqlstate(error) not in (READ_ONLY, DISK_FULL):
            raise
        leave_standby(error)

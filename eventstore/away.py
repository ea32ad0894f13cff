"""Which of the database's errors say that it is away or busy, and not that a statement is wrong.

Django wraps psycopg's exceptions, whose classes follow PostgreSQL's error codes (its appendix A).
What libpq says by itself has no code: mostly an OperationalError, but a plain DatabaseError where a
server's answer ended in the middle and it could not make sense of the rest.
"""

from django.db import DatabaseError, InterfaceError, InternalError, OperationalError


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

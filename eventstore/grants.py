"""What the application's role may do, where it is another one than the owner's.

The owner migrates, replays and runs the projections; web processes, which strangers talk to, can
then neither rewrite history nor switch off what guards it, whatever they are made to send.
"""

from django.db import connection, transaction
from psycopg import sql

SCHEMA = (
    "SELECT quote_ident(relnamespace::regnamespace::text) FROM pg_class WHERE oid = %s::regclass"
)
GRANTS = """
REVOKE ALL ON ALL TABLES IN SCHEMA {schema} FROM {role};
REVOKE ALL ON ALL SEQUENCES IN SCHEMA {schema} FROM {role};
GRANT USAGE ON SCHEMA {schema} TO {role};
GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA {schema} TO {role};
GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA {schema} TO {role};
REVOKE CREATE ON SCHEMA {schema} FROM {role}, PUBLIC;
"""
# Table -> what is not done to it: events and outcomes are never changed, and a stream moves on.
NEVER = {
    "eventstore_event": "UPDATE, DELETE",
    "eventstore_command": "UPDATE, DELETE",
    "eventstore_stream": "DELETE",
    "django_migrations": "INSERT, UPDATE, DELETE",
}
ROLE = """
SELECT rolsuper, EXISTS (
    SELECT FROM pg_class WHERE oid = 'eventstore_event'::regclass
       AND pg_has_role(pg_roles.oid, relowner, 'MEMBER'))
  FROM pg_roles WHERE rolname = %s
"""


class Unfit(Exception):
    """The role cannot be the application's."""


def grant(role: str) -> None:
    """Give `role`, which must be there, what web processes need, and nothing else. Raises Unfit
    for one that is not there, that is a superuser or that is, or may become, the owner."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(ROLE, [role])
        found = cursor.fetchone()
        if found is None:
            raise Unfit(f"expected a role of this database server, found none called {role!r}")
        if any(found):
            what = "a superuser" if found[0] else "the owner of the tables, or a member of it"
            raise Unfit(f"expected a role with no rights of its own, found {role!r}: {what}")
        cursor.execute(SCHEMA, ["eventstore_event"])
        [schema] = cursor.fetchone()
        name = sql.Identifier(role)
        for statement in GRANTS.strip().split(";\n"):
            cursor.execute(sql.SQL(statement.rstrip(";")).format(schema=sql.SQL(schema), role=name))
        for table, rights in NEVER.items():
            revoke = sql.SQL("REVOKE {} ON {} FROM {}")
            cursor.execute(revoke.format(sql.SQL(rights), sql.Identifier(table), name))

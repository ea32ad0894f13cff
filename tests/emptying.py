"""Emptying the database after a test that committed, in a tenth of the CPU that Django takes."""

from django.db import transaction

from eventstore.checkpoints import ensure_checkpoints

TRIGGER = "TRIGGER eventstore_event_append_only"
# What migrations leave there and no test changes. Django would look through it each time.
KEPT = {"django_content_type", "auth_permission"}
GROWN = 1024 * 1024  # bytes of one table


def empty(operations, _sql):
    """Delete the rows there are. Django's own TRUNCATE makes a file anew for each table and each
    index, however few had a row; that is worth it only when deleted rows have piled up.

    The event log refuses both. That is lifted meanwhile, as only the table's owner can.
    """
    found = operations.connection.introspection.django_table_names(only_existing=True)
    tables = sorted(set(found) - KEPT)
    look = " UNION ALL ".join(
        f"SELECT '{table}', EXISTS (SELECT FROM {table}), pg_table_size('{table}') > {GROWN}"
        for table in tables
    )
    with transaction.atomic(), operations.connection.cursor() as cursor:
        cursor.execute(look)
        looked = cursor.fetchall()
        filled = {table for table, has_rows, _ in looked if has_rows}
        if any(grown for _, _, grown in looked):
            statements = [f"TRUNCATE {', '.join(tables)}"]
        else:
            statements = [f"DELETE FROM {table}" for table in sorted(filled)]
        refuses = "eventstore_event" in filled or "TRUNCATE" in "".join(statements)
        if refuses:
            cursor.execute(f"ALTER TABLE eventstore_event DISABLE {TRIGGER}")
        for statement in statements:
            cursor.execute(statement)
        # Foreign keys are checked when all is gone, and before the table is altered again.
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        if refuses:
            cursor.execute(f"ALTER TABLE eventstore_event ENABLE ALWAYS {TRIGGER}")


def fill(*_, **__):
    """What of `post_migrate` was emptied: its other receivers would find all they make."""
    ensure_checkpoints()

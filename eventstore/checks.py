"""System checks of the store: can this code read what is stored, and is the log still protected?

They need the database, so they run with `manage.py check` and `migrate`, not with each command.
"""

from django.core.checks import Error, Tags, Warning, register
from django.db import DatabaseError, connections

from eventstore.codec import codec
from eventstore.models import Checkpoint
from eventstore.projections import asynchronous, inline

# A loose index scan: a jump from each stored type to the next, whatever the size of the log.
STORED_TYPES = """
WITH RECURSIVE stored AS (
    (SELECT type, schema_version FROM eventstore_event ORDER BY type, schema_version LIMIT 1)
    UNION ALL
    SELECT following.* FROM stored, LATERAL (
        SELECT type, schema_version FROM eventstore_event
         WHERE (type, schema_version) > (stored.type, stored.schema_version)
         ORDER BY type, schema_version LIMIT 1) AS following
)
SELECT type, schema_version FROM stored
"""

PROTECTION = """
SELECT EXISTS (SELECT FROM pg_trigger
                WHERE tgrelid = 'eventstore_event'::regclass
                  AND tgname = 'eventstore_event_append_only' AND tgenabled = 'A'),
       (SELECT attidentity FROM pg_attribute
         WHERE attrelid = 'eventstore_event'::regclass AND attname = 'position'),
       (SELECT seqcache FROM pg_sequence
         WHERE seqrelid = pg_get_serial_sequence('eventstore_event', 'position')::regclass)
"""


@register(Tags.database)
def check_store(databases=None, **kwargs):
    return [error for alias in databases or () for error in _check(connections[alias])]


def _check(connection):
    try:
        with connection.cursor() as cursor:
            tables = connection.introspection.table_names(cursor)
            if "eventstore_event" not in tables:
                return  # not migrated yet
            cursor.execute(STORED_TYPES)
            stored = cursor.fetchall()
            cursor.execute(PROTECTION)
            trigger, identity, cache = cursor.fetchone()
    except DatabaseError as error:
        yield Error(f"The event store cannot be read: {error}", id="eventstore.E001")
        return
    known = codec.schema_versions()
    for type_, schema_version in stored:
        if type_ not in known:
            yield Error(
                f"Stored events have the type {type_}; expected one of {', '.join(known)}.",
                hint="Register the class again: stored events are never renamed or dropped.",
                id="eventstore.E002",
            )
        elif schema_version > known[type_]:
            yield Error(
                f"Stored {type_} events have schema version {schema_version}; "
                f"this code reads 1 to {known[type_]}.",
                hint="Register the missing upcasts, or run the code that wrote the events.",
                id="eventstore.E003",
            )
    yield from _stale(tables)
    if not trigger:
        yield Error(
            "The trigger that keeps the event log append-only is missing or disabled.",
            hint="ALTER TABLE eventstore_event ENABLE ALWAYS TRIGGER eventstore_event_append_only;",
            id="eventstore.E004",
        )
    if (identity, cache) != ("a", 1):
        yield Error(
            "Positions of the event log must come from its identity, drawn one at a time: "
            f"expected identity 'a' with cache 1, found {identity!r} with cache {cache}.",
            hint="Readers of the whole log rely on it.",
            id="eventstore.E005",
        )


def _stale(tables):
    if Checkpoint._meta.db_table not in tables:
        return
    made = dict(Checkpoint.objects.values_list("name", "code"))
    for name, projection in (inline | asynchronous).items():
        if made.get(name) not in ("", None, projection.code):
            yield Warning(
                f"The rows of {name} were made by other code than the one that folds it now.",
                hint=f"manage.py replay_projections {name}",
                id="eventstore.W001",
            )

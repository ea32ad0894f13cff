"""System checks of the store: can this code read what is stored, and is the log still protected?

They need the database, so they run with `manage.py check` and `migrate`, not with each command.
"""

import json
from collections.abc import Iterable
from itertools import groupby
from operator import itemgetter

from django.core.checks import Error, Tags, Warning, register
from django.db import DatabaseError, connections

from eventstore.codec import UnreadableEvent, codec
from eventstore.models import Checkpoint
from eventstore.moving import IMPORTED
from eventstore.projections import asynchronous, inline

# The first and the last event of each stored type and schema version. A loose index scan: a jump
# from each to the next, whatever the size of the log. The last is not looked for by equality: for
# that PostgreSQL would rather walk along the log.
STORED = """
WITH RECURSIVE first AS (
    (SELECT type, schema_version, position FROM eventstore_event
      ORDER BY type, schema_version, position LIMIT 1)
    UNION ALL
    SELECT following.* FROM first, LATERAL (
        SELECT type, schema_version, position FROM eventstore_event
         WHERE (type, schema_version) > (first.type, first.schema_version)
         ORDER BY type, schema_version, position LIMIT 1) AS following
), ends AS (
    SELECT position FROM first
    UNION
    SELECT last.position FROM first, LATERAL (
        SELECT position FROM eventstore_event
         WHERE (type, schema_version) <= (first.type, first.schema_version)
         ORDER BY type DESC, schema_version DESC, position DESC LIMIT 1) AS last
)
SELECT type, schema_version, position, stream_id, version, data
  FROM eventstore_event JOIN ends USING (position)
 ORDER BY type, schema_version, position
"""

PROTECTION = """
SELECT EXISTS (SELECT FROM pg_trigger
                WHERE tgrelid = 'eventstore_event'::regclass
                  AND tgname = 'eventstore_event_append_only' AND tgenabled = 'A'),
       EXISTS (SELECT FROM pg_trigger
                WHERE tgrelid = 'eventstore_event'::regclass
                  AND tgname = 'eventstore_event_chain' AND tgenabled = 'A'),
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
            cursor.execute(STORED)
            stored = cursor.fetchall()
            cursor.execute(PROTECTION)
            append_only, chained, identity, cache = cursor.fetchone()
    except DatabaseError as error:
        yield Error(f"The event store cannot be read: {error}", id="eventstore.E001")
        return
    known = codec.schema_versions()
    for (type_, schema_version), events in groupby(stored, key=itemgetter(0, 1)):
        if type_ not in known:
            yield Error(
                f"Stored events have the type {type_}; expected one of {', '.join(known)}.",
                hint="Register the class again: stored events are never renamed or dropped.",
                id="eventstore.E002",
            )
        elif not 1 <= schema_version <= known[type_]:
            yield Error(
                f"Stored {type_} events have schema version {schema_version}; "
                f"this code reads 1 to {known[type_]}.",
                hint="Register the missing upcasts, or run the code that wrote the events.",
                id="eventstore.E003",
            )
        elif unreadable := _first_unreadable(events):
            yield Error(
                f"Stored {type_} events of schema version {schema_version} cannot be read: "
                f"{unreadable}.",
                hint="Register or mend the upcast from that version, or change the class back.",
                id="eventstore.E006",
            )
    yield from _stale(tables)
    if not append_only:
        yield Error(
            "The trigger that keeps the event log append-only is missing or disabled.",
            hint="ALTER TABLE eventstore_event ENABLE ALWAYS TRIGGER eventstore_event_append_only;",
            id="eventstore.E004",
        )
    if not chained:
        yield Error(
            "The trigger that makes the hashes of events is missing or disabled.",
            hint="ALTER TABLE eventstore_event ENABLE ALWAYS TRIGGER eventstore_event_chain;",
            id="eventstore.E007",
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
        if made.get(name) == IMPORTED:
            yield Warning(
                f"Events were imported that the rows of {name} do not show.",
                hint=f"manage.py replay_projections {name}",
                id="eventstore.W002",
            )
        elif made.get(name) not in ("", None, projection.code):
            yield Warning(
                f"The rows of {name} were made by other code than the one that folds it now.",
                hint=f"manage.py replay_projections {name}",
                id="eventstore.W001",
            )


def _first_unreadable(events: Iterable[tuple]) -> UnreadableEvent | None:
    for type_, schema_version, position, stream_id, version, data in events:
        where = f"stream {stream_id} version {version} (position {position})"
        try:
            codec.decode(type_, schema_version, json.loads(data), where=where)
        except UnreadableEvent as error:
            return error
    return None

import pytest
from django.db import IntegrityError, connection, transaction

from eventstore.models import Event
from tests.eventstore.counter import Add

REWRITES = [
    "UPDATE eventstore_event SET data = '{}'",
    "UPDATE eventstore_event SET data = '{}' WHERE false",
    "DELETE FROM eventstore_event",
    "TRUNCATE eventstore_event",
    "TRUNCATE eventstore_stream CASCADE",
    "INSERT INTO eventstore_event (stream_id, version, type, schema_version, data, metadata)"
    " SELECT stream_id, version, type, schema_version, '{}', metadata FROM eventstore_event"
    " ON CONFLICT (stream_id, version) DO UPDATE SET data = excluded.data",
]


def execute(*statements):
    with transaction.atomic(), connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)


@pytest.fixture
def _one_event(db, send):
    send(Add((1,)))


@pytest.mark.usefixtures("_one_event")
@pytest.mark.parametrize("role", ["origin", "replica"])
@pytest.mark.parametrize("rewrite", REWRITES)
def test_the_database_refuses_to_rewrite_history(rewrite, role):
    before = list(Event.objects.values())
    with pytest.raises(IntegrityError, match="append-only"):
        execute(
            # Otherwise a TRUNCATE would be refused for the foreign keys still to be checked.
            "SET CONSTRAINTS ALL IMMEDIATE",
            f"SET LOCAL session_replication_role = {role}",
            rewrite,
        )
    assert list(Event.objects.values()) == before


@pytest.mark.usefixtures("_one_event")
def test_one_version_of_a_stream_is_stored_once():
    again = (
        "INSERT INTO eventstore_event"
        " (stream_id, version, type, schema_version, data, metadata)"
        " SELECT stream_id, version, type, schema_version, data, metadata FROM eventstore_event"
    )
    with pytest.raises(IntegrityError, match="event_stream_version"):
        execute(again)


@pytest.mark.usefixtures("_one_event")
def test_a_position_cannot_be_chosen():
    with pytest.raises(Exception, match="GENERATED ALWAYS"), transaction.atomic():
        Event.objects.create(
            position=99, stream_id=Event.objects.get().stream_id, version=2, type="Counted",
            schema_version=1, data={}, metadata={},
        )  # fmt: skip

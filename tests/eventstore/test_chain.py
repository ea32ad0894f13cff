"""What a superuser does to the log, whom no trigger stops, is seen and named."""

import uuid

import pytest
from django.core.management import CommandError, call_command
from django.db import connection, transaction

from eventstore.chain import walk
from eventstore.models import Event
from tests.eventstore.counter import Add, Close

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def other_id():
    return uuid.uuid4()


@pytest.fixture
def _streams(send, stream_id, other_id):
    """Four events in one stream, two in another."""
    send(Add((1, 2)))
    send(Add((3,)), stream_id=other_id)
    send(Add((4,)))
    send(Close(), stream_id=other_id)
    send(Close())


def tamper(*statements):
    """As a superuser can: with the triggers away, and back again as if nothing had been."""
    alter = "ALTER TABLE eventstore_event {} TRIGGER eventstore_event_append_only"
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute(alter.format("DISABLE"))
        for statement, params in statements:
            cursor.execute(statement, params)
        cursor.execute(alter.format("ENABLE ALWAYS"))


EDITS = {
    "data": """ data = '{"by": 9, "price": "1.10"}' """,
    "metadata": """ metadata = metadata || '{"actor": 8}' """,
    "type": "type = 'Closed'",
    "schema version": "schema_version = 2",
    "command": "command_id = gen_random_uuid()",
    "time": "recorded_at = recorded_at + interval '1 microsecond'",
    "hash": "hash = sha256(hash)",
}


@pytest.mark.usefixtures("_streams")
def test_what_was_not_touched_is_as_it_was_recorded(run):
    assert run("verify_events") == "6 events in 2 streams are as they were recorded.\n"


@pytest.mark.usefixtures("_streams")
@pytest.mark.parametrize("edit", EDITS)
def test_an_edited_event_is_named(edit, stream_id, run):
    where = "WHERE stream_id = %s AND version = 2"
    tamper((f"UPDATE eventstore_event SET {EDITS[edit]} {where}", [stream_id]))
    assert (stream_id, 2) in [(found.stream_id, found.version) for found in walk().breaks]
    with pytest.raises(CommandError, match="Expected 6 events in 2 streams as they were recorded"):
        run("verify_events")


@pytest.mark.usefixtures("_streams")
def test_no_event_but_the_edited_one_is_named(stream_id, capsys):
    where = "WHERE stream_id = %s AND version = 2"
    tamper((f"UPDATE eventstore_event SET {EDITS['data']} {where}", [stream_id]))
    position = Event.objects.get(stream_id=stream_id, version=2).position
    with pytest.raises(CommandError, match="found 1 breaks"):
        call_command("verify_events")
    assert (
        f"stream {stream_id} version 2: Counted (position {position}) was changed"
        in capsys.readouterr().err
    )


@pytest.mark.usefixtures("_streams")
def test_an_event_edited_with_its_hash_does_not_fit_the_next_one(stream_id):
    edited = f"UPDATE eventstore_event SET {EDITS['data']} WHERE stream_id = %s AND version = 2"
    tamper((edited, [stream_id]), (ANEW.format("version = 2"), [stream_id]))
    assert [found.version for found in walk().breaks] == [3]


# The hashes of some events as the database would have made them.
ANEW = """
UPDATE eventstore_event AS event SET hash = eventstore_hash((
    SELECT hash FROM eventstore_event AS before
     WHERE before.stream_id = event.stream_id AND before.version = event.version - 1), event)
 WHERE stream_id = %s AND {}
"""


@pytest.mark.usefixtures("_streams")
def test_a_stream_made_anew_from_there_on_does_not_fit_its_kept_head(
    stream_id, other_id, run, tmp_path, capsys
):
    heads = str(tmp_path / "heads")
    run("verify_events", "--keep-heads", heads)
    assert "2 kept heads are still there." in run("verify_events", "--heads", heads)
    edited = f"UPDATE eventstore_event SET {EDITS['data']} WHERE stream_id = %s AND version = 2"
    anew = [(ANEW.format(f"version = {version}"), [stream_id]) for version in (2, 3, 4)]
    tamper((edited, [stream_id]), *anew)
    assert walk().breaks == []
    with pytest.raises(CommandError, match="found 1 breaks"):
        run("verify_events", "--heads", heads)
    said = capsys.readouterr().err
    assert f"stream {stream_id} version 4: Closed" in said
    assert str(other_id) not in said
    run("verify_events", "--heads", heads, "--stream", str(other_id))


@pytest.mark.usefixtures("_streams")
def test_heads_that_were_kept_stay_when_streams_grow(send, run, tmp_path):
    heads = str(tmp_path / "heads")
    grown = uuid.uuid4()
    send(Add((1,)), stream_id=grown)
    run("verify_events", "--keep-heads", heads)
    send(Add((2,)), stream_id=grown)
    assert "3 kept heads are still there." in run("verify_events", "--heads", heads)


CUTS = {
    "the last event": "DELETE FROM eventstore_event WHERE stream_id = %s AND version = 4",
    "one in between": "DELETE FROM eventstore_event WHERE stream_id = %s AND version = 2",
    "the first": "DELETE FROM eventstore_event WHERE stream_id = %s AND version = 1",
    "all events": "DELETE FROM eventstore_event WHERE stream_id = %s",
}


@pytest.mark.usefixtures("_streams")
@pytest.mark.parametrize("cut", CUTS)
def test_missing_events_are_named(cut, stream_id):
    tamper((CUTS[cut], [stream_id]))
    assert {found.stream_id for found in walk().breaks} == {stream_id}


@pytest.mark.usefixtures("_streams")
def test_an_end_that_was_cut_off_with_the_streams_version_does_not_fit_the_kept_head(
    stream_id, run, tmp_path
):
    heads = str(tmp_path / "heads")
    run("verify_events", "--keep-heads", heads)
    tamper(
        (CUTS["the last event"], [stream_id]),
        ("UPDATE eventstore_stream SET version = 3 WHERE id = %s", [stream_id]),
    )
    assert walk().breaks == []
    with pytest.raises(CommandError, match="found 1 breaks"):
        run("verify_events", "--heads", heads)


@pytest.mark.usefixtures("_streams")
def test_a_function_that_lies_does_not_help(stream_id):
    lies = """
        CREATE OR REPLACE FUNCTION eventstore_hash(before bytea, event eventstore_event)
        RETURNS bytea LANGUAGE sql IMMUTABLE AS $$ SELECT event.hash $$"""
    honest = "SELECT pg_get_functiondef('eventstore_hash'::regproc)"
    with connection.cursor() as cursor:
        cursor.execute(honest)
        [before] = cursor.fetchone()
    edited = f"UPDATE eventstore_event SET {EDITS['data']} WHERE stream_id = %s AND version = 2"
    try:
        tamper((lies, None), (edited, [stream_id]))
        assert [found.version for found in walk().breaks] == [2]
    finally:
        with connection.cursor() as cursor:
            cursor.execute(before)


@pytest.mark.usefixtures("_streams")
def test_the_hash_is_the_databases_whatever_is_sent(stream_id):
    Event.objects.create(
        stream_id=stream_id,
        version=5,
        type="Counted",
        schema_version=1,
        data={"by": 1, "price": "1.10"},
        metadata={},
        hash=b"0" * 32,
    )
    [found] = walk().breaks
    assert (found.version, "found 5 events" in found.what) == (4, True)


@pytest.mark.parametrize(
    ("line", "found"),
    [
        ("no JSON", "'no JSON'"),
        ("[]", "line 1: expected"),
        ('{"stream": "x", "version": 1, "hash": ""}', "line 1: expected"),
        ('{"stream": "%s", "version": "1", "hash": "%s"}', "line 1: expected"),
        ('{"stream": "%s", "version": 1, "hash": "00"}', "line 1: expected"),
    ],
)
def test_a_file_that_holds_no_heads_is_refused(line, found, tmp_path, run):
    heads = tmp_path / "heads"
    heads.write_text(line.replace("%s", str(uuid.uuid4()), 1).replace("%s", "0" * 64))
    with pytest.raises(CommandError, match=found):
        run("verify_events", "--heads", str(heads))


def test_files_and_streams_that_are_not_there_are_refused(tmp_path, run):
    with pytest.raises(CommandError, match="could not be read"):
        run("verify_events", "--heads", str(tmp_path / "none"))
    with pytest.raises(CommandError, match="expected a stream of this store"):
        run("verify_events", "--stream", str(uuid.uuid4()))
    with pytest.raises(CommandError, match="could not be written"):
        run("verify_events", "--keep-heads", str(tmp_path / "none" / "heads"))

"""export_events and import_events: a store moved whole, and files that are refused."""

import hashlib
import io
import json
import re
import sys
import threading
import uuid
from types import SimpleNamespace

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from eventstore import checkpoints
from eventstore.models import Checkpoint, Command, Event, Skip, Stream
from eventstore.moving import imports
from eventstore.moving.imports import IMPORTS
from eventstore.moving.lines import Sums
from eventstore.reactors import Reactor
from eventstore.reactors import reactors as registered
from tests.eventstore import tables
from tests.eventstore.counter import Add, Close, Counted
from tests.eventstore.tables import Sum

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("engine"),
]


@pytest.fixture
def log(send):
    """Two streams, with outcomes of commands: one accepted, one refused."""
    one, other = uuid.uuid4(), uuid.uuid4()
    events = send(Add((1, 2)), stream_id=one, command_id=uuid.uuid4()).events
    send(Add((4,)), stream_id=other)
    send(Close(), stream_id=one)
    with pytest.raises(Exception, match="closed"):
        send(Add((8,)), stream_id=one, command_id=uuid.uuid4())
    Skip.objects.create(
        subscription="tallies", position=events[1].position, error="it fails", skipped_by="ann"
    )
    return SimpleNamespace(one=one, other=other)


@pytest.fixture
def export(run):
    return lambda *args: run("export_events", *args)


@pytest.fixture
def take(tmp_path, run):
    """Import the text of a file."""

    def take(text):
        file = tmp_path / "events.jsonl"
        file.write_bytes(text if isinstance(text, bytes) else text.encode())
        return run("import_events", str(file))

    return take


@pytest.fixture
def refused(take):
    """What is said of a file that is refused; nothing of it may be in the store."""

    def refused(text):
        before = Event.objects.count(), Stream.objects.count(), Command.objects.count()
        with pytest.raises(CommandError) as error:
            take(text)
        after = Event.objects.count(), Stream.objects.count(), Command.objects.count()
        assert after == before
        assert "Nothing was imported" in str(error.value)
        return str(error.value)

    return refused


def bell():
    """A reactor among those that are registered."""
    registered["bell"] = Reactor("bell")
    return registered["bell"]


def empty():
    """The store as after the first migrate; the positions go on where they were."""
    trigger = "TRIGGER eventstore_event_append_only"
    with connection.cursor() as cursor:
        cursor.execute(f"ALTER TABLE eventstore_event DISABLE {trigger}")
        cursor.execute(
            "TRUNCATE eventstore_event, eventstore_stream, eventstore_command, eventstore_skip,"
            " eventstore_snapshot, eventstore_sum, eventstore_tally"
        )
        cursor.execute(f"ALTER TABLE eventstore_event ENABLE ALWAYS {trigger}")
    Checkpoint.objects.all().delete()
    checkpoints.ensure_checkpoints()


def sums(listed):
    return re.findall(r"^(\w+) .* checksum (\S+)", listed, re.MULTILINE)


def said(text):
    return [json.loads(line) for line in text.splitlines()]


def written(objects):
    """A file with these lines, each with its right sum."""
    sums = Sums()
    lines = []
    for one in objects:
        text = json.dumps({name: value for name, value in one.items() if name != "sum"})
        lines.append(sums.add(text))
    return "".join(lines)


def changed(text, at, **fields):
    """The file with other fields in one line, and right sums: made so, not damaged."""
    objects = said(text)
    objects[at] |= fields
    return written(objects)


# --- Moving -----------------------------------------------------------------------------------


def test_a_store_is_moved_whole(export, take, run, log):
    before = export()
    run("replay_projections", "--no-input")
    rows = run("replay_projections", "--list")
    empty()
    told = take(before)
    assert "4 events of 2 streams with their positions, 2 outcomes of commands, 1 skips" in told
    assert "replay_projections" in told
    assert export() == before
    run("replay_projections", "--no-input")
    assert len(sums(rows)) == 2
    assert sums(run("replay_projections", "--list")) == sums(rows)


def test_the_header_and_the_end_say_what_the_file_is(export, log):
    first, *_, last = said(export())
    assert (first["kind"], first["format"], first["of"]) == ("log", 1, "all")
    assert (last["kind"], last["events"], last["commands"], last["skips"]) == ("end", 4, 2, 1)


def test_each_line_says_the_sum_of_itself_and_what_came_before(export, log):
    before = ""
    for line in export().splitlines():
        text, _, rest = line.rpartition(',"sum":"')
        before = hashlib.sha256(f"{before}{text}}}".encode()).hexdigest()[:16]
        assert rest == f'{before}"}}'


def test_one_stream_is_exported_alone(export, take, log):
    text = export("--stream", str(log.one))
    assert [one["version"] for one in said(text)[1:-1]] == [1, 2, 3]
    empty()
    take(text)
    assert Stream.objects.get().version == 3


def test_a_command_is_not_done_twice_after_the_move(export, take, send):
    command = uuid.uuid4()
    first = send(Add((1,)), command_id=command)
    text = export()
    empty()
    take(text)
    again = send(Add((1,)), command_id=command)
    assert again.replayed
    assert again.version == first.version
    assert Event.objects.count() == 1


def test_appends_go_on_after_the_last_position(export, take, log, send):
    text = export()
    last = Event.objects.latest("position").position
    empty()
    take(text)
    assert send(Add((1,)), stream_id=uuid.uuid4()).events[0].position > last


def test_a_fresh_sequence_is_moved_to_the_last_position(export, take, log, send):
    text = changed(export(), 4, position=900_000_000)
    empty()
    take(text)
    assert send(Add((1,)), stream_id=uuid.uuid4()).events[0].position == 900_000_001


def test_a_store_that_has_events_gives_new_positions_in_the_files_order(
    export, take, log, send, stream_id
):
    text = export()
    empty()
    mine = send(Add((3,))).events[0]
    told = take(text)
    assert "at new positions" in told
    came = Event.objects.exclude(stream=stream_id).order_by("position")
    assert all(event.position > mine.position for event in came)
    assert [(str(event.stream_id), event.version) for event in came] == [
        (one["stream_id"], one["version"]) for one in said(text) if one["kind"] == "event"
    ]
    assert Skip.objects.get().position == came[1].position


def test_read_rows_are_known_to_lack_what_was_imported(export, take, run, log):
    text = export()
    empty()
    take(text)
    assert not Sum.objects.exists()
    with pytest.raises(CommandError, match=r"W002|do not show"):
        run("check", "--database", "default", "--fail-level", "WARNING")
    run("replay_projections", "--no-input")
    assert Sum.objects.exists()


def test_reactors_take_no_notice_of_what_happened_elsewhere(export, take, run, log):
    heard = []
    bell().on(Counted)(heard.append)
    text = export()
    empty()
    take(text)
    run("run_projections", "--once")
    assert heard == []
    assert Checkpoint.objects.get(pk="bell").position == Event.objects.latest("position").position


def test_a_reactor_that_is_behind_has_to_catch_up_first(export, refused, run, log, send):
    text = export()
    empty()
    bell()
    checkpoints.ensure_checkpoints()
    send(Add((1,)))
    assert "run_projections --once" in refused(text)


def test_numbers_are_moved_as_they_are_stored(export, take, log):
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO eventstore_command"
            " (id, stream_id, fingerprint, before, after, refusal) VALUES"
            " (gen_random_uuid(), gen_random_uuid(), '', 0, 0,"
            '  \'{"code": "x", "params": {"n": 1.10, "m": 12345678901234567890.5}}\')'
        )
    text = export()
    assert '{"m": 12345678901234567890.5, "n": 1.10}' in text
    empty()
    take(text)
    assert export() == text


# --- The commands themselves ------------------------------------------------------------------


def test_a_file_has_its_name_once_it_is_complete(export, log, tmp_path, monkeypatch):
    file = tmp_path / "out.jsonl"
    export("--output", str(file))
    assert file.read_text() == export()
    with pytest.raises(CommandError, match="could not be written"):
        export("--output", str(tmp_path / "nowhere" / "out.jsonl"))
    assert list(tmp_path.iterdir()) == [file]


def test_the_import_reads_standard_input(export, run, log, monkeypatch):
    text = export()
    empty()
    monkeypatch.setattr(sys, "stdin", SimpleNamespace(buffer=io.BytesIO(text.encode())))
    assert "4 events" in run("import_events")


@pytest.mark.parametrize("stream", ["7", str(uuid.UUID(int=5))])
def test_a_stream_that_is_not_there_is_told(export, stream):
    with pytest.raises(CommandError, match="--stream: expected"):
        export("--stream", stream)


def test_a_file_that_is_not_there_is_told(run, tmp_path):
    with pytest.raises(CommandError, match="could not be read"):
        run("import_events", str(tmp_path / "none"))


# --- Refused: damaged files -------------------------------------------------------------------


class TestDamaged:
    @pytest.fixture
    def text(self, export, log):
        text = export()
        empty()
        return text

    @pytest.mark.parametrize(
        ("damage", "expected"),
        [
            (lambda lines: [], "line 1: expected the first line of an export, found an empty file"),
            (lambda lines: lines[1:], "line 1: expected the line that was exported here"),
            (lambda lines: lines[:-1], "line 9: expected more lines"),
            (lambda lines: lines[:3], "line 4: expected more lines"),
            (lambda lines: [*lines[:3], lines[3][:50]], "line 4: expected a whole line"),
            (lambda lines: [*lines[:2], *lines[3:]], "line 3: expected the line that was exported"),
            (lambda lines: [*lines[:3], *lines[2:]], "line 4: expected the line that was exported"),
            (
                lambda lines: [*lines[:2], lines[3], lines[2], *lines[4:]],
                "line 3: expected the lin",
            ),
            (
                lambda lines: [*lines[:2], "\n", *lines[2:]],
                "line 3: expected a JSON object, found an",
            ),
            (lambda lines: [*lines[:2], "not JSON\n", *lines[2:]], "line 3: expected JSON"),
            (lambda lines: [*lines[:2], "[1]\n", *lines[2:]], "line 3: expected a JSON object"),
            (lambda lines: [*lines[:2], "NaN\n", *lines[2:]], "line 3: expected JSON"),
            (lambda lines: [*lines[:2], "[" * 200_000 + "\n"], "line 3: expected JSON"),
            (lambda lines: [*lines, "{}\n"], "line 10: expected the end of the file"),
            (
                lambda lines: [line.replace('"by": 2', '"by": 3') for line in lines],
                "line 3: expecte",
            ),
            (
                lambda lines: [line.replace("\n", "\r\n") for line in lines],
                "line 1: expected the li",
            ),
            (
                lambda lines: ["\ufeff", *lines],
                "line 1: expected the first line of an export, found",
            ),
        ],
    )
    def test_it_is_refused_at_the_line(self, text, refused, damage, expected):
        lines = text.splitlines(keepends=True)
        assert len(lines) == 9
        assert expected in refused("".join(damage(lines)))

    def test_bytes_that_are_no_text_are_refused(self, text, refused):
        first, _, rest = text.encode().partition(b"\n")
        assert "line 2: expected UTF-8" in refused(first + b"\n\xff" + rest)

    def test_a_line_without_end_is_refused_before_it_is_read(self, text, refused, monkeypatch):
        monkeypatch.setattr("eventstore.moving.reading.LONGEST", 1000)
        first, _, rest = text.partition("\n")
        assert "line 2: expected at most 1,000 bytes" in refused(f"{first}\n{'x' * 5000}{rest}")

    def test_an_export_that_broke_off_is_refused(self, text, refused):
        objects = [*said(text)[:3], {"kind": "broken", "why": "The database failed."}]
        assert "line 4: expected a complete file" in refused(written(objects))


# --- Refused: files that say what cannot be ---------------------------------------------------


class TestImpossible:
    @pytest.fixture
    def text(self, export, log):
        text = export()
        empty()
        return text

    @pytest.mark.parametrize(
        ("at", "fields", "expected"),
        [
            (0, {"format": 2}, "line 1: expected format 1, found format 2"),
            (0, {"kind": "event"}, "line 1: expected the first line"),
            (2, {"kind": "other"}, "line 3: expected a line of the kind event or"),
            (2, {"kind": ["event"]}, "line 3: expected a line of the kind event or"),
            (2, {"more": 1}, "line 3: expected the fields kind, position"),
            (2, {"position": 0}, "line 3: expected position to be a whole number from 1"),
            (2, {"position": "2"}, "line 3: expected position to be a whole number"),
            (2, {"position": True}, "line 3: expected position to be a whole number"),
            (2, {"position": 2**63}, "line 3: expected position to be a whole number"),
            (2, {"version": 2.0}, "line 3: expected version to be a whole number"),
            (2, {"version": 3}, "to go on with version 2, found 3"),
            (2, {"version": 1}, "to go on with version 2, found 1"),
            (1, {"version": 2}, "line 2: expected stream"),
            (2, {"stream_id": 7}, "line 3: expected stream_id to be a UUID"),
            (2, {"category": ""}, "line 3: expected category to be text of 1 to 40"),
            (2, {"category": "x" * 41}, "line 3: expected category to be text of 1 to 40"),
            (2, {"category": "other"}, "to be of the category counter, found other"),
            (2, {"type": "Forgotten"}, "line 3: expected an event type that is registered"),
            (2, {"type": None}, "line 3: expected type to be text"),
            (2, {"schema_version": 2}, "line 3: expected Counted in schema version 1 to 1"),
            (2, {"data": {"by": "2"}}, "line 3: expected Counted"),
            (2, {"data": None}, "line 3: expected Counted"),
            (2, {"metadata": None}, "line 3: expected metadata with actor"),
            (2, {"metadata": {"who": 1}}, "line 3: expected metadata with actor"),
            (2, {"metadata": {"actor": "7"}}, "line 3: expected metadata.actor to be a user's id"),
            (2, {"metadata": {"actor": 2**70}}, "line 3: expected metadata.actor"),
            (2, {"metadata": {"source": None}}, "line 3: expected metadata.source to be text"),
            (2, {"metadata": {"source": "x" * 201}}, "line 3: expected metadata.source to be text"),
            (2, {"metadata": {"source": "a\0b"}}, "line 3: expected text that can be stored"),
            (2, {"metadata": {"a\ud800": "b"}}, "line 3: expected text that can be stored"),
            (2, {"command_id": "x"}, "line 3: expected command_id to be a UUID"),
            (2, {"recorded_at": "yesterday"}, "line 3: expected recorded_at to be a time"),
            (2, {"recorded_at": "2026-01-01T00:00:00"}, "line 3: expected recorded_at to be a"),
            (2, {"recorded_at": 7}, "line 3: expected recorded_at to be a time"),
            (5, {"fingerprint": "xy"}, "line 6: expected fingerprint to be bytes"),
            (5, {"before": -1}, "line 6: expected before to be a whole number"),
            (5, {"before": 9}, "line 6: expected after to be 9 or more"),
            (5, {"before": 0, "after": 9}, "to have come to version 9"),
            (5, {"refusal": {"why": 1}}, "line 6: expected refusal to be null"),
            (5, {"refusal": "no"}, "line 6: expected refusal to be null"),
            (7, {"position": 10**9}, "line 8: expected the position of an event of this file"),
            (7, {"skipped_by": ""}, "line 8: expected skipped_by to be text of 1 to 150"),
            (8, {"events": 5}, "line 9: expected 4 events, as many as came, found 5"),
        ],
    )
    def test_it_is_refused_at_the_line(self, text, refused, at, fields, expected):
        assert expected in refused(changed(text, at, **fields))

    def test_a_position_twice_is_refused(self, text, refused):
        first = said(text)[1]["position"]
        assert "line 4: expected each position once" in refused(changed(text, 3, position=first))

    def test_positions_that_go_back_within_a_stream_are_refused(self, text, refused):
        message = refused(changed(text, 2, position=10**15))
        assert "line 5" in message
        assert "to go on after position 1000000000000000" in message

    def test_a_command_twice_is_refused(self, text, refused):
        objects = said(text)
        same = written([*objects[:6], objects[5], *objects[6:-1], objects[-1] | {"commands": 3}])
        assert "line 7: expected each command once" in refused(same)

    def test_a_skip_twice_is_refused(self, text, refused):
        objects = said(text)
        same = written([*objects[:8], objects[7], objects[-1] | {"skips": 2}])
        assert "line 9: expected each skip once" in refused(same)

    def test_kinds_out_of_order_are_refused(self, text, refused):
        objects = said(text)
        mixed = written([*objects[:1], objects[5], *objects[1:5], *objects[6:]])
        assert "line 3: expected a line of the kind command or skip or end" in refused(mixed)

    def test_a_number_that_the_database_cannot_hold_is_refused(self, text, refused):
        sums, lines = Sums(), []
        for one in said(text):
            one.pop("sum")
            line = json.dumps(one)  # one of the commands was refused
            lines.append(sums.add(line.replace('"params": {', '"params": {"n": 1e999999, ')))
        assert "cannot store what the file says" in refused("".join(lines))


# --- Refused: stores that cannot take it ------------------------------------------------------


def test_a_stream_that_is_here_already_is_refused(export, refused, log):
    text = export()
    message = refused(text)
    assert "line 2: expected a stream that this store does not have, found stream" in message
    assert "here at version 3" in message


def test_a_command_that_is_here_already_is_refused(export, refused, send):
    command = uuid.uuid4()
    send(Add((1,)), command_id=command)
    text = export()
    empty()
    send(Add((1,)), command_id=command, stream_id=uuid.uuid4())
    assert "line 3: expected a command that this store does not have" in refused(text)


def test_two_imports_at_once_are_one_too_many(export, refused, log):
    text = export()
    empty()
    other, hold, held = [], threading.Event(), threading.Event()

    def importing():
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_lock(%s)", [IMPORTS])
            held.set()
            other.append(hold.wait(30))
        connection.close()

    thread = threading.Thread(target=importing)
    thread.start()
    held.wait(30)
    try:
        assert "found another one at work" in refused(text)
    finally:
        hold.set()
        thread.join()
    assert other == [True]


def test_it_waits_for_a_moment_without_appends_and_not_for_ever(export, refused, log, monkeypatch):
    text = export()
    empty()
    monkeypatch.setattr(imports, "PATIENCE", "50ms")
    hold, held = threading.Event(), threading.Event()

    def appending():
        with connection.cursor() as cursor:
            cursor.execute("BEGIN")
            cursor.execute("LOCK TABLE eventstore_event IN ROW EXCLUSIVE MODE")
            held.set()
            hold.wait(30)
        connection.close()

    thread = threading.Thread(target=appending)
    thread.start()
    held.wait(30)
    try:
        assert "Stop the shop first" in refused(text)
    finally:
        hold.set()
        thread.join()


def test_an_empty_log_is_moved_too(export, take):
    text = export()
    assert "0 events" in take(text)
    assert export() == text
    assert tables.Tally.objects.count() == 0
    call_command("check")

"""export_events and import_events: a store moved whole."""

import hashlib
import io
import sys
import uuid
from types import SimpleNamespace

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from eventstore import checkpoints
from eventstore.models import Checkpoint, Event, Skip, Stream
from tests.eventstore import tables
from tests.eventstore.counter import Add, Counted
from tests.eventstore.moving.conftest import bell, changed, empty, said, sums
from tests.eventstore.tables import Sum

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("engine"),
]


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


def test_an_empty_log_is_moved_too(export, take):
    text = export()
    assert "0 events" in take(text)
    assert export() == text
    assert tables.Tally.objects.count() == 0
    call_command("check")

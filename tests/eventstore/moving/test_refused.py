"""Files that import_events refuses whole, and says where and why."""

import json
import uuid
from contextlib import closing, contextmanager

import pytest
from django.core.management import CommandError
from django.db import connection

from eventstore.moving import imports
from eventstore.moving.imports import IMPORTS
from eventstore.moving.lines import Sums
from tests.eventstore.counter import Add
from tests.eventstore.moving.conftest import changed, empty, said, written

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("engine"),
]


@pytest.mark.parametrize("stream", ["7", str(uuid.UUID(int=5))])
def test_a_stream_that_is_not_there_is_told(export, stream):
    with pytest.raises(CommandError, match="--stream: expected"):
        export("--stream", stream)


def test_a_file_that_is_not_there_is_told(run, tmp_path):
    with pytest.raises(CommandError, match="could not be read"):
        run("import_events", str(tmp_path / "none"))


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


@contextmanager
def held_elsewhere(lock, params=None):
    """Another connection holds a lock for so long."""
    with closing(connection.copy()) as other:
        other.set_autocommit(False)
        with other.cursor() as cursor:
            cursor.execute(lock, params)
        yield


def test_two_imports_at_once_are_one_too_many(export, refused, log):
    text = export()
    empty()
    with held_elsewhere("SELECT pg_advisory_lock(%s)", [IMPORTS]):
        assert "found another one at work" in refused(text)


def test_it_waits_for_a_moment_without_appends_and_not_for_ever(export, refused, log, monkeypatch):
    text = export()
    empty()
    monkeypatch.setattr(imports, "PATIENCE", "50ms")
    with held_elsewhere("LOCK TABLE eventstore_event IN ROW EXCLUSIVE MODE"):
        assert "Stop the shop first" in refused(text)

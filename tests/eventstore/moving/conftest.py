"""A store's file: how it is made, changed and taken."""

import json
import re
import uuid
from types import SimpleNamespace

import pytest
from django.core.management import CommandError
from django.db import connection

from eventstore import checkpoints
from eventstore.models import Checkpoint, Command, Event, Skip, Stream
from eventstore.moving.lines import Sums
from eventstore.reactors import Reactor
from eventstore.reactors import reactors as registered
from tests.eventstore.counter import Add, Close


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

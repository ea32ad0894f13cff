import random
import uuid
from io import StringIO

import pytest
from django.core.management import call_command
from django.db import connection

from eventstore import aside, checkpoints, projections, reactors
from eventstore.codec import codec
from eventstore.decider import fingerprint, handle
from eventstore.models import Checkpoint
from eventstore.runner import Runner
from eventstore.store import Metadata
from tests.eventstore import counter, tables


@pytest.fixture(autouse=True, scope="session")
def _counter_events():
    codec.register([counter.Counted, counter.Closed])


@pytest.fixture
def stream_id():
    return uuid.uuid4()


@pytest.fixture
def send(stream_id):
    """Send a command to the counter `stream_id`; with a `command_id`, as an idempotent one."""

    def run(command, *, command_id=None, asked=None, stream_id=stream_id, seen=None):
        return handle(
            counter.COUNTER,
            stream_id,
            command,
            metadata=Metadata(actor=7, source="test", correlation_id="request-1"),
            command_id=command_id,
            fingerprint=fingerprint(repr(command) if asked is None else asked),
            seen=seen,
        )

    return run


@pytest.fixture
def engine(transactional_db):
    """The tables of tests.eventstore.tables, and only their projections registered: `tallies`
    asynchronous, `sums` inline."""
    kinds = (projections.inline, projections.asynchronous, reactors.reactors)
    others = [dict(kind) for kind in kinds]
    # Emptied in place: commands and receivers hold the same dictionaries.
    for kind in kinds:
        kind.clear()
    projections.register_asynchronous(tables.tallies())
    projections.register_inline(tables.sums())
    with connection.schema_editor() as editor:
        for model in (tables.Tally, tables.Sum):
            editor.create_model(model)
        editor.execute("CREATE INDEX tally_marks ON eventstore_tally (marks)")
    Checkpoint.objects.all().delete()
    checkpoints.ensure_checkpoints()
    yield
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE eventstore_tally, eventstore_sum")
        for schema in (aside.SHADOW, aside.PREVIOUS, aside.VERIFIED, aside.TWICE, aside.LEAVING):
            cursor.execute(f"DROP SCHEMA IF EXISTS {schema} CASCADE")
    for kind, before in zip(kinds, others, strict=True):
        kind.clear()
        kind.update(before)


@pytest.fixture
def run():
    """What a management command says."""

    def run(name, *args):
        out = StringIO()
        call_command(name, *args, stdout=out)
        return out.getvalue()

    return run


@pytest.fixture
def history(engine, send):
    """Forty streams, caught up with."""
    chance = random.Random(4)
    for _ in range(40):
        stream = uuid.uuid4()
        for _ in range(chance.randint(1, 4)):
            send(counter.Add(tuple(chance.choices(range(20), k=3))), stream_id=stream)
        if chance.random() < 0.3:
            send(counter.Close(), stream_id=stream)
    Runner().catch_up()

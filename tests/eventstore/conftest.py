import uuid

import pytest

from eventstore.codec import codec
from eventstore.decider import fingerprint, handle
from eventstore.store import Metadata
from tests.eventstore import counter


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

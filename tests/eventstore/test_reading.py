"""Reading whole streams for a replay gives the events that reading a stream gives."""

import dataclasses
import uuid

import pytest
from django.db import transaction

from eventstore.codec import UnreadableEvent
from eventstore.models import Event
from eventstore.reading import TOGETHER, read_streams
from eventstore.store import read_stream
from tests.eventstore.counter import Add, Close

pytestmark = pytest.mark.usefixtures("engine")

ATTRIBUTES = ("position", "stream_id", "version", "command_id", "recorded_at")


def read(types=("Counted", "Closed"), **kwargs):
    asked = {"after": None, "until": uuid.UUID(int=2**128 - 1), "upto": 2**62, "types": types}
    with transaction.atomic():
        return [one for _, events in read_streams(**asked | kwargs) for one in events]


def about(event):
    return [getattr(event, name) for name in ATTRIBUTES]


def assert_same_fields(stand_in, original):
    for field in dataclasses.fields(original):
        assert getattr(stand_in, field.name) == getattr(original, field.name)


def store(stream_id, version, **values):
    usual = {"type": "Counted", "schema_version": 1, "data": {"by": 1, "price": "1.10"}}
    Event.objects.create(stream_id=stream_id, version=version, **usual | {"metadata": {}} | values)


def test_events_have_all_that_recorded_ones_have(send, stream_id):
    send(Add((1, 2)), command_id=uuid.uuid4())
    send(Close())
    store(stream_id, 4, metadata={"actor": 7, "source": 'a "b"\\c\n', "causation_id": "Crème"})

    found, recorded = read(), list(read_stream(stream_id))

    assert [about(one) for one in found] == [about(one) for one in recorded]
    assert [one.type for one in found] == ["Counted", "Counted", "Closed", "Counted"]
    for one, other in zip(found, recorded, strict=True):
        assert_same_fields(one.event, other.event)
        assert_same_fields(one.metadata, other.metadata)


def test_streams_come_one_after_another_and_each_in_its_order(send):
    first, second = uuid.UUID(int=1), uuid.UUID(int=2)
    for stream in (second, first, second):
        send(Add((1,)), stream_id=stream)
    expected = [(first, 1), (second, 1), (second, 2)]
    assert [(one.stream_id, one.version) for one in read()] == expected
    assert [(one.stream_id, one.version) for one in read(after=first)] == expected[1:]
    assert [(one.stream_id, one.version) for one in read(until=first)] == expected[:1]
    assert len(read(types=["Closed"])) == 0


def test_a_long_stream_comes_in_parts_and_whole(send, stream_id):
    send(Add((1,) * (TOGETHER + 1)))
    with transaction.atomic():
        parts = [
            (stream, len(events))
            for stream, events in read_streams(
                after=None, until=stream_id, upto=2**62, types=["Counted"]
            )
        ]
    assert parts == [(stream_id, TOGETHER - 1), (stream_id, 2)]
    assert [one.version for one in read()] == list(range(1, TOGETHER + 2))


@pytest.mark.parametrize(
    ("stored", "said"),
    [
        ({"type": 'Va"nished@1'}, r"an event type that is registered .*, found Va\"nished@1"),
        ({"schema_version": 2}, "Counted in schema version 1 to 1, found 2"),
        ({"data": {"by": True, "price": "1"}}, r"Counted\.by to be int, found bool True"),
        ({"data": {"by": 1, "price": "x"}}, r"Counted\.price to be Decimal, found str 'x'"),
        ({"data": []}, "Counted to be object, found list"),
        ({"metadata": {"mood": "good"}}, "metadata with actor, .*, found 'mood'"),
    ],
    ids=["type", "schema version", "bool", "decimal", "no object", "metadata"],
)
def test_what_cannot_be_decoded_is_named(send, stream_id, stored, said):
    send(Add((1,)))
    store(stream_id, 2, **stored)
    with pytest.raises(UnreadableEvent, match=rf"stream {stream_id} version 2 .*{said}"):
        read()


def test_beside_one_that_nobody_wants_the_others_are_read(send, stream_id):
    send(Add((1,)))
    store(stream_id, 2, type="Vanished")
    store(stream_id, 3)
    assert [one.version for one in read(left_out=lambda position, type_: type_ == "Vanished")] == [
        1,
        3,
    ]

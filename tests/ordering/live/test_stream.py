"""What one open page is told, and how little is kept for it."""

import json
import uuid

from ordering.live import stream as module
from ordering.live.door import Visitor
from ordering.live.presence import Here
from ordering.live.stream import Stream
from tests.concurrency import in_a_loop

ALICE = Visitor("session", 1, 10, "")
ORDER, OTHER = uuid.uuid4(), uuid.uuid4()


def told(story, order_id=ORDER):
    """The events of a stream after `story(stream)`, as (name, data), without the first."""

    async def run():
        stream = Stream(ALICE, order_id)
        messages = stream.messages()
        await anext(messages)
        story(stream)
        return await anext(messages)

    return parse(in_a_loop(run()))


def parse(message):
    events = []
    for event in message.decode().split("\n\n")[:-1]:
        fields = dict(line.split(": ", 1) for line in event.split("\n"))
        assert fields["id"].isdecimal()
        events.append((fields["event"], json.loads(fields["data"])))
    return events


def test_it_begins_with_its_name():
    async def first():
        stream = Stream(ALICE, ORDER)
        return stream, await anext(stream.messages())

    stream, message = in_a_loop(first())
    assert parse(message) == [("open", {"stream": str(stream.id), "agent": 1})]


def test_of_several_versions_of_an_order_it_tells_the_newest():
    def story(stream):
        for order, version in ((ORDER, 4), (OTHER, 9), (ORDER, 6), (ORDER, 5)):
            stream.tick(order, version)

    assert told(story) == [
        ("version", {"order": str(ORDER), "version": 6}),
        ("version", {"order": str(OTHER), "version": 9}),
    ]


def test_a_reader_that_sleeps_through_very_much_is_told_to_look_again(monkeypatch):
    monkeypatch.setattr(module, "MOST_TICKS", 5)

    def story(stream):
        for _ in range(1_000):
            stream.tick(uuid.uuid4(), 1)
        assert len(stream._versions) <= 5

    assert told(story) == [("look-again", {})]


def test_after_that_it_tells_versions_again():
    async def run():
        stream = Stream(ALICE, ORDER)
        messages = stream.messages()
        await anext(messages)
        stream.look_again()
        await anext(messages)
        stream.tick(ORDER, 3)
        return await anext(messages)

    assert parse(in_a_loop(run())) == [("version", {"order": str(ORDER), "version": 3})]


def test_colleagues_are_told_and_oneself_is_not():
    bob = Here(2, "Bob", "B", ("line-FLR-25",))

    def story(stream):
        stream.present((Here(1, "Alice", "A", ()), bob))

    said = {"agent_id": 2, "name": "Bob", "initials": "B", "places": ["line-FLR-25"]}
    assert told(story) == [("presence", [said])]


def test_who_is_still_here_is_not_told_again():
    async def run():
        stream = Stream(ALICE, ORDER)
        messages = stream.messages()
        await anext(messages)
        here = (Here(2, "Bob", "B", ()),)
        stream.present(here)
        await anext(messages)
        stream.present(here)
        stream.tick(ORDER, 2)
        return await anext(messages)

    assert [name for name, _ in parse(in_a_loop(run()))] == ["version"]


def test_in_silence_it_says_that_it_still_stands(monkeypatch):
    monkeypatch.setattr(module, "BEAT", 0.001)
    assert told(lambda stream: None) == [("beat", {})]


def test_it_ends():
    async def run():
        stream = Stream(ALICE, ORDER)
        messages = stream.messages()
        await anext(messages)
        stream.end()
        return [message async for message in messages]

    assert in_a_loop(run()) == []

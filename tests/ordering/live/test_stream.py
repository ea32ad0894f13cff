"""What one open page is told, and how little is kept for it."""

import asyncio
import re
import time
import uuid

import pytest

from ordering.live import board as board_module
from ordering.live.board import Board
from ordering.live.door import Visitor
from ordering.live.presence import Here
from ordering.live.stream import BEAT, PATIENCE, Stream, come_back_in
from tests.concurrency import in_a_loop
from tests.ordering.live.conftest import LONGEST_WAIT, events_of

ALICE = Visitor("session", 1, 10, "")
ORDER, OTHER = uuid.uuid4(), uuid.uuid4()
BOB = Here(2, "Bob", "B", ())


@pytest.fixture
def board():
    return Board()


@pytest.fixture
def told(board):
    """The events that a stream tells after `story(stream)`, without the first one; `note` puts a
    version on the board."""

    def told(*stories):
        async def run():
            stream = Stream(ALICE, ORDER, board)
            messages = stream.messages()
            await anext(messages)
            heard = []
            for story in stories:
                waiting = asyncio.ensure_future(anext(messages))
                await asyncio.sleep(0)  # the reader has taken all, and waits
                story(stream)
                stream.wake()
                async with asyncio.timeout(LONGEST_WAIT):
                    heard.append(events_of((await waiting).decode()))
            return heard[-1]

        return in_a_loop(run())

    return told


@pytest.fixture
def note(board):
    return lambda order_id, version: board.note(order_id, version, time.time())


def test_it_begins_with_its_name(board):
    async def first():
        stream = Stream(ALICE, ORDER, board)
        return stream, await anext(stream.messages())

    stream, message = in_a_loop(first())
    assert events_of(message.decode()) == [("open", {"stream": str(stream.id), "agent": 1})]


def test_readers_come_back_at_different_times():
    said = {come_back_in() for _ in range(100)}
    assert all(re.fullmatch(rb"retry: [123]\d{3}\n", one) for one in said)
    assert len(said) > 10


def test_of_several_versions_of_an_order_it_tells_the_newest_once(told, note):
    def story(stream):
        for order, version in ((ORDER, 4), (OTHER, 9), (ORDER, 6)):
            note(order, version)

    assert told(story) == [
        ("version", {"order": str(OTHER), "version": 9}),
        ("version", {"order": str(ORDER), "version": 6}),
    ]


def test_it_tells_nothing_twice(told, note):
    assert told(lambda stream: note(ORDER, 4), lambda stream: note(OTHER, 9)) == [
        ("version", {"order": str(OTHER), "version": 9}),
    ]


def test_one_that_has_told_everything_is_not_behind(board, note):
    async def story():
        note(ORDER, 4)
        stream = Stream(ALICE, ORDER, board)
        before = stream.is_behind
        note(OTHER, 9)
        return before, stream.is_behind

    assert in_a_loop(story()) == (False, True)


def test_a_reader_that_sleeps_through_very_much_is_told_to_look_again(told, note, monkeypatch):
    monkeypatch.setattr(board_module, "MOST_ORDERS", 5)

    def story(stream):
        for _ in range(6):
            note(uuid.uuid4(), 1)

    assert told(story) == [("look-again", {})]


def test_after_that_it_tells_versions_again(told, note):
    note(OTHER, 9)
    assert told(Stream.look_again, lambda stream: note(ORDER, 3)) == [
        ("version", {"order": str(ORDER), "version": 3})
    ]


def test_colleagues_are_told_and_oneself_is_not(told):
    bob = BOB._replace(places=("line-FLR-25",))

    def story(stream):
        stream.present((Here(1, "Alice", "A", ()), bob))

    said = {"agent_id": 2, "name": "Bob", "initials": "B", "places": ["line-FLR-25"]}
    assert told(story) == [("presence", [said])]


def test_who_is_still_here_is_not_told_again(told, note):
    def again(stream):
        stream.present((BOB,))
        note(ORDER, 2)

    assert [name for name, _ in told(lambda stream: stream.present((BOB,)), again)] == ["version"]


def test_in_silence_it_says_that_it_still_stands(told):
    assert told(lambda stream: stream.pulse(time.monotonic() + BEAT)) == [("beat", {})]


def test_while_there_is_news_it_need_not(told, note):
    def story(stream):
        stream.pulse(time.monotonic() + BEAT)
        note(ORDER, 2)

    assert [name for name, _ in told(story)] == ["version"]


@pytest.mark.parametrize(("silence", "dropped"), [(PATIENCE - 1, False), (PATIENCE + 1, True)])
def test_a_reader_that_takes_nothing_is_dropped_after_a_while(silence, dropped, board):
    async def story():
        stream = Stream(ALICE, ORDER, board)
        drops = []
        stream.drop = lambda: drops.append(stream)
        messages = stream.messages()
        await anext(messages)  # and never comes for the next
        stream.pulse(time.monotonic() + silence)
        return bool(drops)

    assert in_a_loop(story()) is dropped


def test_it_ends(board):
    async def run():
        stream = Stream(ALICE, ORDER, board)
        messages = stream.messages()
        await anext(messages)
        stream.end()
        return [message async for message in messages]

    assert in_a_loop(run()) == []

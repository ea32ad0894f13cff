"""One open page's stream: what it has still to be told, and how that is written.

A page that reads slowly is told the newest version of each order once, not each version; when that
is too much, it is told to look at everything again. So a stream holds a bounded amount however long
its reader sleeps.
"""

import asyncio
import random
import time
from collections.abc import AsyncIterator, Callable
from uuid import UUID

from ordering.live.board import Board, written
from ordering.live.door import Visitor
from ordering.live.presence import Here
from ordering.live.seal import sealed_id

BEAT = 4.0  # seconds of silence after which the page hears that the stream still stands
AGAIN = 1000, 3000  # milliseconds
PATIENCE = 10.0  # seconds that a reader may take nothing while the stream's buffer is full


def come_back_in() -> bytes:
    """When a reader should open its stream again after a break, as a field of an event. Not all
    at once: a process that ends, ends the streams of all its readers in the same moment."""
    return b"retry: %d\n" % random.randint(*AGAIN)  # noqa: S311  (spreads readers, guards nothing)


class Stream:
    """`order_id`: the order whose page it is; None for a page of another kind. `board`: that of
    the visitor's customer. `drop` is called when the reader takes nothing any more."""

    def __init__(self, visitor: Visitor, order_id: UUID | None, board: Board) -> None:
        self.id = sealed_id(visitor.session_key)
        self.visitor, self.order_id = visitor, order_id
        self.watched = order_id  # whose changes it is told at once
        self.drop: Callable[[], None] = self.end
        self._board = board
        self._told = board.last
        self._colleagues: tuple[Here, ...] | None = None
        self._colleagues_told: tuple[Here, ...] | None = None
        self._look_again = False
        self._beat = False
        self._ended = False
        self._sending = False
        self._spoke_at = time.monotonic()
        self._news = asyncio.Event()

    @property
    def is_behind(self) -> bool:
        return self._told < self._board.last or self._look_again

    def tick(self, version: int) -> None:
        """The order that it watches is at a version now, which is on the board."""
        self.wake()

    def wake(self) -> None:
        """Tell what there is to tell."""
        self._news.set()

    def go_back_to(self, moment: float) -> None:
        """The page shows only what had happened then (seconds, Unix time)."""
        self._told = self._board.number_at(moment)
        if self.is_behind:
            self.wake()

    def look_again(self) -> None:
        """The page cannot know what it missed."""
        self._look_again = True
        self.wake()

    def present(self, everyone: tuple[Here, ...]) -> None:
        """Who is on the order's page."""
        others = tuple(here for here in everyone if here.agent_id != self.visitor.agent_id)
        self._colleagues = others
        if others != self._colleagues_told:
            self.wake()

    def pulse(self, now: float) -> None:
        """What time brings (seconds, monotonic). One look at all streams costs less than a timer
        for each message."""
        silent = now - self._spoke_at
        if self._sending:
            if silent >= PATIENCE:
                self.drop()
        elif silent >= BEAT:
            self._beat = True
            self.wake()

    def end(self) -> None:
        self._ended = True
        self.wake()

    async def messages(self) -> AsyncIterator[bytes]:
        """Server-sent events, until the stream is ended."""
        message = self._first()
        while not self._ended:
            if message:
                self._spoke_at, self._sending = time.monotonic(), True
                yield message
                self._sending = False
            await self._news.wait()
            self._news.clear()
            message = self._take()

    def _first(self) -> bytes:
        about = {"stream": str(self.id), "agent": self.visitor.agent_id}
        return come_back_in() + written("open", about)

    def _take(self) -> bytes:
        events = [] if self._look_again else self._board.after(self._told)
        if events is None or self._look_again:
            events = [written("look-again", self._board.placed())]
            self._look_again = False
        self._told = self._board.last
        if self._colleagues is not None and self._colleagues != self._colleagues_told:
            self._colleagues_told = self._colleagues
            events.append(written("presence", [here._asdict() for here in self._colleagues]))
        if self._beat and not events:
            events.append(self._sign_of_life())
        self._beat = False
        return b"".join(events)

    def _sign_of_life(self) -> bytes:
        return written("beat", {})

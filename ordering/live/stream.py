"""One open page's stream: what it has still to be told, and how that is written.

A page that reads slowly is told the newest version of each order once, not each version; when that
is too much to remember, it is told to look at everything again. So a stream holds a bounded amount
however long its reader sleeps.
"""

import asyncio
import json
import time
from collections.abc import AsyncIterator
from typing import Any
from uuid import UUID, uuid4

from ordering.live.door import Visitor
from ordering.live.presence import Here

BEAT = 4.0  # seconds of silence after which the page hears that the stream still stands
MOST_TICKS = 200  # orders whose versions are remembered for a reader


class Stream:
    """`order_id`: the order whose page it is; None for a page of another kind."""

    def __init__(self, visitor: Visitor, order_id: UUID | None = None) -> None:
        self.id = uuid4()
        self.visitor, self.order_id = visitor, order_id
        self._versions: dict[UUID, int] = {}
        self._colleagues: tuple[Here, ...] | None = None
        self._colleagues_told: tuple[Here, ...] | None = None
        self._look_again = False
        self._ended = False
        self._news = asyncio.Event()

    def tick(self, order_id: UUID, version: int) -> None:
        """An order of the customer is at a version now."""
        if len(self._versions) >= MOST_TICKS:
            self.look_again()
        if not self._look_again:
            self._versions[order_id] = max(version, self._versions.get(order_id, 0))
        self._news.set()

    def look_again(self) -> None:
        """The page cannot know what it missed."""
        self._versions.clear()
        self._look_again = True
        self._news.set()

    def present(self, everyone: tuple[Here, ...]) -> None:
        """Who is on the order's page."""
        others = tuple(here for here in everyone if here.agent_id != self.visitor.agent_id)
        self._colleagues = others
        if others != self._colleagues_told:
            self._news.set()

    def end(self) -> None:
        self._ended = True
        self._news.set()

    async def messages(self) -> AsyncIterator[bytes]:
        """Server-sent events, until the stream is ended; at least one in BEAT seconds."""
        yield _event("open", {"stream": str(self.id), "agent": self.visitor.agent_id})
        while not self._ended:
            try:
                async with asyncio.timeout(BEAT):
                    await self._news.wait()
            except TimeoutError:
                yield _event("beat", {})
                continue
            self._news.clear()
            if told := b"".join(self._take()):
                yield told

    def _take(self) -> list[bytes]:
        events = [
            _event("version", {"order": str(order_id), "version": version})
            for order_id, version in self._versions.items()
        ]
        self._versions = {}
        if self._look_again:
            self._look_again = False
            events.append(_event("look-again", {}))
        if self._colleagues is not None and self._colleagues != self._colleagues_told:
            self._colleagues_told = self._colleagues
            events.append(_event("presence", [here._asdict() for here in self._colleagues]))
        return events


def _event(name: str, data: Any) -> bytes:
    # The id is where to go on from after a break: the reader has heard of all that came before.
    text = json.dumps(data, separators=(",", ":"))
    return f"id: {int(time.time() * 1000)}\nevent: {name}\ndata: {text}\n\n".encode()

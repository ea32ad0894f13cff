"""Open pages as browsers hold them, in a process of their own: a stream each, and a sign of life
every four seconds.

What a page hears is only kept with the time, and understood when all is over: the pages share the
machine with the shop that they measure.
"""

import asyncio
import itertools
import multiprocessing
import re
import time
from collections import defaultdict
from collections.abc import Sequence
from typing import Any, NamedTuple
from urllib.parse import urlsplit
from uuid import UUID

import uvloop

from benchmarks.changes import Change

SIGN = 4.0  # seconds, as in static/live.js
SIGNING = 50  # connections that the signs of all pages go through
AT_ONCE = 20  # pages that are opening
LATEST = 15.0  # seconds after which a tick counts as lost

STREAM = re.compile(rb'"stream":"([0-9a-f-]{36})"')
VERSION = re.compile(rb'"order":"([0-9a-f-]{36})","version":(\d+)')


class Place(NamedTuple):
    """An agent's page of an order. `cookie` is the header's value."""

    order_id: UUID
    cookie: str


class Told(NamedTuple):
    """Seconds from a commit to each page that shows the order, and to each that shows another."""

    own: list[float]
    elsewhere: list[float]


class Crowd:
    def __init__(self, address: str, places: Sequence[Place]) -> None:
        spawn = multiprocessing.get_context("spawn")
        self._pipe, theirs = spawn.Pipe()
        self._process = spawn.Process(target=_be, args=(address, places, theirs), daemon=True)
        self._process.start()
        self._pipe.recv()

    @property
    def pid(self) -> int:
        return self._process.pid

    def told(self, changes: list[Change]) -> Told:
        """What of these all of them heard. Raises RuntimeError when one missed a change."""
        self._pipe.send(changes)
        told = self._pipe.recv()
        if isinstance(told, str):
            raise RuntimeError(told)
        return told

    def close(self) -> None:
        self._pipe.send(None)
        self._process.join()


class Page(asyncio.Protocol):
    def __init__(self, place: Place, host: str, open_: asyncio.Future) -> None:
        self.place, self.host, self.open, self.name = place, host, open_, b""
        self.heard: list[tuple[float, bytes]] = []

    def connection_made(self, transport: Any) -> None:
        path = f"/orders/{self.place.order_id}/live/?since={time.time() * 1000:.0f}"
        head = f"GET {path} HTTP/1.1\r\nHost: {self.host}\r\nCookie: {self.place.cookie}\r\n\r\n"
        transport.write(head.encode())

    def data_received(self, data: bytes) -> None:
        self.heard.append((time.monotonic(), data))
        if not self.open.done() and (found := STREAM.search(data)):
            self.name = found[1]
            self.open.set_result(None)

    def connection_lost(self, error: Exception | None) -> None:
        if not self.open.done():
            said = self.heard[-1][1][:200] if self.heard else error
            self.open.set_exception(RuntimeError(f"expected a stream, found {said!r}"))
        self.heard.append((time.monotonic(), b"(lost)"))

    def arrivals(self) -> dict[UUID, list[tuple[int, float]]]:
        """Of each order: the versions heard of, and when; then forgets them."""
        found = defaultdict(list)
        for at, data in self.heard:
            for order_id, version in VERSION.findall(data):
                found[UUID(order_id.decode())].append((int(version), at))
        self.heard.clear()
        return found


def _be(address: str, places: Sequence[Place], pipe: Any) -> None:
    uvloop.run(_hold(urlsplit(address), places, pipe))


async def _hold(address: Any, places: Sequence[Place], pipe: Any) -> None:
    loop = asyncio.get_running_loop()
    turns = asyncio.Semaphore(AT_ONCE)

    async def opened(place: Place) -> Page:
        async with turns:
            page = Page(place, address.netloc, loop.create_future())
            await loop.create_connection(lambda: page, address.hostname, address.port)
            await page.open
            return page

    pages = await asyncio.gather(*map(opened, places))
    signing = loop.create_task(_sign(pages, address))
    pipe.send("open")
    while changes := await loop.run_in_executor(None, pipe.recv):
        pipe.send(await _told(pages, changes))
    signing.cancel()


async def _sign(pages: Sequence[Page], address: Any) -> None:
    loop = asyncio.get_running_loop()
    ways = [
        (await loop.create_connection(asyncio.Protocol, address.hostname, address.port))[0]
        for _ in range(SIGNING)
    ]
    for page, way in zip(itertools.cycle(pages), itertools.cycle(ways)):
        head = f"POST /live/{page.name.decode()}/ HTTP/1.1\r\nHost: {address.netloc}\r\n"
        head += f"Cookie: {page.place.cookie}\r\n"  # only its session may sign for a stream
        way.write(f"{head}Content-Length: 6\r\n\r\nplace=".encode())
        await asyncio.sleep(SIGN / len(pages))


async def _told(pages: Sequence[Page], changes: list[Change]) -> Told | str:
    """What is missing, in words, when a page has not heard of every change in time."""
    heard = {page: defaultdict(list) for page in pages}
    while True:
        own, elsewhere, missing = [], [], 0
        for page, versions in heard.items():
            for order_id, told in page.arrivals().items():
                versions[order_id] += told
            for order_id, version, at in changes:
                # A later version of the order tells of the earlier ones too.
                told = next((when for what, when in versions[order_id] if what >= version), None)
                if told is None:
                    missing += 1
                else:
                    (own if order_id == page.place.order_id else elsewhere).append(told - at)
        if not missing:
            return Told(own, elsewhere)
        if time.monotonic() > changes[-1].at + LATEST:
            return f"expected {len(pages) * len(changes)} ticks, found {missing} missing"
        await asyncio.sleep(1.0)

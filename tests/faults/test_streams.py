"""Thousands of open pages, of which many read slowly, and many not at all."""

import asyncio
import socket
import time
from collections import Counter

import psutil
import pytest

from tests.concurrency import in_a_loop
from tests.faults.client import Program
from tests.faults.server import Web
from tests.shop.processes import LONGEST_WAIT
from tests.shop.web import Browser

AT_ONCE = 50  # that are being opened
LARGEST = 40 * 1024  # bytes a stream, as tests.shop.test_many_streams has it
SIP, REST = 16, 0.2  # bytes that a slow reader takes, and the seconds after that


async def opened(port, path, cookies, *, room=None):
    """A stream's reader and writer. `room`: the bytes that its side keeps unread; None: as many as
    the system likes."""
    plug = socket.socket()
    if room is not None:
        plug.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, room)
    plug.setblocking(False)
    await asyncio.get_running_loop().sock_connect(plug, ("127.0.0.1", port))
    reader, writer = await asyncio.open_connection(sock=plug)
    since = int(time.time() * 1000)
    head = f"GET {path}?since={since} HTTP/1.1", "Host: 127.0.0.1", f"Cookie: {cookies}", "", ""
    writer.write("\r\n".join(head).encode())
    await reader.readuntil(b"event: open")
    return reader, writer


async def sips(reader) -> int:
    """Take a little at a time; how many bytes in all."""
    taken = 0
    while data := await reader.read(SIP):
        taken += len(data)
        await asyncio.sleep(REST)
    return taken


def test_silent_and_slow_readers_cost_little_memory_and_hold_nobody_up(
    server, store, many_files, form, figure
):
    streams, burst = form.of(full=5_000, short=120), form.of(full=300, short=30)
    silent = slow = streams // 10
    if many_files < 2 * streams:
        pytest.fail(f"expected at least {2 * streams} open files to be allowed, found {many_files}")
    with Web(server.folder, server.url, name="crowd") as web:
        program = Program(web.port, store.token("bob"))
        order, [sku] = program.opens(), store.skus(1)
        alice = Browser(web.port)
        alice.logs_in("alice")
        cookies = "; ".join(f"{cookie.name}={cookie.value}" for cookie in alice.cookies)
        process, page = psutil.Process(web.process.pid), f"/orders/{order}/live/"

        def orders() -> float:
            """Change the order again and again, and look at it; the longest wait in seconds."""
            body = {"sku": sku, "quantity": 1}
            for _ in range(burst):
                assert program.asks("POST", f"orders/{order}/items", body)[0] == 200
                assert program.asks("GET", f"orders/{order}")[0] == 200
            return program.longest

        async def story():
            limit = asyncio.Semaphore(AT_ONCE)

            async def one(path, room=None):
                async with limit:
                    return await opened(web.port, path, cookies, room=room)

            # The first ones bring what every process needs once.
            warm = [await one(page) for _ in range(5)]
            before = process.memory_info().rss
            quick = await asyncio.gather(*(one("/live/") for _ in range(streams - silent - slow)))
            mute = await asyncio.gather(*(one(page, 1) for _ in range(silent)))
            for _, writer in mute:
                writer.transport.pause_reading()
            slowly = await asyncio.gather(*(one(page) for _ in range(slow)))
            opening = (process.memory_info().rss - before) / streams
            sipping = [asyncio.create_task(sips(reader)) for reader, _ in slowly]
            longest = await asyncio.to_thread(orders)
            heard = [reader.readuntil(b"event: version") for reader, _ in quick]
            await asyncio.wait_for(asyncio.gather(*heard), LONGEST_WAIT)
            after = (process.memory_info().rss - before) / streams
            alive = sum(not task.done() for task in sipping)
            for task in sipping:
                task.cancel()
            for _, writer in (*warm, *quick, *mute, *slowly):
                writer.close()
            return longest, opening, after, alive

        longest, opening, after, alive = in_a_loop(story())
        assert set(Counter(program.statuses)) == {200, 201}
        assert alive == slow, "expected slow readers to be kept, found some cut off"
        assert "Traceback" not in web.output
    figure(
        "slow and silent readers",
        streams=streams,
        silent=silent,
        slow=slow,
        changes=burst,
        memory_a_stream=f"{opening / 1024:.1f} KiB, after the changes {after / 1024:.1f} KiB",
        longest_answer=f"{longest * 1000:.0f} ms",
    )
    # A few streams share what a page worker takes for its first pages.
    assert after < form.of(LARGEST, 10 * LARGEST)

"""More than a thousand open pages on one process; STREAMS=2000 opens two thousand."""

import asyncio
import os
import resource
import signal
import time

import psutil
import pytest

from shop.embedded import cluster
from tests.concurrency import in_a_loop
from tests.shop.processes import LONGEST_WAIT, demo
from tests.shop.web import Browser

# Beyond 1,024, where soft limits of a process and of servers are.
STREAMS = int(os.environ.get("STREAMS", "1100"))
AT_ONCE = 50
LARGEST = 40 * 1024  # bytes a stream; about 20 were measured


@pytest.fixture
def _enough_descriptors():
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard < 2 * STREAMS:
        pytest.fail(f"expected at least {2 * STREAMS} open files to be allowed, found {hard}")
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    yield
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


def database_connections(clone) -> int:
    with cluster.connect(clone / ".data/postgres") as connection:
        [count] = connection.execute(
            "SELECT count(*) FROM pg_stat_activity"
            " WHERE datname = 'tandem' AND backend_type = 'client backend'"
        ).fetchone()
    return count


@pytest.mark.usefixtures("_enough_descriptors")
def test_so_many_pages_hold_no_connection_and_little_memory_and_all_hear(clone):
    with demo(clone, port=0) as shop:
        port = shop.is_open()
        alice, bob = Browser(port), Browser(port)
        for name, browser in (("alice", alice), ("bob", bob)):
            browser.logs_in(name)
        cookies = "; ".join(f"{cookie.name}={cookie.value}" for cookie in alice.cookies)
        process = psutil.Process(shop.process.pid)

        async def open_one(limit):
            async with limit:
                reader, writer = await asyncio.open_connection("127.0.0.1", port)
                since = int(time.time() * 1000)
                writer.write(
                    f"GET /live/?since={since} HTTP/1.1\r\nHost: 127.0.0.1\r\n"
                    f"Cookie: {cookies}\r\n\r\n".encode()
                )
                await reader.readuntil(b"event: open")
                return reader, writer

        async def story():
            limit = asyncio.Semaphore(AT_ONCE)
            # The first ones bring what every process needs once.
            warm = [await open_one(limit) for _ in range(5)]
            before = process.memory_info().rss
            streams = await asyncio.gather(*(open_one(limit) for _ in range(STREAMS)))
            memory = (process.memory_info().rss - before) / STREAMS
            connections = await asyncio.to_thread(database_connections, clone)
            status, _, page = await asyncio.to_thread(bob.opens, "/orders/")
            assert status == 200
            status, _, _ = await asyncio.to_thread(bob.sends_the_form_of, page, "/orders/")
            assert status == 303
            heard = [reader.readuntil(b"event: version") for reader, _ in streams]
            await asyncio.wait_for(asyncio.gather(*heard), LONGEST_WAIT)
            for _, writer in [*warm, *streams]:
                writer.close()
            return memory, connections

        memory, connections = in_a_loop(story())
        said = f"{STREAMS} streams: {memory / 1024:.1f} KiB each, {connections} connections"
        print(said)  # noqa: T201  (pytest -s shows the figure)
        assert memory < LARGEST
        # Pages in eight threads, two doors, and the hub.
        assert connections <= 8 + 2 + 1
        assert shop.signalled(signal.SIGINT) == 0
        assert "Traceback" not in shop.output

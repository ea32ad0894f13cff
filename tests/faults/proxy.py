"""A network between the shop and its database that can be made to fail: a TCP proxy."""

import asyncio
import socket
import struct
import threading
from dataclasses import dataclass, field

CHUNK = 64 * 1024
NEVER = float("inf")
# Closing a socket that lingers for no time resets its connection.
AT_ONCE = struct.pack("ii", 1, 0)


@dataclass
class Fault:
    """What happens to the connection on which, from now on, so many bytes have passed.

    `kind`: "drop" resets it. "cut" closes it as if the other side had, both ways. "swallow" lets
    nothing more through, and resets it `seconds` later, as a firewall does that has forgotten it.
    "delay" lets the piece wait `seconds`, "slow" every piece until the
    fault is taken away.
    """

    kind: str
    after: int = 0
    seconds: float = 0.0
    happened: threading.Event = field(default_factory=threading.Event)


class Proxy:
    """Listens on loopback, on `port`, and passes bytes on to the socket at `path`."""

    def __init__(self, path: str, host: str = "127.0.0.1"):
        self.path, self.host = path, host
        self.fault: Fault | None = None
        self.opened = 0
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever)
        self._pairs: set[tuple[asyncio.StreamWriter, asyncio.StreamWriter]] = set()

    def __enter__(self):
        self._thread.start()
        self._server = self._do(asyncio.start_server(self._serve, self.host, 0))
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    def __exit__(self, *_):
        self._do(self._close())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def _do(self, coroutine):
        return asyncio.run_coroutine_threadsafe(coroutine, self._loop).result()

    def arm(self, fault: Fault | None):
        self.fault = fault

    def drops_all(self):
        """Reset every connection that is open."""
        self._do(self._drop_all())

    async def _drop_all(self):
        for pair in list(self._pairs):
            _reset(*pair)

    async def _close(self):
        self._server.close()
        await self._drop_all()
        await self._server.wait_closed()
        tasks = asyncio.all_tasks() - {asyncio.current_task()}
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _serve(self, reader, writer):
        self.opened += 1
        try:
            behind, onward = await asyncio.open_unix_connection(self.path)
        except OSError:  # the database is away
            _reset(writer)
            return
        pair = writer, onward
        self._pairs.add(pair)
        ways = (self._pass(reader, onward, pair), self._pass(behind, writer, pair))
        try:
            await asyncio.gather(*ways)
        finally:
            self._pairs.discard(pair)
            for one in pair:
                one.close()

    async def _pass(self, reader, writer, pair):
        try:
            while data := await reader.read(CHUNK):
                fault = self.fault
                if fault is not None:
                    data = await self._suffer(fault, data, writer, pair)
                    if data is None:
                        return
                writer.write(data)
                await writer.drain()
        except OSError:
            pass
        finally:
            writer.close()  # one side that ends is passed on to the other

    async def _suffer(self, fault, data, writer, pair):
        """What of the data still passes; None when nothing ever will."""
        if fault.kind == "slow":
            fault.happened.set()
            await asyncio.sleep(fault.seconds)
            return data
        if len(data) <= fault.after:
            fault.after -= len(data)
            return data
        if self.fault is not fault:
            return data
        self.fault = None  # it has found its connection
        fault.happened.set()
        if fault.kind == "delay":
            await asyncio.sleep(fault.seconds)
            return data
        writer.write(data[: fault.after])
        await writer.drain()
        match fault.kind:
            case "drop":
                _reset(*pair)
            case "cut":
                for one in pair:
                    one.close()
            case "swallow":
                await asyncio.sleep(fault.seconds)
                _reset(*pair)
        return None


def _reset(*writers: asyncio.StreamWriter):
    for writer in writers:
        plug = writer.get_extra_info("socket")
        # Closed already, it has no number.
        if plug is not None and plug.fileno() >= 0 and plug.family != socket.AF_UNIX:
            plug.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, AT_ONCE)
        writer.transport.abort()

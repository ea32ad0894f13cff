"""The pages' WSGI application, run by the event loop in a pool of threads.

a2wsgi crosses between thread and loop for the body, for the head of the answer and for each piece
of it, and each time both wait for one another. Here a request crosses once on its way in and once
on its way out; only what is long, or of a length that nobody knows yet, goes piece by piece.
"""

import asyncio
import io
from contextvars import copy_context

from a2wsgi import WSGIMiddleware
from a2wsgi.wsgi import WSGIResponder, build_environ
from django.core.exceptions import RequestDataTooBig

# Bytes. No form is longer, and no longer body is read.
LONGEST_BODY = 512 * 1024
# Of an answer that is handed over in one piece; no page and no static file is longer. Whoever reads
# one slowly occupies no thread meanwhile.
AT_ONCE = 4 * 1024 * 1024


class Pages(WSGIMiddleware):
    """What does not begin to answer `within` so many seconds is answered by the WSGI application
    `instead`, in a thread of the loop's own."""

    def __init__(self, app, workers=8, *, within=None, instead=None):
        super().__init__(app, workers)
        self.within, self.instead = within, instead

    async def __call__(self, scope, receive, send):
        # A body that comes slowly occupies no thread while it does; one that is too long is not
        # waited for at all. Of one without a length Django reads nothing.
        body = None
        if _announced(scope["headers"]) <= LONGEST_BODY:
            body = await _read(receive)
            if body is None:
                return
        scope = {**scope, "headers": _unambiguous(scope["headers"])}
        page = Responder(self.app, self.executor, self.send_queue_size)
        if not await page.answers(scope, body, send, within=self.within):
            late = Responder(self.instead, None, self.send_queue_size)
            await late.answers(scope, body, send)


class Responder(WSGIResponder):
    """One request. `_held`: messages of its answer that have not left the thread yet. `limit`: for
    how long it is waited for them."""

    async def answers(self, scope, body: bytes | None, send, *, within=None) -> bool:
        """Whether it began to `within` so many seconds. What waits for a thread until then is never
        done; what has one goes on in it, and nobody hears of it."""
        self._send, self._held = send, []
        environ = build_environ(scope, TooLong() if body is None else io.BytesIO(body))
        run = copy_context().run  # what one page activates, the next one does not find
        try:
            async with asyncio.timeout(within) as self.limit:
                await self.loop.run_in_executor(
                    self.executor, run, self.wsgi, environ, self.start_response
                )
        except TimeoutError:
            if self.limit.expired():
                return False
            raise
        for message in _joined(self._held):
            await send(message)
        return True

    def send(self, message):
        """Called in the thread."""
        self._held.append(message)
        start = self._held[0]
        if start["type"] != "http.response.start" or _announced(start["headers"]) > AT_ONCE:
            held, self._held = self._held, []
            for one in held:
                asyncio.run_coroutine_threadsafe(self._leaves(one), self.loop).result()

    async def _leaves(self, message):
        if self.limit.expired():
            raise ConnectionAbortedError("another answer was given meanwhile")
        self.limit.reschedule(None)
        await self._send(message)


class TooLong(io.RawIOBase):
    """A body that nobody reads. A form of several parts is read before any view is asked, as slowly
    as it is sent: a handful of those would occupy all threads."""

    def read(self, size=-1):
        raise RequestDataTooBig(f"Expected a body of at most {LONGEST_BODY} bytes, found more.")

    readline = read


def _unambiguous(headers: list[tuple[bytes, bytes]]) -> list[tuple[bytes, bytes]]:
    """Without those that WSGI would take for others: X_Forwarded_For becomes the same name there as
    X-Forwarded-For, which a proxy of ours writes, while it lets the other one pass."""
    return [(name, value) for name, value in headers if b"_" not in name]


def _announced(headers: list[tuple[bytes, bytes]]) -> float:
    """Bytes, by the header Content-Length; without one, more than any number."""
    for name, value in headers:
        if name == b"content-length":
            return int(value) if value.isdigit() else float("inf")
    return float("inf")


async def _read(receive) -> bytes | None:
    """The whole body; None when the client is gone before it has come."""
    read, more = io.BytesIO(), True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            return None
        read.write(message.get("body", b""))
        more = message.get("more_body", False)
    return read.getvalue()


def _joined(held: list[dict]) -> list[dict]:
    if len(held) < 2:
        return held
    start, *pieces = held
    return [start, pieces[-1] | {"body": b"".join(piece["body"] for piece in pieces)}]

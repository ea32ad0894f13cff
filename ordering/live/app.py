"""The streams as an ASGI application.

    GET  /live/                  changes of all orders of the agent's customer
    GET  /orders/<id>/live/      the same, and who is on that order's page
    POST /live/<stream>/         that page is still there; `place`: what it has the cursor in.
                                 Only for the session that opened the stream (see seal.py)
    GET  /api/v1/orders/<id>/live  the versions of one order, for programs

A stream is authorised in a thread when it is opened, and holds neither thread nor database
connection after that. `since`, or the header Last-Event-ID, says how fresh the page is: a Unix time
in milliseconds, such as the id of each event.
"""

import asyncio
import contextlib
import logging
import re
import signal
import threading
from concurrent.futures import ThreadPoolExecutor
from http import HTTPStatus
from typing import Any
from urllib.parse import parse_qs
from uuid import UUID

from django.conf import settings
from django.db import Error

from eventstore.away import may_be_away
from ordering.api.problems import Problem, https_required
from ordering.denials import note
from ordering.live import guard
from ordering.live.door import TurnedAway, admit, session_key_in
from ordering.live.hub import Hub
from ordering.live.presence import PLACE
from ordering.live.program import ProgramStream, admit_program, version_heard
from ordering.live.seal import is_sealed
from ordering.live.stream import Stream

logger = logging.getLogger(__name__)

UUID_PATH = "[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"
STREAM = re.compile(rf"/live/|/orders/({UUID_PATH})/live/")
SIGN = re.compile(rf"/live/({UUID_PATH})/")
PROGRAM = re.compile(rf"/api/v1/orders/({UUID_PATH})/live")
DOORS = 2  # threads that authorise
PATIENCE = 10.0  # seconds that a body may stay unsent
LONGEST_SIGN = 200  # bytes
TRY_AGAIN_AFTER = b"2"  # seconds
WAIT_OF_STRANGERS = b"60"  # seconds
# Of what is answered: what the log calls it.
DENIALS = {401: "bad-token", 403: "forbidden", 404: "not-theirs", 429: "too-many"}

PLAIN = (b"content-type", b"text/plain; charset=utf-8")
AWAY = "The database is away. Try again in a moment, with Last-Event-ID."
NO_STORE = (b"cache-control", b"no-store")
STREAMING = [
    (b"content-type", b"text/event-stream; charset=utf-8"),
    # no-transform: a proxy that compressed it would hold it back.
    (b"cache-control", b"no-store, no-transform"),
    (b"x-accel-buffering", b"no"),
]


class LiveApp:
    def __init__(self) -> None:
        self.hub = Hub()
        self._doors = ThreadPoolExecutor(DOORS, thread_name_prefix="live-door")

    @staticmethod
    def serves(path: str) -> bool:
        return any(pattern.fullmatch(path) for pattern in (STREAM, SIGN, PROGRAM))

    async def __call__(self, scope: dict, receive: Any, send: Any) -> None:
        self.hub.start()
        send = Hardened(scope, send)
        if not guard.is_for_us(scope):
            await _answer(send, 400, text="Expected the header Host with a host of this shop.")
            return
        if sign := SIGN.fullmatch(scope["path"]):
            await self._sign_of_life(UUID(sign[1]), scope, receive, send)
        elif watched := PROGRAM.fullmatch(scope["path"]):
            await self._program(UUID(watched[1]), scope, receive, send)
        else:
            asked = STREAM.fullmatch(scope["path"])
            await self._stream(asked[1] and UUID(asked[1]), scope, receive, send)

    async def lifespan(self, scope: dict, receive: Any, send: Any) -> None:
        await receive()
        self.hub = Hub()
        self.hub.start()
        self._end_streams_on_signals()
        await send({"type": "lifespan.startup.complete"})
        await receive()
        await self.hub.stop()
        await send({"type": "lifespan.shutdown.complete"})

    # --- Streams -----------------------------------------------------------------------------

    async def _stream(self, order_id: UUID | None, scope: dict, receive: Any, send: Any) -> None:
        if scope["method"] != "GET":
            await _answer(send, 405, (b"allow", b"GET"))
            return
        headers = guard.headers_of(scope)
        loop = asyncio.get_running_loop()
        try:
            if guard.came_too_often(scope):
                raise TurnedAway(429)
            cookies = _cookies(headers)
            visitor = await loop.run_in_executor(self._doors, admit, cookies, order_id)
        except TurnedAway as away:
            _note_denial(scope, away.status, away.agent_id)
            wait = [(b"retry-after", WAIT_OF_STRANGERS)] if away.status == 429 else []
            await _answer(send, away.status, *wait)
            return
        except Error as error:
            if not may_be_away(error):
                raise
            await _answer(send, 503, (b"retry-after", TRY_AGAIN_AFTER))
            return
        stream = self.hub.open(visitor, order_id, _since(scope, headers))
        await self._until_left(stream, receive, send)

    async def _program(self, order_id: UUID, scope: dict, receive: Any, send: Any) -> None:
        headers = guard.headers_of(scope)
        authorization = headers.get(b"authorization", b"").decode("latin-1")
        cookies = _cookies(headers)
        loop = asyncio.get_running_loop()
        try:
            if settings.SECURE_SSL_REDIRECT and not guard.is_secure(scope):
                raise https_required()
            if guard.came_too_often(scope):
                wait = {"Retry-After": WAIT_OF_STRANGERS.decode()}
                raise Problem(429, "Expected a good token or a session.", headers=wait)
            if scope["method"] != "GET":
                raise Problem(405, "Expected GET.", headers={"Allow": "GET"})
            visitor, version = await loop.run_in_executor(
                self._doors, admit_program, authorization, cookies, order_id
            )
        except Problem as problem:
            _note_denial(scope, problem.status, problem.agent_id)
            await _answer_problem(send, problem)
            return
        except Error as error:
            if not may_be_away(error):
                raise
            away = Problem(503, AWAY, headers={"Retry-After": TRY_AGAIN_AFTER.decode()})
            await _answer_problem(send, away)
            return
        stream = ProgramStream(visitor, order_id, version, version_heard(headers))
        self.hub.open_program(stream)
        await self._until_left(stream, receive, send)

    async def _until_left(self, stream: Stream, receive: Any, send: Any) -> None:
        leaving = asyncio.create_task(_until_gone(receive, stream))
        try:
            async with asyncio.timeout(None) as patience:
                stream.drop = lambda: patience.expired() or patience.reschedule(0)
                await self._tell(stream, send)
        except TimeoutError:
            logger.info("Stream %s dropped: its reader takes nothing", stream.id)
            _abort(send)
        finally:
            leaving.cancel()
            self.hub.leave(stream)

    async def _tell(self, stream: Stream, send: Any) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": STREAMING})
        async for message in stream.messages():
            await send({"type": "http.response.body", "body": message, "more_body": True})
        await send({"type": "http.response.body", "body": b"", "more_body": False})

    # --- Signs of life -----------------------------------------------------------------------

    async def _sign_of_life(self, stream_id: UUID, scope: dict, receive: Any, send: Any) -> None:
        """The session is not looked up: who holds its key and its stream's id was let in."""
        if scope["method"] != "POST":
            await _answer(send, 405, (b"allow", b"POST"))
            return
        if not is_sealed(stream_id, session_key_in(_cookies(guard.headers_of(scope)))):
            await _answer(send, 404)
            return
        if guard.signs_too_often(stream_id):
            await _answer(send, 429)
            return
        body, more = b"", True
        try:
            async with asyncio.timeout(PATIENCE):
                while more and len(body) <= LONGEST_SIGN:
                    message = await receive()
                    body += message.get("body", b"")
                    more = message.get("more_body", False)
        except TimeoutError:
            await _answer(send, 408)
            return
        place = body.decode("latin-1").removeprefix("place=")
        if len(body) > LONGEST_SIGN or not PLACE.fullmatch(place):
            expected = f"Expected place=, up to 40 of A-Z a-z 0-9 _ . -; found {body[:60]!a}."
            await _answer(send, 400, text=expected)
            return
        self.hub.sign_of_life(stream_id, place)
        await send({"type": "http.response.start", "status": 204, "headers": [NO_STORE]})
        await send({"type": "http.response.body", "body": b""})

    # --- Going -------------------------------------------------------------------------------

    def _end_streams_on_signals(self) -> None:
        """A server that is asked to stop waits for open answers; streams would never end."""
        if threading.current_thread() is not threading.main_thread():
            return
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            before = signal.getsignal(number)
            if callable(before):
                signal.signal(number, _also(before, loop, self.hub.close))


class Hardened:
    """Sends an answer with the headers that make a browser careful. `transport`: see _abort."""

    def __init__(self, scope: dict, send: Any) -> None:
        self._send, self._headers = send, guard.hardening(scope)
        # As who wraps it finds it: of uvicorn, or of what stands between.
        self.transport = getattr(getattr(send, "__self__", None), "transport", None)

    async def __call__(self, message: dict) -> None:
        if message["type"] == "http.response.start":
            has = {name for name, _ in message["headers"]}
            more = [one for one in self._headers if one[0] not in has]
            message = {**message, "headers": [*message["headers"], *more]}
        await self._send(message)


def _also(before: Any, loop: asyncio.AbstractEventLoop, close: Any) -> Any:
    def handler(number, frame):
        with contextlib.suppress(RuntimeError):  # the loop has ended
            loop.call_soon_threadsafe(close)
        before(number, frame)

    return handler


async def _until_gone(receive: Any, stream: Stream) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
    stream.end()


def _since(scope: dict, headers: dict[bytes, bytes]) -> float:
    """Seconds; 0 when the page does not say."""
    asked = parse_qs(scope["query_string"].decode("latin-1")).get("since", [""])[0]
    said = headers.get(b"last-event-id", b"").decode("latin-1") or asked
    return int(said) / 1000 if re.fullmatch("[0-9]{1,15}", said) else 0.0


def _cookies(headers: dict[bytes, bytes]) -> str:
    return headers.get(b"cookie", b"").decode("latin-1")


def _note_denial(scope: dict, status: int, agent_id: int | None) -> None:
    if status == 401:
        guard.note_stranger(scope)
        if b"authorization" not in guard.headers_of(scope):
            return  # a page of somebody who has logged out
    if what := DENIALS.get(status):
        note(
            what,
            address=guard.address(scope),
            user_id=agent_id,
            method=scope["method"],
            path=scope["path"],
            status=status,
        )


def _abort(send: Any) -> None:
    """Cut the connection without waiting for what is unsent; ASGI has no word for that."""
    if send.transport is not None:  # uvicorn's
        send.transport.abort()


async def _answer(send: Any, status: int, *headers: tuple[bytes, bytes], text: str = "") -> None:
    body = (text or HTTPStatus(status).phrase).encode()
    length = (b"content-length", str(len(body)).encode())
    head = [PLAIN, NO_STORE, length, *headers]
    await send({"type": "http.response.start", "status": status, "headers": head})
    await send({"type": "http.response.body", "body": body})


async def _answer_problem(send: Any, problem: Problem) -> None:
    response = problem.response()
    length = (b"content-length", str(len(response.content)).encode())
    head = [(name.lower().encode(), value.encode()) for name, value in response.items()]
    await send(
        {"type": "http.response.start", "status": problem.status, "headers": [*head, length]}
    )
    await send({"type": "http.response.body", "body": response.content})

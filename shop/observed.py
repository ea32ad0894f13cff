"""Each request once: a line in the log, and in the figures of /metrics.

Without query strings, forms, addresses and names: a path and the agent's id.
"""

import logging
import re
import time
import uuid
from typing import Any

from shop import logs, metrics

logger = logging.getLogger("shop.requests")

ACCEPTED = re.compile(r"[A-Za-z0-9._-]{8,64}")
LONGEST_PATH, LONGEST_METHOD = 300, 20  # characters of a path and of a method that are told
SIGNS = re.compile(r"/live/[0-9a-f-]{36}/")  # each open page sends one every four seconds
EVENT_STREAM = b"text/event-stream"


def request_id(sent: str) -> str:
    """The caller's X-Request-ID, or a new one when that is none, or no good."""
    return sent if ACCEPTED.fullmatch(sent) else str(uuid.uuid4())


def answered(
    method: str | None, path: str, status: int, seconds: float, *, view: str, user_id: int | None
) -> None:
    """Tell of a request that was answered. `view`: the name of an address, never the address."""
    metrics.count_request(view, status, seconds)
    level = logging.DEBUG if SIGNS.fullmatch(path) else logging.INFO
    if logger.isEnabledFor(level):
        method, path = f"{method}"[:LONGEST_METHOD], path[:LONGEST_PATH]
        told = {
            "method": method,
            "path": path,
            "status": status,
            "duration": round(seconds, 6),
            "view": view,
            "user_id": user_id,
        }
        logger.log(level, "%s %s %s", method, path, status, extra=told)


def requests(get_response):
    """First among the middleware: gives a request the id that its lines and its events carry, and
    tells how it was answered."""

    def middleware(request):
        began = time.perf_counter()
        request.correlation_id = request_id(request.headers.get("X-Request-ID", ""))
        logs.belong_to(request_id=request.correlation_id, correlation_id=request.correlation_id)
        response = get_response(request)
        response["X-Request-ID"] = request.correlation_id
        answered(
            request.method,
            request.path,
            response.status_code,
            time.perf_counter() - began,
            view=_view(request),
            user_id=getattr(known(request), "pk", None),
        )
        return response

    return middleware


def _view(request: Any) -> str:
    # Not the address of what is not there: anybody could make up any number of those.
    if match := request.resolver_match:
        return match.view_name
    return "static" if request.path.startswith("/static/") else "unmatched"


def known(request: Any) -> Any:
    """Which agent asks, as far as that is known by now, or None: nobody is looked up for a line in
    the log."""
    agent = getattr(request, "auth", None) or getattr(request, "_cached_user", None)
    return agent if getattr(agent, "pk", None) else None


class Streams:
    """The same around the application of the streams, which Django's middleware does not see. A
    stream's line comes with its end."""

    def __init__(self, app: Any) -> None:
        self.app = app

    async def __call__(self, scope: dict, receive: Any, send: Any) -> None:
        answer = Answer(scope, send)
        logs.belong_to(request_id=answer.id, correlation_id=answer.id)
        try:
            await self.app(scope, receive, answer.send)
        finally:
            answer.ended()


class Answer:
    """How one request is answered. `transport` is the connection, which may have to be cut."""

    def __init__(self, scope: dict, send: Any) -> None:
        self._scope, self._send = scope, send
        self._began = time.perf_counter()
        self._status, self._streams = 0, False
        sent = dict(scope["headers"]).get(b"x-request-id", b"")
        self.id = request_id(sent.decode("latin-1"))

    @property
    def transport(self) -> Any:
        return getattr(getattr(self._send, "__self__", None), "transport", None)

    async def send(self, message: dict) -> None:
        if message["type"] == "http.response.start":
            self._status = message["status"]
            headers = [*message["headers"], (b"x-request-id", self.id.encode())]
            if dict(headers).get(b"content-type", b"").startswith(EVENT_STREAM):
                self._streams = True
                metrics.STREAMS.inc()
            message = {**message, "headers": headers}
        await self._send(message)

    def ended(self) -> None:
        if self._streams:
            metrics.STREAMS.dec()
        path = self._scope["path"]
        answered(
            self._scope["method"],
            path,
            self._status,
            time.perf_counter() - self._began,
            view="live_sign" if SIGNS.fullmatch(path) else "live",
            user_id=None,
        )

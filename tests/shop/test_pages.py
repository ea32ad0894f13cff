"""How requests get to the pages' threads, and their answers back. `apps` below are WSGI."""

import asyncio
import threading
from contextvars import ContextVar

import pytest
from django.core.exceptions import RequestDataTooBig

from shop.pages import AT_ONCE, LONGEST_BODY, Pages, Responder
from tests.concurrency import in_a_loop


class Exchange:
    """One request of a client that sends `pieces` as the loop asks for them; None: it leaves."""

    def __init__(self, pieces=(), length=None, method="POST", headers=()):
        self.pieces, self.sent, self.on_sent = [*pieces], [], lambda message: None
        length = [] if length is None else [(b"content-length", str(length).encode())]
        self.scope = {
            "type": "http",
            "http_version": "1.1",
            "method": method,
            "path": "/",
            "query_string": b"",
            "headers": [*length, *headers],
        }

    async def receive(self):
        piece = self.pieces.pop(0)
        if isinstance(piece, asyncio.Event):
            await piece.wait()
            piece = self.pieces.pop(0)
        if piece is None:
            return {"type": "http.disconnect"}
        return {"type": "http.request", "body": piece, "more_body": bool(self.pieces)}

    async def send(self, message):
        self.sent.append(message)
        self.on_sent(message)

    @property
    def body(self):
        return b"".join(message.get("body", b"") for message in self.sent)

    async def with_(self, pages):
        await pages(self.scope, self.receive, self.send)


def answering(start_response, body: bytes, length: int | None = None):
    length = len(body) if length is None else length
    start_response("200 OK", [("Content-Length", str(length))])
    return [body]


def echo(environ, start_response):
    return answering(start_response, environ["wsgi.input"].read(int(environ["CONTENT_LENGTH"])))


@pytest.mark.parametrize("size", [0, 5, LONGEST_BODY])
def test_a_body_comes_whole_and_its_answer_too(size):
    sent = b"x" * size
    exchange = Exchange([sent[:3], sent[3:]], length=size)
    in_a_loop(exchange.with_(Pages(echo)))
    assert exchange.sent[0]["status"] == 200
    assert exchange.body == sent
    assert not exchange.sent[-1].get("more_body", False)


def test_an_answer_of_a_known_length_leaves_its_thread_once():
    def pages(environ, start_response):
        start_response("200 OK", [("Content-Length", "6")])
        return [b"ab", b"cd", b"ef"]

    exchange = Exchange(method="GET")
    in_a_loop(exchange.with_(Pages(pages)))
    assert [(one["type"], one.get("body")) for one in exchange.sent] == [
        ("http.response.start", None),
        ("http.response.body", b"abcdef"),
    ]


@pytest.mark.parametrize("headers", [[], [("Content-Length", str(AT_ONCE + 1))]])
def test_what_is_long_or_of_no_known_length_goes_piece_by_piece(headers):
    arrived = threading.Event()

    def pages(environ, start_response):
        start_response("200 OK", headers)
        yield b"first"
        # Held back, the first piece would never arrive before the second one is made.
        yield b", then second" if arrived.wait(10) else b" was held back"

    exchange = Exchange(method="GET")
    exchange.on_sent = lambda message: message.get("body") == b"first" and arrived.set()
    in_a_loop(exchange.with_(Pages(pages)))
    assert exchange.body == b"first, then second"


def test_a_body_that_comes_slowly_occupies_no_thread():
    async def both():
        pages, rest_may_come = Pages(echo, workers=1), asyncio.Event()
        slow = Exchange([b"slow", rest_may_come, b"ly"], length=6)
        waiting = asyncio.create_task(slow.with_(pages))
        quick = Exchange([b"quickly"], length=7)
        await asyncio.wait_for(quick.with_(pages), 10)
        assert quick.body == b"quickly"
        assert not slow.sent
        rest_may_come.set()
        await waiting
        return slow.body

    assert in_a_loop(both()) == b"slowly"


@pytest.mark.parametrize("length", [LONGEST_BODY + 1, None], ids=["too-long", "unknown"])
def test_no_other_body_is_read_however_slowly_it_comes(length):
    def pages(environ, start_response):
        with pytest.raises(RequestDataTooBig, match="at most 524288 bytes"):
            environ["wsgi.input"].read(1)
        with pytest.raises(RequestDataTooBig):
            environ["wsgi.input"].readline()
        return answering(start_response, b"refused")

    async def never_sent():
        exchange = Exchange([b"some", asyncio.Event(), b""], length=length)
        await asyncio.wait_for(exchange.with_(Pages(pages, workers=1)), 10)
        return exchange.body

    assert in_a_loop(never_sent()) == b"refused"


def test_an_answer_that_is_read_slowly_occupies_no_thread():
    def pages(environ, start_response):
        size = AT_ONCE if environ["REMOTE_ADDR"] == "slow" else 1
        return answering(start_response, b"x" * size)

    class Slow(Exchange):
        async def send(self, message):
            await reads.wait()
            await super().send(message)

    async def both():
        in_one_thread = Pages(pages, workers=1)
        slow, quick = Slow(method="GET"), Exchange(method="GET")
        slow.scope["client"], quick.scope["client"] = ("slow", 1), ("quick", 1)
        reading = asyncio.create_task(slow.with_(in_one_thread))
        await asyncio.sleep(0)
        await asyncio.wait_for(quick.with_(in_one_thread), 10)
        reads.set()
        await reading
        return len(slow.body), len(quick.body)

    reads = asyncio.Event()
    assert in_a_loop(both()) == (AT_ONCE, 1)


def test_nobody_writes_a_proxys_header_by_another_spelling():
    """WSGI knows no difference between a hyphen and an underscore."""

    def pages(environ, start_response):
        return answering(start_response, environ.get("HTTP_X_FORWARDED_FOR", "none").encode())

    by_proxy = (b"x-forwarded-for", b"192.0.2.1")
    made_up = (b"x_forwarded_for", b"198.51.100.7")
    for headers, expected in (([by_proxy, made_up], b"192.0.2.1"), ([made_up], b"none")):
        exchange = Exchange(method="GET", headers=headers)
        in_a_loop(exchange.with_(Pages(pages)))
        assert exchange.body == expected


def test_who_leaves_before_the_body_has_come_is_not_taken_for_having_sent_less():
    def never(environ, start_response):
        raise AssertionError("expected no request, found a cut one")

    exchange = Exchange([b"half", None], length=8)
    in_a_loop(exchange.with_(Pages(never)))
    assert exchange.sent == []


def test_a_failure_reaches_the_server_and_nothing_of_the_answer_went_before_it():
    def fails(environ, start_response):
        start_response("200 OK", [("Content-Length", "9")])
        yield b"some"
        raise ZeroDivisionError

    exchange = Exchange(method="GET")
    with pytest.raises(ZeroDivisionError):
        in_a_loop(exchange.with_(Pages(fails)))
    assert exchange.sent == []


def test_what_one_page_activates_the_next_in_its_thread_does_not_find():
    language = ContextVar("language", default="en")

    def pages(environ, start_response):
        found = language.get()
        language.set("de")
        return answering(start_response, found.encode())

    async def two():
        once, again = Exchange(method="GET"), Exchange(method="GET")
        in_one_thread = Pages(pages, workers=1)
        await once.with_(in_one_thread)
        await again.with_(in_one_thread)
        return once.body, again.body

    assert in_a_loop(two()) == (b"en", b"en")


# --- In time, or another answer ---------------------------------------------------------------


def late(environ, start_response):
    return answering(start_response, b"late: " + environ["wsgi.input"].read())


@pytest.fixture
def held():
    """A page that goes on when it is let go, and `began` to wait by then. `ended`: it is over."""

    class Held:
        def __init__(self):
            self.began, self.let_go, self.ended = (threading.Event() for _ in range(3))
            self.done = []

        def __call__(self, environ, start_response):
            try:
                self.done.append(environ["wsgi.input"].read())
                self.began.set()
                assert self.let_go.wait(10)
                start_response("200 OK", [])
                yield b"in the end"
                yield b", all of it"
            finally:
                self.ended.set()

    return Held()


@pytest.fixture
def limits(held, monkeypatch):
    """Of the requests for the page that is held, in turn. None is reached by itself: `await
    limits.reached(number)`, when it is there."""

    class Known(Responder):
        async def answers(self, *request, within=None):
            if self.app is held:  # and not a page of the browser's shop, which may be open beside
                requests.append(self)
            return await super().answers(*request, within=within and 1_000)

    class Limits:
        def __getitem__(self, number):
            return requests[number].limit

        async def reached(self, number):
            while len(requests) <= number:
                await asyncio.sleep(0)
            self[number].reschedule(0)

    requests = []
    monkeypatch.setattr("shop.pages.Responder", Known)
    return Limits()


def test_what_does_not_come_in_time_is_answered_otherwise_and_never_twice(held, limits):
    exchange = Exchange([b"typed"], length=5)

    async def story():
        pages = Pages(held, workers=1, within=1, instead=late)
        asking = asyncio.create_task(exchange.with_(pages))
        await asyncio.to_thread(held.began.wait, 10)
        await limits.reached(0)
        await asking
        held.let_go.set()
        await asyncio.to_thread(pages.executor.shutdown)

    in_a_loop(story())
    assert exchange.body == b"late: typed"
    assert held.done == [b"typed"]
    assert held.ended.is_set()


def test_what_waited_for_a_thread_until_then_is_never_done(held, limits):
    second = Exchange([b"second"], length=6)

    async def story():
        pages = Pages(held, workers=1, within=1, instead=late)
        first = asyncio.create_task(Exchange([b"first"], length=5).with_(pages))
        await asyncio.to_thread(held.began.wait, 10)
        waiting = asyncio.create_task(second.with_(pages))
        await limits.reached(1)
        await waiting
        held.let_go.set()
        await first
        await asyncio.to_thread(pages.executor.shutdown)

    in_a_loop(story())
    assert second.body == b"late: second"
    assert held.done == [b"first"]


def test_what_has_begun_has_no_limit_any_more(held, limits):
    exchange = Exchange([b""], length=0)

    async def story():
        pages = Pages(held, workers=1, within=1, instead=late)
        asking = asyncio.create_task(exchange.with_(pages))
        await asyncio.to_thread(held.began.wait, 10)
        assert limits[0].when() is not None
        held.let_go.set()
        await asking

    def no_more(message):
        assert limits[0].when() is None

    exchange.on_sent = no_more
    in_a_loop(story())
    assert exchange.body == b"in the end, all of it"


def test_a_time_out_of_the_page_s_own_is_not_taken_for_it():
    def fails(environ, start_response):
        raise TimeoutError("its own")

    with pytest.raises(TimeoutError, match="its own"):
        in_a_loop(Exchange(method="GET").with_(Pages(fails, workers=1, within=10, instead=late)))

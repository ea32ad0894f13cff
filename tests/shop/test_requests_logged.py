"""What production logs of a request: one line, with its ids, and nothing that is anybody's."""

import io
import json
import logging
import logging.config

import pytest
from django.test import RequestFactory

from ordering.api.models import ApiToken
from shop import logs, metrics
from shop.observed import Streams
from shop.wsgi import application
from tests.concurrency import in_a_loop

SENT = "till-4711-0042"


@pytest.fixture
def lines():
    """The lines of production so far, as objects; each must be one."""
    configurator = logging.config.DictConfigurator(logs.configuration(local=False))
    written = io.StringIO()
    handler = logging.StreamHandler(written)
    handler.setFormatter(
        configurator.configure_formatter(configurator.config["formatters"]["json"])
    )
    handler.addFilter(logs.WithIds())
    loggers = [logging.getLogger(name) for name in ("django", *logs.OURS)]
    levels = [logger.level for logger in loggers]
    for logger in loggers:
        logger.addHandler(handler)
    for logger in loggers[1:]:
        logger.setLevel(logging.INFO)
    yield lambda: [json.loads(line) for line in written.getvalue().splitlines()]
    for logger, level in zip(loggers, levels, strict=True):
        logger.removeHandler(handler)
        logger.setLevel(level)


def of_requests(lines):
    return [line for line in lines if line["logger"] == "shop.requests"]


@pytest.mark.django_db
def test_a_request_is_told_once_with_its_ids_and_without_its_query(client, alice, lines):
    client.force_login(alice)
    answer = client.get("/orders/?q=private", headers={"X-Request-ID": SENT})
    (line,) = of_requests(lines())
    assert line.pop("time").endswith("+00:00")
    assert 0 < line.pop("duration") < 60
    assert line == {
        "level": "INFO",
        "logger": "shop.requests",
        "message": "GET /orders/ 200",
        "method": "GET",
        "path": "/orders/",
        "status": 200,
        "view": "orders",
        "user_id": alice.pk,
        "request_id": SENT,
        "correlation_id": SENT,
    }
    assert answer["X-Request-ID"] == SENT


@pytest.mark.django_db
def test_a_program_s_request_has_the_agent_of_its_token(client, alice, lines):
    _, secret = ApiToken.make(alice, "till")
    client.get("/api/v1/orders", headers={"Authorization": f"Bearer {secret}"})
    (line,) = of_requests(lines())
    assert line["user_id"] == alice.pk
    assert secret not in json.dumps(line)


@pytest.mark.django_db
@pytest.mark.parametrize("sent", ["", "short", "has spaces in it", "x" * 65, 'quo"te-quote'])
def test_an_id_that_is_no_good_is_replaced(client, lines, sent):
    answer = client.get("/healthz", headers={"X-Request-ID": sent})
    (line,) = lines()
    assert line["request_id"] == answer["X-Request-ID"] != sent
    assert len(line["request_id"]) == 36


@pytest.mark.django_db
def test_what_django_says_of_a_request_carries_its_id_too(client, alice, lines):
    client.force_login(alice)
    client.get("/nowhere/?token=private", headers={"X-Request-ID": SENT})
    told = {line["logger"]: line for line in lines() if line["logger"] != "shop.security"}
    assert set(told) == {"shop.requests", "django.request"}
    assert {line["request_id"] for line in told.values()} == {SENT}
    assert told["shop.requests"]["view"] == "unmatched"
    assert "private" not in json.dumps(told)


def test_a_failure_is_one_line_with_its_traceback(client, settings, lines):
    settings.ROOT_URLCONF = "tests.shop.failing_urls"
    client.raise_request_exception = False
    client.get("/bug/?q=private", headers={"X-Request-ID": SENT})
    (failed,) = [line for line in lines() if line["level"] == "ERROR"]
    assert failed["request_id"] == SENT
    assert failed["exception"].startswith("Traceback")
    assert "private" not in json.dumps(lines())


@pytest.mark.django_db
def test_a_login_that_fails_leaves_neither_name_nor_password(client, alice, lines):
    client.post("/login/", {"username": alice.username, "password": "guessed it"})
    assert of_requests(lines())
    said = json.dumps(lines())
    assert "guessed" not in said
    assert alice.username not in said


def test_what_is_refused_before_django_is_told_too(lines):
    environ = RequestFactory().get("/login/").environ
    environ["CONTENT_TYPE"] = "text/plain; charset=utf-7"
    application(environ, lambda status, headers: None)
    (line,) = lines()
    assert (line["status"], line["path"]) == (415, "/login/")


@pytest.mark.django_db
def test_a_long_address_is_cut_and_stays_one_line(client, alice, lines):
    client.force_login(alice)
    client.get("/" + "a%0Ab" * 200)
    for line in of_requests(lines()):
        assert len(line["path"]) == 300
        assert "\n" in line["path"]


class Connection:
    """What a server hands an application: `send` is bound to who has the transport."""

    transport = "the transport"

    def __init__(self):
        self.sent = []

    async def send(self, message):
        self.sent.append(message)


def heard(app, path, request_id=SENT):
    """What is sent when a request goes to `app` inside `Streams`."""
    connection = Connection()
    headers = [(b"x-request-id", request_id.encode())]
    scope = {"type": "http", "method": "GET", "path": path, "headers": headers}
    in_a_loop(Streams(app)(scope, None, connection.send))
    return connection.sent


def streams_open():
    [family] = metrics.STREAMS.collect()
    return family.samples[0].value


def test_a_stream_is_told_at_its_end_and_counted_until_then(lines):
    before, during = streams_open(), []

    async def stream(scope, receive, send):
        start = [(b"content-type", b"text/event-stream; charset=utf-8")]
        await send({"type": "http.response.start", "status": 200, "headers": start})
        during.append((streams_open(), lines(), send.__self__.transport))
        await send({"type": "http.response.body", "body": b""})

    start, _ = heard(stream, "/live/")
    assert during == [(before + 1, [], "the transport")]
    assert streams_open() == before
    (line,) = lines()
    assert (line["path"], line["status"], line["request_id"]) == ("/live/", 200, SENT)
    assert (b"x-request-id", SENT.encode()) in start["headers"]


def test_a_stream_that_is_not_opened_or_breaks_is_not_counted(lines):
    before = streams_open()

    async def refused(scope, receive, send):
        await send({"type": "http.response.start", "status": 401, "headers": []})
        assert streams_open() == before

    async def broken(scope, receive, send):
        start = [(b"content-type", b"text/event-stream")]
        await send({"type": "http.response.start", "status": 200, "headers": start})
        raise RuntimeError("the reader is gone")

    heard(refused, "/live/")
    with pytest.raises(RuntimeError):
        heard(broken, "/live/")
    assert streams_open() == before
    assert [line["status"] for line in lines()] == [401, 200]


def test_the_signs_of_life_of_open_pages_fill_no_log(lines):
    async def sign(scope, receive, send):
        await send({"type": "http.response.start", "status": 204, "headers": []})

    heard(sign, "/live/0b0e9c1e-6f0b-4b61-9d6c-0e7a2f1b8d44/")
    assert lines() == []


def test_two_requests_of_one_thread_do_not_share_an_id(lines):
    async def refused(scope, receive, send):
        await send({"type": "http.response.start", "status": 401, "headers": []})

    heard(refused, "/live/", "the-first-one")
    heard(refused, "/live/", "no good")
    first, second = (line["request_id"] for line in lines())
    assert first == "the-first-one"
    assert len(second) == 36

"""PostgreSQL is stopped while the shop runs, and comes back: as browsers see it."""

import html
import re
import signal
import threading
import urllib.parse
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from http.cookiejar import CookieJar

import pytest

from shop import embedded
from tests.shop.processes import User, demo

WORKERS = 8


class Answers(urllib.request.HTTPErrorProcessor):
    """Neither follows redirects nor raises: what the shop answers is the answer."""

    def http_response(self, request, response):
        return response


class Browser:
    def __init__(self, port: int):
        self.home = f"http://127.0.0.1:{port}"
        cookies = urllib.request.HTTPCookieProcessor(CookieJar())
        self.opener = urllib.request.build_opener(Answers, cookies)

    def opens(self, path: str, form: list[tuple[str, str]] | None = None, **headers: str):
        """The status, headers and text that a page or a form is answered with."""
        data = urllib.parse.urlencode(form).encode() if form is not None else None
        request = urllib.request.Request(self.home + path, data, headers)  # noqa: S310
        with self.opener.open(request, timeout=60) as response:
            return response.status, response.headers, response.read().decode()

    def sends_the_form_of(self, page: str, path: str, **fields: str):
        """Fill in the form at `path` that a page has, and send it."""
        (form,) = re.findall(rf'<form[^>]*action="{path}".*?</form>', page, re.S)
        return self.opens(path, [*hidden(form), *fields.items()])

    def logs_in(self, username: str):
        _, _, page = self.opens("/login/")
        token = next(value for name, value in hidden(page) if name == "csrfmiddlewaretoken")
        form = {"csrfmiddlewaretoken": token, "username": username, "password": "demo"}
        status, _, text = self.opens("/login/", list(form.items()))
        assert status == 302, text


def hidden(page: str) -> list[tuple[str, str]]:
    return [
        (html.unescape(name), html.unescape(value))
        for name, value in re.findall(r'<input type="hidden" name="([^"]*)" value="([^"]*)"', page)
    ]


@pytest.fixture
def shop(clone):
    with demo(clone, port=0) as running:
        running.port = running.is_open()
        running.pgdata = clone / ".data/postgres"
        yield running
        assert running.signalled(signal.SIGINT) == 0


@pytest.fixture
def alice(shop):
    browser = Browser(shop.port)
    browser.logs_in("alice")
    return browser


def start_again(shop):
    """Another process starts the server again, and joins and leaves it as any user does."""
    with User(shop.pgdata) as user:
        user.uses()
        user.leaves()


def test_while_it_is_away_every_page_says_so_and_nothing_typed_is_lost(shop, alice):
    _, _, page = alice.opens("/orders/")
    embedded.stop(shop.pgdata)

    for path in ("/", "/orders/", "/login/?next=/", "/admin/", "/nowhere/"):
        status, headers, text = alice.opens(path)
        assert (path, status) == (path, 503)
        assert headers["Retry-After"] == "5"
        assert "The database is away" in text
    assert alice.opens("/healthz")[0] == 503
    assert alice.opens("/static/shop.css")[0] == 200
    status, headers, text = alice.opens("/", **{"HX-Request": "true"})
    assert (status, headers["HX-Reswap"]) == (503, "none")

    status, headers, away = alice.sends_the_form_of(page, "/orders/", reference="Sunday <brunch>")
    assert (status, headers["Retry-After"]) == (503, "5")
    assert "Your change was not saved" in away
    assert ("reference", "Sunday <brunch>") in hidden(away)
    assert "Traceback" not in shop.output

    start_again(shop)
    status, headers, _ = alice.sends_the_form_of(away, "/orders/")
    assert status == 303
    assert "Sunday &lt;brunch&gt;" in alice.opens(headers["Location"])[2]
    # However often the button is pressed, it is one order.
    assert alice.sends_the_form_of(away, "/orders/")[1]["Location"] == headers["Location"]


def test_a_restart_under_load_ends_with_every_worker_well(shop, alice):
    over = threading.Event()
    answers = []

    def keep_looking(_):
        while not over.is_set():
            answers.append(alice.opens("/orders/")[0])

    with ThreadPoolExecutor(WORKERS) as agents:
        looking = agents.map(keep_looking, range(WORKERS))
        try:
            embedded.stop(shop.pgdata)
            start_again(shop)
        finally:
            over.set()
        list(looking)
    assert set(answers) <= {200, 503}

    with ThreadPoolExecutor(WORKERS) as agents:
        statuses = agents.map(lambda _: alice.opens("/orders/")[0], range(4 * WORKERS))
        assert set(statuses) == {200}
    assert alice.opens("/healthz")[0] == 200

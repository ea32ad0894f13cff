"""PostgreSQL is stopped while the shop runs, and comes back: as browsers see it."""

import json
import signal
import threading
import uuid
from concurrent.futures import ThreadPoolExecutor

import pytest

from shop import embedded
from tests.shop.processes import demo, start_again
from tests.shop.web import Browser, hidden

WORKERS = 8


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


def test_while_it_is_away_every_page_says_so_and_nothing_typed_is_lost(shop, alice):
    _, _, page = alice.opens("/orders/")
    embedded.stop(shop.pgdata)

    for path in ("/", "/orders/", "/login/?next=/", "/admin/", "/nowhere/"):
        status, headers, text = alice.opens(path)
        assert (path, status) == (path, 503)
        assert headers["Retry-After"] == "5"
        assert "The database is away" in text
    for path in ("/api/v1/orders", f"/api/v1/orders/{uuid.uuid4()}/live", "/api/v1/nowhere"):
        status, headers, text = alice.opens(path)
        assert (path, status) == (path, 503)
        assert headers["Content-Type"] == "application/problem+json"
        assert int(headers["Retry-After"]) > 0
        assert "The database is away" in json.loads(text)["detail"]
    assert alice.opens("/healthz")[0] == 503
    assert alice.opens("/static/shop.css")[0] == 200
    status, headers, text = alice.opens("/", **{"HX-Request": "true"})
    assert (status, headers["HX-Reswap"]) == (503, "none")

    status, headers, away = alice.sends_the_form_of(page, "/orders/", reference="Sunday <brunch>")
    assert (status, headers["Retry-After"]) == (503, "5")
    assert "Your change may not have been saved" in away
    assert ("reference", "Sunday <brunch>") in hidden(away)
    assert "Traceback" not in shop.output

    start_again(shop.pgdata)
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
            start_again(shop.pgdata)
        finally:
            over.set()
        list(looking)
    assert set(answers) <= {200, 503}

    with ThreadPoolExecutor(WORKERS) as agents:
        statuses = agents.map(lambda _: alice.opens("/orders/")[0], range(4 * WORKERS))
        assert set(statuses) == {200}
    assert alice.opens("/healthz")[0] == 200

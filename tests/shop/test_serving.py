"""`manage.py serve` as production runs it: what it writes, and how it ends."""

import http.client
import json
import os
import re
import secrets
import signal
import socket
import subprocess
import sys
import uuid
from concurrent.futures import ThreadPoolExecutor
from types import SimpleNamespace

import pytest
from django.core.management import CommandError, call_command
from prometheus_client.parser import text_string_to_metric_families

from shop import scraping
from shop.serving import SHARED
from tests.shop.processes import LONGEST_WAIT, Running, User, environment, wait_until
from tests.shop.test_replay_killed import connect

PAGE_THREADS = 8  # of shop.asgi
TAKEN = 80  # seconds that a request may wait for the stream's lock where a test holds it
LOCK = "SELECT version FROM eventstore_stream WHERE id = %s FOR UPDATE"
FLOUR = {"sku": "FLR-25", "quantity": 1}
METRICS_TOKEN = secrets.token_urlsafe(32)
WAITING = """
SELECT count(*) FROM pg_stat_activity
 WHERE wait_event_type = 'Lock' AND application_name = 'tandem'
"""


@pytest.fixture
def database(clone):
    """The clone's database, open as another server's is: `url`, and `connect()`."""
    pgdata = clone / ".data/postgres"
    with User(pgdata) as user:
        yield SimpleNamespace(url=user.uses(), connect=lambda: connect(pgdata))
        user.leaves()


@pytest.fixture
def production(clone, database):
    """Starts the shop outside local mode; `waits` is how long it waits for a lock."""

    def settings(waits="2s", **other):
        return {
            "DATABASE_URL": f"{database.url}&options=-c%20lock_timeout%3D{waits}",
            "SECRET_KEY": secrets.token_urlsafe(50),
            "ALLOWED_HOSTS": "127.0.0.1",
            "METRICS_TOKEN": METRICS_TOKEN,
            **other,
        }

    def start(*arguments, **asked):
        command = ("manage.py", "serve", "--port", 0, *arguments)
        shop = Running(*command, cwd=clone, log=clone / "serve.out", **settings(**asked))
        shop.says("Application startup complete").says("Uvicorn running on")
        shop.port = int(re.search(r"running on http://127\.0\.0\.1:(\d+)", shop.output)[1])
        return shop

    made = subprocess.run(
        [sys.executable, "manage.py", "create_api_token", "alice"],
        cwd=clone, env=environment(**settings()), check=True, capture_output=True, text=True,
    )  # fmt: skip
    start.token = made.stdout.strip()
    return start


@pytest.fixture
def ask(production):
    """A program's request; the answer's status, headers and JSON."""

    def ask(shop, method, path, body=None, **headers):
        connection = http.client.HTTPConnection("127.0.0.1", shop.port, timeout=LONGEST_WAIT)
        sent = {
            "Authorization": f"Bearer {production.token}",
            "Content-Type": "application/json",
            "Idempotency-Key": str(uuid.uuid4()),
            "X-Forwarded-Proto": "https",  # as the proxy in front says
        }
        connection.request(method, path, None if body is None else json.dumps(body), sent | headers)
        answer = connection.getresponse()
        text = answer.read().decode()
        connection.close()
        kind = answer.headers.get("Content-Type", "")
        return answer.status, answer.headers, json.loads(text) if "json" in kind else text

    return ask


def opened(ask, shop, **headers):
    status, _, order = ask(shop, "POST", "/api/v1/orders", {}, **headers)
    assert status == 201, order
    return order


def takes_no_more(port) -> bool:
    with socket.socket() as knocking:
        return knocking.connect_ex(("127.0.0.1", port)) != 0


def waiting(connection) -> int:
    [count] = connection.execute(WAITING).fetchone()
    return count


def test_commands_in_flight_are_finished_streams_end_and_it_exits_0(production, ask, database):
    with (
        ThreadPoolExecutor(PAGE_THREADS + 1) as programs,
        production("--graceful", TAKEN, waits=f"{TAKEN}s") as shop,
        database.connect() as holder,
        database.connect() as watcher,
    ):
        order = opened(ask, shop, **{"X-Request-ID": "till-4711"})
        path = f"/api/v1/orders/{order['id']}"
        stream = programs.submit(ask, shop, "GET", f"{path}/live")
        with holder.transaction():
            holder.execute(LOCK, [order["id"]])
            adding = [
                programs.submit(ask, shop, "POST", f"{path}/items", FLOUR)
                for _ in range(PAGE_THREADS)
            ]
            wait_until(lambda: waiting(watcher) == PAGE_THREADS)

            # Every page thread is taken, and who watches the shop is answered.
            assert ask(shop, "GET", "/healthz?q=private")[0] == 200
            assert not any(one.done() for one in adding)

            shop.process.send_signal(signal.SIGTERM)
            wait_until(lambda: takes_no_more(shop.port))
            status, _, told = stream.result(LONGEST_WAIT)
            assert status == 200
            assert re.match(r": open\nretry: \d{4}\n\n", told)
            assert not any(one.done() for one in adding)
        assert [one.result(LONGEST_WAIT)[0] for one in adding] == [200] * PAGE_THREADS
        assert shop.ends() == 0
        kept = watcher.execute(
            "SELECT count(*) FROM eventstore_event"
            " WHERE stream_id = %s AND type IN ('ItemAdded', 'QuantityChanged')",
            [order["id"]],
        ).fetchone()
        assert kept == (PAGE_THREADS,)

    lines = [json.loads(line) for line in shop.output.splitlines()]
    for line in lines:
        assert {"time", "level", "logger", "message"} <= set(line)
    told = [(one["path"], one["status"]) for one in lines if one["logger"] == "shop.requests"]
    assert sorted(told) == sorted(
        [
            ("/api/v1/orders", 201),
            ("/healthz", 200),
            (f"{path}/live", 200),
            *[(f"{path}/items", 200)] * PAGE_THREADS,
        ]
    )
    assert "till-4711" in {line.get("request_id") for line in lines}
    assert "private" not in shop.output
    assert production.token not in shop.output
    assert "uvicorn.error" in {line["logger"] for line in lines}


def test_a_command_that_cannot_be_done_in_time_is_refused_and_not_done(production, ask, database):
    with (
        ThreadPoolExecutor(1) as program,
        # Local mode needs no collected static files, which the page that says 503 asks for.
        production(waits="300ms", LOCAL="1") as shop,
        database.connect() as holder,
        database.connect() as watcher,
    ):
        order = opened(ask, shop)
        with holder.transaction():
            holder.execute(LOCK, [order["id"]])
            adding = program.submit(ask, shop, "POST", f"/api/v1/orders/{order['id']}/items", FLOUR)
            wait_until(lambda: waiting(watcher) == 1)
            shop.process.send_signal(signal.SIGTERM)
            status, headers, _ = adding.result(LONGEST_WAIT)
        assert status == 503
        assert int(headers["Retry-After"]) > 0
        assert shop.ends() == 0
        [version] = watcher.execute(
            "SELECT version FROM eventstore_stream WHERE id = %s", [order["id"]]
        ).fetchone()
        assert version == order["version"]


def test_whichever_process_is_asked_tells_the_figures_of_all(production, ask):
    def figure(name, **labels):
        _, _, said = ask(shop, "GET", "/metrics", **scraped)
        families = text_string_to_metric_families(said)
        return sum(
            sample.value
            for family in families
            for sample in family.samples
            if sample.name == name and sample.labels == labels
        )

    scraped = {"Authorization": f"Bearer {METRICS_TOKEN}"}
    with production("--workers", 2) as shop:
        for _ in range(12):
            assert ask(shop, "GET", "/api/v1/orders")[0] == 200
        counted = {"view": "api:orders", "status": "200"}
        assert figure("tandem_http_requests_total", **counted) == 12
        assert figure("tandem_streams_open") == 0
        assert figure("tandem_database_up") == 1
        shop.process.send_signal(signal.SIGTERM)
        assert shop.ends() == 0
    for line in shop.output.splitlines():
        json.loads(line)


def test_streams_of_a_process_that_was_killed_are_not_open_any_more(tmp_path, monkeypatch):
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    monkeypatch.setenv(SHARED, str(tmp_path))
    kept = [f"gauge_livesum_{os.getpid()}.db", f"counter_{ended.pid}.db"]
    for name in (*kept, f"gauge_livesum_{ended.pid}.db"):
        tmp_path.joinpath(name).touch()
    scraping._forget_the_dead(tmp_path)
    assert sorted(file.name for file in tmp_path.iterdir()) == sorted(kept)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--port", "70000"], "expected a number from 0 to 65535, got '70000'"),
        (["--workers", "0"], "expected a number above 0, got '0'"),
        (["--graceful", "soon"], "expected a number above 0, got 'soon'"),
    ],
)
def test_arguments_that_are_no_good_are_refused(arguments, said, capsys):
    with pytest.raises(CommandError) as caught:
        call_command("serve", *arguments)
    assert said in str(caught.value)

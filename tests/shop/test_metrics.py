"""/metrics: what is counted, what is asked of the database, and who may read it."""

import os
import subprocess
import sys
import uuid

import pytest
from django.db import OperationalError
from prometheus_client.parser import text_string_to_metric_families

from shop import database_figures
from tests.shop.processes import ROOT, environment

TOKEN = "a token of more than twenty characters"
pytestmark = pytest.mark.django_db


def test_requests_are_counted_by_view_and_status_and_never_by_address(client, alice, rise):
    def ask():
        client.force_login(alice)
        client.get("/orders/")
        for _ in "123":
            client.get(f"/{uuid.uuid4()}/")

    assert rise(
        ask,
        ("tandem_http_requests_total", {"view": "orders", "status": "200"}),
        ("tandem_http_requests_total", {"view": "unmatched", "status": "404"}),
        ("tandem_http_request_duration_seconds_count", {"view": "orders"}),
    ) == [1, 3, 1]


def test_logins_and_those_that_failed_are_counted(client, alice, rise):
    alice.set_password("demo")
    alice.save()

    def log_in():
        for password in ("guess", "another", "demo"):
            client.post("/login/", {"username": "alice", "password": password})

    wanted = ("tandem_login_failures_total", {}), ("tandem_logins_total", {})
    assert rise(log_in, *wanted) == [2, 1]


def test_while_the_database_is_away_the_process_tells_its_own_figures(client, monkeypatch):
    def refuse(*args, **kwargs):
        raise OperationalError("connection refused")

    assert b"tandem_database_up 1.0" in client.get("/metrics").content
    monkeypatch.setattr(database_figures, "_ask", refuse)
    answer = client.get("/metrics")
    assert answer.status_code == 200
    said = answer.content.decode()
    assert "tandem_database_up 0.0" in said
    assert "tandem_projection_lag_events" not in said
    assert "tandem_commands_total" in said
    assert "process_resident_memory_bytes" in said


def test_a_database_that_takes_too_long_is_not_waited_for(client, figure, monkeypatch):
    monkeypatch.setattr(database_figures, "PATIENCE", "1ms")
    monkeypatch.setattr(database_figures, "LAST_POSITION", "SELECT 1 FROM pg_sleep(30)")
    assert figure("tandem_database_up") == 0
    assert b"tandem_log_position" not in client.get("/metrics").content


def test_asking_costs_few_queries(client, django_assert_max_num_queries):
    with django_assert_max_num_queries(20):
        client.get("/metrics")


def test_names_follow_the_conventions(client):
    for family in text_string_to_metric_families(client.get("/metrics").content.decode()):
        assert family.documentation, family.name
        if family.name.startswith("tandem_"):
            for sample in family.samples:
                assert (family.type == "counter") == sample.name.endswith("_total"), sample.name


class TestWhoMayAsk:
    AWAY = {"REMOTE_ADDR": "203.0.113.9"}

    def test_this_machine_may(self, client):
        answer = client.get("/metrics")
        assert answer.status_code == 200
        assert answer["Content-Type"] == "text/plain; version=0.0.4; charset=utf-8"
        assert "no-store" in answer["Cache-Control"]
        assert client.get("/metrics", REMOTE_ADDR="::1").status_code == 200

    @pytest.mark.parametrize(
        "header", ["X-Forwarded-For", "Forwarded", "X-Real-IP", "X-Forwarded-Proto"]
    )
    def test_who_comes_through_a_proxy_on_this_machine_may_not(self, client, header):
        answer = client.get("/metrics", headers={header: "127.0.0.1"})
        assert answer.status_code == 403
        assert "Expected a request from this machine" in answer.text

    @pytest.mark.parametrize("address", ["203.0.113.9", "::ffff:203.0.113.9", "", "unix:"])
    def test_others_may_not(self, client, address):
        assert client.get("/metrics", REMOTE_ADDR=address).status_code == 403

    @pytest.mark.parametrize("scheme", ["Bearer", "bearer"])
    def test_who_knows_the_token_may(self, client, settings, scheme):
        settings.METRICS_TOKEN = TOKEN
        sent = {"Authorization": f"{scheme} {TOKEN}"}
        assert client.get("/metrics", headers=sent, **self.AWAY).status_code == 200

    @pytest.mark.parametrize(
        "sent", ["Bearer ", "Bearer wrong", f"Basic {TOKEN}", TOKEN, "Bearer é"]
    )
    def test_another_token_is_none(self, client, settings, sent):
        for expected in (TOKEN, ""):
            settings.METRICS_TOKEN = expected
            answer = client.get("/metrics", headers={"Authorization": sent}, **self.AWAY)
            assert answer.status_code == 403

    def test_staff_may_and_agents_may_not(self, client, admin, alice):
        for person, status in ((admin, 200), (alice, 403)):
            client.force_login(person)
            assert client.get("/metrics", **self.AWAY).status_code == status

    def test_it_takes_no_forms(self, client):
        assert client.post("/metrics").status_code == 405


def test_a_short_token_is_refused_at_the_start():
    started = subprocess.run(
        [sys.executable, "-c", "import shop.settings"],
        cwd=ROOT,
        env=environment(METRICS_TOKEN="guess-me", PATH=os.environ["PATH"]),
        capture_output=True,
        text=True,
    )
    assert started.returncode != 0
    assert "METRICS_TOKEN: expected 20 or more random characters, found 8" in started.stderr

"""The chapter on deploying, the alert rules and the health check, held against the code."""

import re
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

import promql_parser
import pytest
import yaml
from django.core.management import CommandError
from django.urls import Resolver404, resolve

from ordering.live.app import LiveApp
from shop import healthcheck, scraping
from tests.shop.deploying import commands_in, parser_of, read_by_the_code
from tests.shop.processes import ROOT

CHAPTER = ROOT / "docs/deployment.md"


def test_the_chapter_tells_of_every_variable_and_of_no_other():
    text = CHAPTER.read_text()
    table = text[text.index("## Environment") : text.index("## Roles")]
    assert set(re.findall(r"^\| `([A-Z_]+)`", table, re.M)) == read_by_the_code()


def test_every_command_of_the_chapter_is_one_with_arguments_that_it_takes():
    found = commands_in(CHAPTER.read_text())
    assert {"migrate", "serve", "run_projections", "grant_application"} <= {one[0] for one in found}
    for command, *arguments in found:
        try:
            parser_of(command).parse_args(arguments)
        except (KeyError, CommandError) as error:
            pytest.fail(f"manage.py {command} {arguments}: {error}")


def test_the_files_that_the_chapter_names_are_there():
    for name in re.findall(r"`((?:deploy|docs)/[\w.]+|compose\.yaml)`", CHAPTER.read_text()):
        assert (ROOT / name).is_file(), name


def test_the_proxy_of_the_chapter_sends_all_streams_where_nothing_is_buffered():
    text = CHAPTER.read_text()
    streams = re.compile(re.search(r"location ~ (\S+) \{", text)[1])
    order = "0b0e9c1e-6f0b-4b61-9d6c-0e7a2f1b8d44"
    for path in (
        "/live/",
        f"/live/{order}/",
        f"/orders/{order}/live/",
        f"/api/v1/orders/{order}/live",
    ):
        assert LiveApp.serves(path)
        assert streams.search(path), path
    for path in ("/", "/orders/", f"/orders/{order}/", f"/api/v1/orders/{order}"):
        assert not streams.search(path), path


# --- Watching -------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_alert_rules_ask_for_figures_that_there_are(client):
    told = set(re.findall(r"^# TYPE (\w+)", scraping.figures().decode(), re.M)) | {"up"}
    rules = yaml.safe_load((ROOT / "deploy/alerts.yaml").read_text())["groups"][0]["rules"]
    assert len({rule["alert"] for rule in rules}) == len(rules)
    for rule in rules:
        assert set(rule) == {"alert", "expr", "for", "annotations"}
        promql_parser.parse(rule["expr"])
        names = re.findall(r"\b(?:tandem|process)_\w+|\bup\b", rule["expr"])
        assert names, rule
        for name in names:
            assert name.removesuffix("_bucket") in told, name


@pytest.mark.django_db
def test_the_chapter_tells_of_every_figure_and_of_no_other(client):
    told = set(re.findall(r"^# TYPE (tandem_\w+)", scraping.figures().decode(), re.M))
    text = CHAPTER.read_text()
    table = text[text.index("| figure |") :]
    assert set(re.findall(r"`(tandem_\w+)", table)) == told


class Answering(BaseHTTPRequestHandler):
    status, hosts = 200, []

    def do_GET(self):
        self.hosts.append((self.path, self.headers["Host"]))
        self.send_response(self.status)
        self.end_headers()

    def log_message(self, *args):
        pass


@pytest.fixture
def well(monkeypatch):
    """A shop that answers with `status`."""
    with HTTPServer(("127.0.0.1", 0), Answering) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        monkeypatch.setenv("PORT", str(server.server_port))
        monkeypatch.setenv("ALLOWED_HOSTS", "shop.example, web")
        monkeypatch.setattr(Answering, "hosts", [])
        yield lambda status: monkeypatch.setattr(Answering, "status", status)
        server.shutdown()
        thread.join()


def test_the_health_check_asks_by_a_host_that_the_shop_answers_to(well):
    assert healthcheck.ask() is None
    assert Answering.hosts == [("/healthz", "shop.example")]
    assert resolve("/healthz").url_name == "healthz"
    with pytest.raises(Resolver404):
        resolve("/healthz/")


def test_the_health_check_fails_with_what_was_expected_and_found(well, monkeypatch, silent_port):
    well(503)
    assert healthcheck.ask() == "Expected 200 from /healthz, found 503"
    monkeypatch.setenv("PORT", str(silent_port))
    assert healthcheck.ask().startswith(f"Expected an answer on port {silent_port}, found none")

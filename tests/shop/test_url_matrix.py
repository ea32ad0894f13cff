"""Who may do what at the shop's addresses, tried: all that the resolver knows, for everybody.

A page that is added fails here until it has a row in url_rows.ROWS. The admin's addresses have a
matrix of their own, test_admin_matrix.
"""

import json
import re
import uuid

import pytest
from django.db import transaction
from django.test import Client
from django.urls import get_resolver

from ordering import handling
from ordering.api.models import ApiToken
from ordering.handling import Caller
from ordering.models import Agent, AgentSession
from tests.factories import ProductFactory
from tests.shop.test_admin_matrix import as_if_alone, browser, contents, said
from tests.shop.url_rows import ROWS, THREE, Row

pytestmark = pytest.mark.django_db

METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
NEW_EACH_TIME = re.compile(
    r'(nonce|name="(csrfmiddlewaretoken|command_id)" value)="[^"]+"|data-since="\d+"'
)
HERS = "of-alice-alone"  # in everything that she wrote


def routes(patterns=None, before=""):
    """All that the resolver knows, but for the admin's."""
    for pattern in get_resolver().url_patterns if patterns is None else patterns:
        route = f"{before}{pattern.pattern}"
        if route == "admin/":
            continue
        if hasattr(pattern, "url_patterns"):
            yield from routes(pattern.url_patterns, route)
        else:
            yield route


@pytest.fixture
def ids(alice, charlie):
    """What stands for the converters of a route: her things."""
    for sku in ("FLR-25", "BUT-10"):
        ProductFactory(sku=sku)
    Agent.objects.filter(pk=alice.pk).update(first_name=HERS, email=f"{HERS}@example.org")
    by = Caller(Agent.objects.select_related("customer").get(pk=alice.pk), "web", "request-1")
    items = [("FLR-25", 2), ("BUT-10", 1)]
    opened = handling.open_order(by, key=str(uuid.uuid4()), reference=HERS, items=items[:1])
    handling.add_items(by, opened.stream_id, items[1:], key=str(uuid.uuid4()))
    Client().force_login(alice)
    return {
        "session_id": str(AgentSession.objects.get(agent=alice).pk),
        "order_id": str(opened.stream_id),
        "token_id": str(ApiToken.make(alice, HERS)[0].pk),
        "stream_id": str(uuid.UUID(int=1)),
        "sku": "FLR-25",
        "code": "conflict",
    }


# What the shop notes by itself: when a token was used last, and which command it refused to whom.
NOTED = {"ordering_apitoken", "eventstore_command", "eventstore_refusal"}
MISSING = {"order_id": f"{uuid.UUID(int=2)}", "token_id": "999999", "session_id": "999999"}


class Visitor:
    """One of THREE: pages know them by their session, the API by their token."""

    def __init__(self, who: str):
        self.client, self.token = browser(who), {}
        self.may_nothing = who != "alice"
        if who != "anonymous":
            _, secret = ApiToken.make(Agent.objects.get(username=who), "matrix")
            self.token = {"Authorization": f"Bearer {secret}"}

    def ask(self, row: Row, method: str, ids: dict[str, str]):
        """The answer, each time as if nobody had asked before."""
        url = "/" + re.sub(r"<(?:\w+:)?(\w+)>", lambda found: ids[found[1]], row.route)
        form = {
            name: ids["order_id"] if sent == "ORDER" else sent for name, sent in row.form.items()
        }
        cookies = self.client.cookies.copy()
        with as_if_alone():
            if row.route.startswith("api/"):
                answer = self._call(method, url, form)
            else:
                answer = self._browse(method, f"{url}?{row.query}" if row.query else url, form)
            answer.left = contents() if self.may_nothing else {}
            transaction.set_rollback(True)
        self.client.cookies = cookies
        return answer

    def _call(self, method: str, url: str, form: dict):
        body = json.dumps(form) if form and method != "GET" else ""
        kind = {"content_type": "application/json"} if body else {}
        headers = self.token | {"If-Match": '"3"'}
        return self.client.generic(method, url, body, headers=headers, **kind)

    def _browse(self, method: str, url: str, form: dict):
        if method == "GET":
            return self.client.get(url)
        if method != "POST":
            return self.client.generic(method, url)
        return self.client.post(url, form | {"command_id": str(uuid.uuid4())})


def changes(before: dict[str, str], answer) -> set[str]:
    """The tables that are not as before, but for what the shop notes by itself."""
    return {table for table in before if before[table] != answer.left[table]} - NOTED


@pytest.fixture
def visitors(ids):
    return {who: Visitor(who) for who in THREE}


def told(answer, ids: dict[str, str]) -> tuple:
    """All that can be seen of an answer, but for what differs from one request to the next."""
    text = answer.content.decode()
    for given in (ids["order_id"], f"tokens/{ids['token_id']}/", f"sessions/{ids['session_id']}/"):
        text = text.replace(given, "ID")
    new_each_time = (
        r'(nonce|name="(csrfmiddlewaretoken|command_id)" value)="[^"]+"|data-since="\d+"'
    )
    text = re.sub(new_each_time, "", text)
    different = ("X-Request-ID", "Expires", "Content-Security-Policy", "Content-Length")
    headers = {name: value for name, value in answer.items() if name not in different}
    return answer.status_code, headers, text


def test_every_address_has_a_row():
    there, listed = set(routes()), {row.route for row in ROWS}
    assert there - listed == set(), (
        "these addresses have no row in ROWS: say what each of THREE is answered"
    )
    assert listed - there == set(), "these rows are of addresses that are no more"


def test_every_address_that_names_an_order_a_token_or_a_session_is_hers():
    """But for the streams, which another application authorises."""
    streams = {row.route for row in ROWS if "501" in " ".join(row.calls.values())}
    named = {row.route for row in ROWS if re.search("(order|token|session)_id", row.route)}
    assert {row.route for row in ROWS if row.hers} == named - streams | {"current-order/"}


every_row = pytest.mark.parametrize("row", ROWS, ids=lambda row: row.route or "catalog")


@every_row
def test_each_is_answered_as_its_row_says(row, visitors, ids):
    before = contents()
    for method in METHODS:
        answers = {who: visitor.ask(row, method, ids) for who, visitor in visitors.items()}
        asked = f"{method} {row.route}"
        if method in row.calls:
            assert " ".join(map(said, answers.values())) == row.calls[method], asked
        else:
            assert said(answers["alice"]) == "405", asked
        assert changes(before, answers["anonymous"]) == set(), asked
        for who in ("anonymous", "charlie"):
            assert HERS not in answers[who].content.decode(), f"{asked}, {who}"


@pytest.mark.parametrize("row", [row for row in ROWS if row.hers], ids=lambda row: row.route)
def test_what_is_hers_is_for_charlie_as_if_it_were_not(row, visitors, ids):
    before, charlie = contents(), visitors["charlie"]
    for method in row.calls:
        hers, missing = (charlie.ask(row, method, asked) for asked in (ids, ids | MISSING))
        assert told(hers, ids) == told(missing, ids | MISSING), f"{method} {row.route}"
        assert changes(before, hers) == set(), f"{method} {row.route}"


@every_row
def test_nothing_is_done_for_a_form_of_another_site(row, ids):
    """Whoever is logged in: the session alone asks for nothing."""
    alice = Visitor("alice")
    alice.client, alice.token, alice.may_nothing = Client(enforce_csrf_checks=True), {}, True
    alice.client.force_login(Agent.objects.get(username="alice"))
    before = contents()
    for method in row.calls.keys() - {"GET"}:
        answer = alice.ask(row, method, ids)
        assert said(answer) == "403", f"{method} {row.route}"
        assert changes(before, answer) == set(), f"{method} {row.route}"


def test_a_token_needs_no_form_of_ours(ids):
    """No browser sends it by itself."""
    visitor = Visitor("alice")
    visitor.client = Client(enforce_csrf_checks=True)
    tried = 0
    for row in ROWS:
        for method in row.calls.keys() - {"GET"} if row.route.startswith("api/") else ():
            answer = visitor.ask(row, method, ids)
            assert said(answer) == row.calls[method].split()[-1], f"{method} {row.route}"
            tried += 1
    assert tried >= 8


def test_the_admins_door_takes_no_form_of_another_site(admin):
    client = Client(enforce_csrf_checks=True)
    form = {"username": "admin", "password": "demo"}
    assert client.post("/admin/login/", form).status_code == 403
    assert "_auth_user_id" not in client.session

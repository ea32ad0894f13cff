"""What the log says of who was denied what, and what it never says."""

import json
import logging
import uuid

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse

from ordering import handling
from ordering.api.models import ApiToken
from ordering.handling import Caller
from ordering.live.door import TurnedAway, admit
from ordering.models import Agent
from tests.factories import ProductFactory

pytestmark = pytest.mark.django_db

HERE = "192.0.2.1"


@pytest.fixture
def told(caplog):
    """The denials that were noted, as their facts."""
    caplog.set_level(logging.INFO, "shop.security")

    def told():
        records = [one for one in caplog.records if one.name == "shop.security"]
        names = ("denial", "user_id", "address", "path", "status", "tried_id")
        return [
            {name: record.__dict__[name] for name in names if name in record.__dict__}
            for record in records
        ]

    return told


@pytest.fixture
def order_id(alice):
    ProductFactory(sku="FLR-25")
    by = Caller(Agent.objects.select_related("customer").get(pk=alice.pk), "web", "request-1")
    return handling.open_order(by, key=str(uuid.uuid4()), items=[("FLR-25", 2)]).stream_id


def browsing(agent=None, **options):
    client = Client(REMOTE_ADDR=HERE, **options)
    if agent:
        client.force_login(agent)
    return client


def test_a_failed_login_says_whose_account_was_tried(told, alice):
    browsing().post("/login/", {"username": "alice", "password": "wrong"})
    browsing().post("/login/", {"username": "hunter2", "password": "wrong"})
    failed = {"denial": "login-failed", "user_id": None, "address": HERE, "path": "/login/"}
    assert told() == [failed | {"tried_id": alice.pk}, failed | {"tried_id": None}]


def test_a_lockout_is_told_from_the_failure_on_that_led_to_it(told, alice, settings):
    settings.AXES_FAILURE_LIMIT = 2
    for _ in range(3):
        browsing().post("/login/", {"username": "alice", "password": "wrong"})
    # The second failure led to it, and the third try was not looked at.
    assert [one["denial"] for one in told()] == ["login-failed", "locked-out", "locked-out"]
    assert {one["tried_id"] for one in told()} == {alice.pk}


def test_logging_in_and_out_are_told(told, alice):
    page = browsing()
    page.post("/login/", {"username": "alice", "password": "demo"})
    page.post("/logout/")
    assert [(one["denial"], one["user_id"]) for one in told()] == [
        ("logged-in", alice.pk),
        ("logged-out", alice.pk),
    ]


def test_asking_for_what_is_anothers_is_told(told, charlie, order_id, alice):
    token = ApiToken.make(alice, "till")[0]
    page = browsing(charlie)
    page.get(reverse("order", args=[order_id]))
    page.post(reverse("order_copy", args=[order_id]), {"command_id": str(uuid.uuid4())})
    page.post(reverse("token_revocation", args=[token.pk]))
    page.post("/current-order/", {"order": str(order_id)})
    page.get(f"/api/v1/orders/{order_id}")
    found = [one for one in told() if one["denial"] == "not-theirs"]
    assert len(found) == 5
    assert {one["user_id"] for one in found} == {charlie.pk}
    assert {one["address"] for one in found} == {HERE}
    assert {one["status"] for one in found} == {404}


def test_a_page_that_is_not_there_is_none(told, charlie):
    page = browsing(charlie)
    page.get("/nowhere")
    page.get("/products/NONE-1/")
    assert [one["denial"] for one in told()] == ["logged-in"]


def test_what_may_not_be_done_is_told(told, support):
    browsing(support).get("/admin/auth/group/")
    assert told()[-1]["denial"] == "forbidden"
    assert told()[-1]["user_id"] == support.pk


def test_a_form_of_another_site_is_told(told, alice, order_id):
    page = browsing(alice, enforce_csrf_checks=True)
    page.post("/orders/", {"command_id": str(uuid.uuid4())})
    page.post(f"/api/v1/orders/{order_id}/complete")
    found = [one for one in told() if one["denial"] == "csrf"]
    assert [one["user_id"] for one in found] == [alice.pk, alice.pk]


def test_a_bad_token_is_told_and_none_is_not(told):
    program = browsing()
    program.get("/api/v1/orders", headers={"Authorization": "Bearer tandem_wrong"})
    program.get("/api/v1/orders")
    assert [(one["denial"], one["status"]) for one in told()] == [("bad-token", 401)]


def test_too_many_calls_are_told(told, alice, settings):
    settings.API_RATE = "1/day"  # a minute might end in between
    headers = {"Authorization": f"Bearer {ApiToken.make(alice, 'till')[1]}"}
    for _ in range(2):
        browsing().get("/api/v1/orders", headers=headers)
    assert told()[-1]["denial"] == "too-many"


def test_a_path_cannot_write_lines_of_its_own(told, caplog):
    path = "/api/v1/products/é%0AWARNING shop.security: forged"
    browsing().get(path, headers={"Authorization": "Bearer tandem_wrong"})
    said = [one.getMessage() for one in caplog.records if one.name == "shop.security"][-1]
    assert said.startswith("bad-token: ")
    assert r"\nWARNING" in said
    assert said.isascii()
    assert said.isprintable()


@pytest.mark.django_db(transaction=True)
def test_the_door_of_the_streams_knows_who_asked_for_anothers_order(charlie, order_id):
    page = browsing(charlie)
    with pytest.raises(TurnedAway) as away:
        admit(f"sessionid={page.cookies['sessionid'].value}", order_id)
    assert (away.value.status, away.value.agent_id) == (404, charlie.pk)


SECRETS = {
    "password": "a-password-nobody-may-read",
    "wrong": "a-wrong-password-typed",
    "name": "Zephyrine",
    "surname": "Quackenbush",
    "email": "zephyrine@example.org",
    "username": "zq-till",
}


def test_neither_events_nor_logs_hold_secrets_or_names(alice, caplog):
    """A day of an agent's: and then everything that was logged and stored is looked through."""
    caplog.set_level(logging.DEBUG)
    alice.username, alice.email = SECRETS["username"], SECRETS["email"]
    alice.first_name, alice.last_name = SECRETS["name"], SECRETS["surname"]
    alice.set_password(SECRETS["password"])
    alice.save()
    ProductFactory(sku="FLR-25")
    caplog.clear()

    page = browsing()
    login = {"username": SECRETS["username"]}
    page.post("/login/", login | {"password": SECRETS["wrong"]})
    page.post("/login/", login | {"password": SECRETS["password"]})
    account = page.post("/account/", {"name": "till"})
    secret = account.context["secret"]
    assert secret.startswith("tandem_")
    page.post("/orders/", {"command_id": str(uuid.uuid4()), "reference": "Friday"})
    sent = {"content_type": "application/json", "headers": {"Authorization": f"Bearer {secret}"}}
    program = browsing()
    made = program.post("/api/v1/orders", {"reference": "Monday"}, **sent)
    assert made.status_code == 201
    order = f"/api/v1/orders/{made.json()['id']}"
    program.post(f"{order}/items", {"sku": "FLR-25", "quantity": 2}, **sent)
    program.get(order, headers={"Authorization": f"Bearer {secret}x"})
    browsing(raise_request_exception=False).post("/login/?next=/", login | {"password": "\0"})
    page.get(f"{reverse('order', args=[uuid.uuid4()])}?token={secret}")
    page.post("/logout/")

    logged = "\n".join(map(_written, caplog.records))
    stored = _the_whole_store()
    assert "login-failed" in logged
    assert "Monday" in stored
    for what in (*SECRETS.values(), secret):
        assert what not in logged, what
        assert what not in stored, what


def _written(record: logging.LogRecord) -> str:
    """All that a log may hold of it. The statements of DEBUG no shop logs; and no formatter of ours
    tells the request itself, which shows its query string."""
    if record.name.startswith("django.db"):
        return ""
    facts = {name: value for name, value in record.__dict__.items() if name != "request"}
    return f"{record.getMessage()} {json.dumps(facts, default=str)}"


def _the_whole_store() -> str:
    """All rows of the store's tables, as text."""
    with connection.cursor() as cursor:
        rows = []
        for table in connection.introspection.table_names(cursor):
            if table.startswith("eventstore_"):
                cursor.execute(f"SELECT string_agg(t::text, E'\\n') FROM {table} AS t")
                rows.append(cursor.fetchone()[0] or "")
    return "\n".join(rows)

"""Who may do what in the admin, tried: each of its addresses, for everybody who might come.

A page that is added fails here until it has a row in admin_rows.ROWS.
"""

import re
import uuid

import pytest
from django.apps import apps
from django.contrib.admin import site
from django.contrib.admin.options import ActionLocation
from django.contrib.admin.utils import quote
from django.contrib.auth.models import Group
from django.db import connection, transaction
from django.test import Client
from django.test.client import RequestFactory
from django.utils import timezone

from catalog.models import Product
from eventstore import checkpoints
from eventstore import models as store
from eventstore.admin import exporting
from eventstore.models import Checkpoint, Event, Refusal, Skip
from ordering import handling
from ordering.domain.refusal import Refused
from ordering.handling import Caller
from ordering.models import Agent, DailyFigure, OrderHead
from tests.factories import ProductFactory
from tests.shop.admin_rows import FIVE, LOGIN_OF_ALICE, ROWS, Row, is_list

pytestmark = pytest.mark.django_db


def routes(patterns=None, before=""):
    """All that the admin's resolver knows."""
    for pattern in site.urls[0] if patterns is None else patterns:
        route = f"{before}{pattern.pattern}"
        if hasattr(pattern, "url_patterns"):
            yield from routes(pattern.url_patterns, route)
        else:
            yield route


@pytest.fixture
def examples(alice, harbour, support, operator, admin, monkeypatch):
    """An object of each model, as "app/model" -> its key in addresses."""
    # The gate wants no transaction around it; this test is one.
    monkeypatch.setattr(exporting, "settled", lambda: 2**62)
    ProductFactory(sku="FLR-25")
    by = Caller(Agent.objects.select_related("customer").get(pk=alice.pk), "web", "request-1")
    order = handling.open_order(by, key=str(uuid.uuid4()), items=[("FLR-25", 2)]).stream_id
    OrderHead.objects.update(note="changed by hand")
    with pytest.raises(Refused):
        handling.change_quantity(by, order, "FLR-25", 0, key=str(uuid.uuid4()))
    position = Event.objects.first().position
    checkpoints.ensure_checkpoints()
    Checkpoint.objects.filter(pk="favourites").update(
        failing_position=position, attempts=3, retry_at=timezone.now()
    )
    skip = Skip.objects.create(subscription="daily-figures", position=position, skipped_by="admin")
    DailyFigure.objects.create(key="2026-04-01 1 EUR", day="2026-04-01", customer=harbour)
    return {
        "eventstore/stream": order,
        "eventstore/event": position,
        "eventstore/refusal": Refusal.objects.get().pk,
        "eventstore/skip": skip.pk,
        "eventstore/checkpoint": "favourites",
        "ordering/orderhead": order,
        "ordering/dailyfigure": "2026-04-01 1 EUR",
        "ordering/customer": harbour.pk,
        "ordering/agent": alice.pk,
        "auth/group": Group.objects.first().pk,
        "catalog/product": Product.objects.get().pk,
        "catalog/category": Product.objects.get().category_id,
        "r/": 1,
        "support": support.pk,
        "admin": admin.pk,
        "failing": position,
    }


def model_of(route: str) -> str:
    return "/".join(route.split("/")[:2])


def address(row: Row, key) -> str:
    match row.route:
        case "(?P<url>.*)$":
            path = "no/such/page"
        case route if route.startswith("^(?P<app_label>"):
            path = "eventstore/"
        case route:
            path = re.sub("<[^>]+>", quote(f"{key}"), route.replace("<str:what>", row.what))
    return f"/admin/{path}" + (f"?{row.query}" if row.query else "")


def forgeries(route: str) -> list[dict]:
    """What somebody might post there who knows Django and what the page would send."""
    if route.endswith(("add/", "change/")):
        fields = {"version": "9", "type": "Forged", "data": "{}", "category": "forged", "name": "",
                  "status": "completed", "position": "1", "error": "", "username": "",
                  "quantity": "9", "agents-TOTAL_FORMS": "0", "agents-INITIAL_FORMS": "0",
                  "_save": "Save"}  # fmt: skip
        return [fields, fields | {"_saveasnew": "1"}]
    if is_list(route):
        edited = {"form-TOTAL_FORMS": "1", "form-INITIAL_FORMS": "1", "form-0-id": "EXAMPLE",
                  "form-0-version": "9", "_save": "Save"}  # fmt: skip
        return [edited, {"post": "yes"}]
    return [{}, {"post": "yes"}]


def contents() -> dict[str, str]:
    """A digest of each table of the store, the shop and the roles. Not of whose sessions are: those
    begin and end with logins, and get other keys."""
    tables = sorted(
        table
        for table in connection.introspection.table_names()
        if table.split("_")[0] in ("eventstore", "ordering", "catalog", "auth")
        and table != "ordering_agentsession"
    )
    asked = " UNION ALL ".join(
        f"SELECT '{table}', md5(string_agg(t::text, E'\\n' ORDER BY t::text)) FROM {table} AS t"
        for table in tables
    )
    with connection.cursor() as cursor:
        cursor.execute(asked)
        return dict(cursor.fetchall())


def said(response) -> str:
    """The status, or "login": the shop's own, or the admin's for who is logged in already."""
    to_login = response.status_code == 302 and re.match("(/admin)?/login/", response["Location"])
    return "login" if to_login else f"{response.status_code}"


def browser(who: str) -> Client:
    client = Client(raise_request_exception=False)
    if who != "anonymous":
        client.force_login(Agent.objects.get(username=who))
    return client


def as_if_alone() -> transaction.Atomic:
    """A transaction to roll back, in which a view may still begin one of its own."""
    atomic = transaction.atomic()
    atomic._from_testcase = True
    return atomic


def key_of(row: Row, examples: dict):
    """The key of the row's example; of what the page of a failing projection is asked about."""
    return examples.get("" if row.of == "failing" else row.of) or examples.get(
        model_of(row.route), 1
    )


def forms_of(row: Row, key, examples: dict) -> list[dict]:
    forms = [row.form] if row.form is not None else forgeries(row.route)
    key = examples["failing"] if row.of == "failing" else key
    return [
        {name: key if value == "EXAMPLE" else value for name, value in form.items()}
        for form in forms
    ]


def test_every_address_of_the_admin_has_a_row():
    there, listed = set(routes()), {row.route for row in ROWS}
    assert there - listed == set(), (
        "these addresses have no row in ROWS: say what each of FIVE is answered"
    )
    assert listed - there == set(), "these rows are of addresses that are no more"


@pytest.mark.parametrize(
    "model",
    # Not those that tests of the engine lend the app.
    [one for one in apps.get_app_config("eventstore").get_models() if one._meta.managed],
)
def test_nobody_at_all_adds_changes_or_deletes_what_is_in_the_store(model, admin):
    """Not even a superuser, who has every permission there is."""
    request = RequestFactory().get("/")
    request.user = admin
    page = site._registry.get(model)
    if page is None:
        assert model in (
            store.Command,
            store.Snapshot,
            store.Build,
            store.Slice,
            store.Job,
            store.Stall,
        )
        return
    assert not page.has_add_permission(request)
    assert not page.has_change_permission(request)
    assert not page.has_delete_permission(request)
    assert "delete_selected" not in page.get_actions(request)
    assert page.inlines == ()
    assert not page.list_editable


def test_every_action_of_a_page_has_a_row(admin):
    """Each registered action, on the list and on the page, is posted somewhere above."""
    request = RequestFactory().get("/")
    request.user = admin
    posted = {
        (model_of(row.route), name, row.form[name])
        for row in ROWS
        for name in ("action", "CHANGE_FORM-action")
        if row.form and name in row.form
    }
    for model, page in site._registry.items():
        for location, name in (
            (ActionLocation.CHANGE_LIST, "action"),
            (ActionLocation.CHANGE_FORM, "CHANGE_FORM-action"),
        ):
            for action in page.get_actions(request, action_location=location):
                place = model._meta.label_lower.replace(".", "/")
                assert (place, name, action) in posted, f"{place}: {action} has no row in ROWS"


PAGES = {row.page: row for row in ROWS}.values()
MODELS = dict.fromkeys(model_of(row.route) for row in ROWS)


@pytest.mark.parametrize("model", MODELS)
def test_pages_are_shown_to_whom_their_rows_say_and_change_nothing(model, examples, subtests):
    browsers = {who: browser(who) for who in FIVE}
    before = contents()
    for row in (row for row in PAGES if model_of(row.route) == model):
        url = address(row, key_of(row, examples))
        with subtests.test(url):
            with as_if_alone():  # a page that should not be, may log out
                gets = {who: said(one.get(url)) for who, one in browsers.items()}
                after = contents()
                transaction.set_rollback(True)
            assert gets == dict(zip(FIVE, row.get.split(), strict=True)), f"GET {url}"
            assert after == before, f"GET {url} changed something"


@pytest.mark.parametrize("model", MODELS)
def test_forms_do_what_their_rows_say_and_nothing_else(model, examples, subtests):
    browsers = {who: browser(who) for who in FIVE}
    before = contents()
    for row in (row for row in ROWS if model_of(row.route) == model):
        key = key_of(row, examples)
        url, answers = address(row, key), dict(zip(FIVE, row.post.split(), strict=True))
        for form in forms_of(row, key, examples):
            with subtests.test(f"{url} {form}"):
                posts, changed = {}, {}
                for who, one in browsers.items():
                    with as_if_alone():
                        cookies = one.cookies.copy()
                        posts[who] = said(one.post(url, form))
                        after = contents()
                        transaction.set_rollback(True)
                        one.cookies = cookies
                    changed[who] = {table for table in before if before[table] != after[table]}
                may = {
                    who: {table for table, whose in row.changes.items() if who in whose.split()}
                    for who in FIVE
                }
                assert posts == answers, f"POST {url} {form}"
                assert changed == may, f"tables changed by POST {url} {form}"


class TestTheDoor:
    """Who comes in at all."""

    @pytest.mark.parametrize("who", ["support", "operator", "admin"])
    def test_staff_log_in(self, client, request, who):
        request.getfixturevalue(who)
        response = client.post(
            "/admin/login/", {"username": who, "password": "demo", "next": "/admin/"}
        )
        assert response["Location"] == "/admin/"

    def test_an_agent_does_not(self, client, alice):
        response = client.post("/admin/login/", LOGIN_OF_ALICE)
        assert "for a staff account" in response.content.decode()
        assert "_auth_user_id" not in client.session

    def test_nor_do_staff_who_were_deactivated(self, client, operator):
        client.force_login(operator)
        Agent.objects.filter(pk=operator.pk).update(is_active=False)
        assert said(client.get("/admin/")) == "login"
        again = Client()
        again.post("/admin/login/", {"username": "operator", "password": "demo"})
        assert "_auth_user_id" not in again.session

    def test_nothing_is_done_for_a_form_of_another_site(self, examples):
        client = Client(enforce_csrf_checks=True)
        client.force_login(Agent.objects.get(username="admin"))
        before = contents()
        for row in ROWS:
            if row.form and row.route != "login/":
                key = key_of(row, examples)
                [form] = forms_of(row, key, examples)
                assert client.post(address(row, key), form).status_code == 403, row
        assert contents() == before

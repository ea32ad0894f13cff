"""What the shop answers when something fails; the database itself is there."""

import html
import re
import uuid
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import OperationalError, connection
from django.test import Client, RequestFactory
from django.utils import timezone

from ordering.api.models import ApiToken
from ordering.models import AgentSession
from shop import views
from shop.wsgi import application

AWAY = ["refused", "shut_down", "closed", "cleaning_up_after_a_lost_connection", "out_of_step"]


@pytest.fixture
def client(settings):
    settings.ROOT_URLCONF = "tests.shop.failing_urls"
    return Client(raise_request_exception=False)


def repeated_fields(response) -> list[tuple[str, str]]:
    """What the page's form would post."""
    fields = re.findall(r'<input type="hidden" name="(.*?)" value="(.*?)">', response.text, re.S)
    return [(html.unescape(name), html.unescape(value)) for name, value in fields]


def refuse(*_, **__):
    raise OperationalError("connection refused")


@pytest.mark.parametrize("failure", AWAY)
def test_a_lost_database_is_answered_with_503_and_when_to_come_back(client, failure):
    response = client.get(f"/{failure}/?q=flour&page=2")
    assert response.status_code == 503
    assert response["Retry-After"] == "5"
    assert "The database is away" in response.text
    assert f'href="/{failure}/?q=flour&amp;page=2"' in response.text
    assert "Your change" not in response.text


@pytest.mark.parametrize("failure", AWAY)
def test_what_a_lost_connection_may_have_done_is_not_denied(client, failure):
    """It may be lost with the answer that the change was made."""
    assert "Your change may not have been saved" in client.post(f"/{failure}/", {"n": 1}).text


@pytest.mark.parametrize(
    ("failure", "said"),
    [
        ("lock_timeout", "The shop is very busy"),
        ("ended_for_idling", "The shop is very busy"),
        ("disk_full", "The database has no room left"),
        ("read_only", "The database takes no changes now"),
    ],
)
def test_what_could_not_be_done_now_is_answered_with_503_and_the_form_to_send_again(
    client, failure, said
):
    response = client.post(f"/{failure}/", {"command_id": "c1", "reference": "Friday"})
    assert response.status_code == 503
    assert response["Retry-After"] == "5"
    assert said in response.text
    assert "Your change was not saved" in response.text
    assert 'name="reference" value="Friday"' in response.text


@pytest.mark.django_db(transaction=True)
def test_a_database_that_takes_no_changes_any_more_is_left_for_one_that_does(alice):
    browser = Client(raise_request_exception=False)
    browser.force_login(alice)
    form = {"command_id": str(uuid.uuid4()), "reference": "Friday"}
    with connection.cursor() as cursor:
        # A primary that became a standby says the same, of each connection that was kept.
        cursor.execute("SET default_transaction_read_only = on")

    refused = browser.post("/orders/", form)
    assert (refused.status_code, refused["Retry-After"]) == (503, "5")
    assert ("reference", "Friday") in repeated_fields(refused)
    assert browser.post("/orders/", form).status_code == 303


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("code", ["25006", "53100"], ids=["read-only", "disk-full"])
def test_what_only_reads_is_answered_by_a_database_that_takes_no_changes(code, alice):
    """When a session, or a token, was used last is not worth a failure."""
    browser, program = Client(), Client()
    browser.force_login(alice)
    token, secret = ApiToken.make(alice, "till")
    AgentSession.objects.update(seen_at=timezone.now() - timedelta(hours=1))
    tables = AgentSession._meta.db_table, ApiToken._meta.db_table
    with connection.cursor() as cursor:
        cursor.execute(
            "CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS "
            f"$$ BEGIN RAISE EXCEPTION 'no changes' USING ERRCODE = '{code}'; END $$"
        )
        for table in tables:
            cursor.execute(
                f"CREATE TRIGGER refuse BEFORE UPDATE ON {table} EXECUTE FUNCTION refuse()"
            )
    try:
        page = browser.get("/orders/")
        call = program.get("/api/v1/orders", headers={"Authorization": f"Bearer {secret}"})
    finally:
        with connection.cursor() as cursor:
            cursor.execute("DROP FUNCTION refuse CASCADE")
    assert (page.status_code, call.status_code) == (200, 200)
    token.refresh_from_db()
    assert token.last_used_at is None


@pytest.mark.parametrize("failure", ["bug", "damaged", "wrong_of_another_kind"])
def test_other_failures_are_answered_with_500_and_the_request_s_number(client, failure):
    response = client.get(f"/{failure}/", headers={"X-Request-ID": "a-request-0001"})
    assert response.status_code == 500
    assert "Something went wrong" in response.text
    assert "a-request-0001" in response.text
    assert "Retry-After" not in response


@pytest.mark.parametrize(
    ("path", "status"), [("/nowhere/", 404), ("/refused/", 503), ("/bug/", 500)]
)
def test_no_page_that_refuses_is_kept(path, status, client):
    answer = client.get(path)
    assert (answer.status_code, "no-store" in answer["Cache-Control"]) == (status, True)


def test_nor_is_that_of_a_form_without_our_token():
    answer = Client(enforce_csrf_checks=True).post("/login/", {"username": "alice"})
    assert (answer.status_code, "no-store" in answer["Cache-Control"]) == (403, True)


def test_what_was_typed_can_be_sent_again(client):
    typed = {"command_id": "c1", "reference": 'Wedding "terrace" <b>&', "note": "two\nlines"}
    response = client.post("/refused/?next=/", typed | {"sku": ["FLR-25", "SUG-25"]})
    assert response.status_code == 503
    assert repeated_fields(response) == [
        *typed.items(),
        ("sku", "FLR-25"),
        ("sku", "SUG-25"),
    ]
    assert '<form method="post" action="/refused/?next=/">' in response.text
    assert "<b>" not in response.text
    assert "the change is made once" in response.text


def test_a_form_without_a_command_id_promises_nothing_about_repeating(client):
    response = client.post("/refused/", {"name": "Butter"})
    assert repeated_fields(response) == [("name", "Butter")]
    assert "made once" not in response.text


@pytest.mark.parametrize("name", ["password", "new_password1", "usable_password", "oldPassword"])
def test_passwords_are_never_echoed(client, name):
    response = client.post("/refused/", {"username": "alice", name: "s3cret"})
    assert response.status_code == 503
    assert "s3cret" not in response.text
    assert "alice" not in response.text
    assert "Go back" in response.text


def test_nor_are_codes_of_a_second_factor(client, monkeypatch):
    monkeypatch.setattr("ordering.second_factor.steps.remembered", refuse)
    response = client.post("/login/second-factor/", {"code": "abc234-abc234-abc234-abc234"})
    assert response.status_code == 503
    assert "abc234" not in response.text
    assert "Go back" in response.text


def test_files_are_never_echoed(client):
    file = SimpleUploadedFile("products.csv", b"sku,name")
    response = client.post("/refused/", {"file": file, "mode": "replace"})
    assert response.status_code == 503
    assert repeated_fields(response) == []


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        ('{"sku": "FLR-25"}', "application/json"),
        ("x" * 3_000_000, "application/x-www-form-urlencoded"),
        ("no boundary", "multipart/form-data"),
    ],
)
def test_what_is_no_form_is_not_repeated(client, body, content_type):
    response = client.post("/refused/", body, content_type=content_type)
    assert response.status_code == 503
    assert repeated_fields(response) == []
    assert "Go back" in response.text


def test_htmx_leaves_the_page_and_what_is_typed_there(client):
    response = client.post("/refused/", {"quantity": 3}, headers={"HX-Request": "true"})
    assert response.status_code == 503
    assert response["HX-Reswap"] == "none"
    assert response["Retry-After"] == "5"
    assert response.text == (
        "The database is away. Your change may not have been saved. Try again in a moment."
    )


def test_htmx_is_told_when_a_change_was_certainly_not_made(client):
    response = client.post("/lock_timeout/", {"quantity": 3}, headers={"HX-Request": "true"})
    assert response.text == (
        "The shop is very busy. Your change was not saved. Try again in a moment."
    )


def test_htmx_is_told_of_other_failures_in_a_line_too(client):
    response = client.get("/bug/", headers={"HX-Request": "true"})
    assert response.status_code == 500
    assert response["HX-Reswap"] == "none"
    assert response.text == "Something went wrong here."


@pytest.mark.parametrize("path", ["/refused/", "/api/refused/"])
def test_the_log_has_one_line_without_a_traceback_for_a_lost_database(client, caplog, path):
    client.post(path, {"note": "private"})
    (record,) = caplog.records
    said = f"The database is away: POST {path} answered 503: connection refused"
    assert record.getMessage() == said
    assert record.exc_info is None


@pytest.mark.django_db
def test_the_answers_ask_nothing_of_the_database_and_keep_who_is_logged_in(
    client, alice, django_assert_num_queries
):
    client.force_login(alice)
    for failure in ("refused", "bug"):
        with django_assert_num_queries(0):
            response = client.post(f"/{failure}/", {"note": "typed"})
        assert "sessionid" not in response.cookies


@pytest.mark.django_db
def test_a_database_lost_while_the_session_is_saved_is_no_bad_request(client, alice, monkeypatch):
    client.force_login(alice)
    monkeypatch.setattr("django.contrib.sessions.models.Session.save", refuse)
    response = client.post("/change_session/", {"note": "typed"})
    assert response.status_code == 503
    assert repeated_fields(response) == [("note", "typed")]


def test_a_bad_request_stays_one(client):
    assert client.get("/", headers={"host": "elsewhere.example"}).status_code == 400


@pytest.mark.django_db
def test_healthz_is_open_to_all_and_asks_the_database(client, django_assert_num_queries):
    with django_assert_num_queries(1):
        response = client.get("/healthz")
    assert response.status_code == 200
    assert response.json() == {"status": "ok"}
    assert "no-store" in response["Cache-Control"]


def test_healthz_says_when_the_database_is_away(client, monkeypatch):
    monkeypatch.setattr(views.connection, "cursor", refuse)
    response = client.get("/healthz")
    assert response.status_code == 503
    assert response.json() == {"status": "database away"}
    assert response["Retry-After"] == "5"


def test_healthz_takes_no_forms(client):
    assert client.post("/healthz").status_code == 405


def test_a_browser_that_guesses_finds_the_icon(client):
    response = client.get("/favicon.ico")
    assert response.status_code == 302
    assert response["Location"].endswith("favicon.svg")


@pytest.mark.parametrize("charset", ["hex", "base64", "utf-7", "unicode_escape", "\ud800", ""])
def test_a_request_in_another_charset_is_refused_before_it_is_decoded(charset):
    told = []
    environ = RequestFactory().get("/login/?q=%5Cud800").environ
    environ["CONTENT_TYPE"] = f"text/plain; charset={charset}"
    body = application(environ, lambda status, headers: told.append(status))
    assert told == ["415 Unsupported Media Type"]
    assert b"Expected the charset utf-8, found" in body[0]


@pytest.mark.django_db
@pytest.mark.parametrize("charset", ["utf-8", "UTF-8; x=y", '"utf8"'])
def test_a_request_in_utf8_is_answered(charset):
    told = []
    environ = RequestFactory().get("/login/").environ
    environ["CONTENT_TYPE"] = f"text/plain; charset={charset}"
    response = application(environ, lambda status, headers: told.append(status))
    response.close()
    assert told == ["200 OK"]


@pytest.mark.parametrize("sent", ["a\x00b", "a b", "é", "'"])
def test_a_session_cookie_that_cannot_be_one_is_none(sent, client, db):
    client.cookies["sessionid"] = sent
    assert client.get("/login/").status_code == 200
    assert client.get("/").status_code == 302

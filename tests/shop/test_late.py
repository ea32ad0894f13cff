"""What is answered in place of a page that does not come: without the database, which none of these
tests may ask.
"""

import json
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.test import RequestFactory

from shop.late import application
from tests.shop.test_csp import faults
from tests.shop.test_views import repeated_fields


class Client(RequestFactory):
    """For whom every page is late."""

    def request(self, **request):
        # In a thread as the loop has them, where no connection was ever open.
        with ThreadPoolExecutor(1) as pool:
            return pool.submit(late, self._base_environ(**request)).result()


def late(environ):
    answered = []
    response = application(environ, lambda status, headers: answered.append(status))
    assert answered == [f"{response.status_code} {response.reason_phrase}"]
    response.text = b"".join(response).decode()
    response.close()
    return response


@pytest.fixture
def client():
    return Client()


def test_a_form_is_kept_and_nothing_is_promised(client):
    typed = {"command_id": "c1", "reference": 'Wedding "terrace" <b>'}
    response = client.post("/orders/?next=/", typed)
    assert (response.status_code, response["Retry-After"]) == (503, "5")
    assert "The shop does not answer in time" in response.text
    assert "Your change may not have been saved" in response.text
    assert "the change is made once" in response.text
    assert repeated_fields(response) == [*typed.items()]
    assert '<form method="post" action="/orders/?next=/">' in response.text


def test_a_page_is_offered_again(client):
    response = client.get("/orders/?status=all")
    assert response.status_code == 503
    assert 'href="/orders/?status=all"' in response.text
    assert "Your change" not in response.text


@pytest.mark.parametrize(
    ("path", "form"),
    [
        ("/login/", {"username": "alice", "password": "s3cret"}),
        ("/login/second-factor/", {"code": "s3cret"}),
    ],
)
def test_secrets_are_never_echoed(client, path, form):
    response = client.post(path, form)
    assert response.status_code == 503
    assert "s3cret" not in response.text


def test_it_speaks_the_reader_s_language(client):
    response = client.post("/orders/", {"note": "x"}, headers={"Accept-Language": "de"})
    assert "Der Shop antwortet nicht rechtzeitig" in response.text
    assert "Ihre Änderung wurde vielleicht nicht gespeichert" in response.text
    assert response["Content-Language"] == "de"


def test_htmx_leaves_the_page_and_what_is_typed_there(client):
    response = client.post("/orders/", {"n": 1}, headers={"HX-Request": "true"})
    assert (response.status_code, response["HX-Reswap"]) == (503, "none")
    assert response.text == (
        "The shop does not answer in time. Your change may not have been saved. "
        "Try again in a moment."
    )


def test_programs_get_a_problem(client):
    response = client.post("/api/v1/orders", "{}", content_type="application/json")
    assert (response.status_code, response["Retry-After"]) == (503, "5")
    assert response["Content-Type"] == "application/problem+json"
    assert "send it again, with the same key" in json.loads(response.text)["detail"]


@pytest.mark.parametrize("path", ["/healthz", "/metrics"])
def test_probes_get_a_word(client, path):
    response = client.get(path)
    assert response.status_code == 503
    assert json.loads(response.text) == {"status": "database does not answer"}


@pytest.mark.parametrize("path", ["/", "/admin/", "/nowhere/", "/healthz", "/api/v1/orders"])
def test_it_is_guarded_told_of_and_never_kept_like_any_other_answer(client, path, caplog):
    caplog.set_level("INFO", logger="shop.requests")
    response = client.get(path, headers={"X-Request-ID": "request-1"})
    assert response.status_code == 503
    assert faults(response) == []
    assert response["X-Frame-Options"] == "DENY"
    assert "no-store" in response["Cache-Control"]
    assert response["X-Request-ID"] == "request-1"
    assert [record.getMessage() for record in caplog.records if record.name == "shop.requests"] == [
        f"GET {path} 503"
    ]

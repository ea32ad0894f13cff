"""What Django answers below /api/ is a problem like any other."""

import pytest
from django.db import OperationalError
from django.test import Client

from ordering.api import orders
from tests.ordering.api.conftest import Program


def test_an_address_that_is_none_is_a_problem(hers, program, problem):
    for path in ("nope", "orders/1/items", "../v2/orders", "products/a/b", "%00"):
        problem(hers.get(path), 404, "not-found")
        problem(program().get(path), 404, "not-found")
    assert hers.client.get("/api/")["Content-Type"] == "application/problem+json"


def test_a_page_that_is_none_stays_a_page(client, db):
    assert client.get("/nope/")["Content-Type"].startswith("text/html")


def test_a_method_that_an_address_has_not_is_a_problem(hers, problem):
    for method, path, allowed in (
        ("PUT", "orders", "GET, HEAD, POST"),
        ("DELETE", "products", "GET, HEAD"),
        ("POST", "products/FLR-25", "GET, HEAD"),
        ("OPTIONS", "orders", "GET, HEAD, POST"),
        ("TRACE", "events", "GET, HEAD"),
        ("POST", "", "GET, HEAD"),
    ):
        answer = hers.call(method, path)
        problem(answer, 405, "method-not-allowed")
        assert answer["Allow"] == allowed


def test_a_host_that_is_not_the_shops_is_a_problem(hers, problem):
    answer = hers.client.get("/api/v1/orders", headers=hers.headers | {"Host": "evil.example"})
    problem(answer, 400, "malformed")


def test_an_error_of_ours_is_a_problem_that_tells_nothing_of_it(hers, problem, monkeypatch):
    def fails(*_):
        raise ZeroDivisionError("a secret")

    monkeypatch.setattr(orders, "with_agents", fails)
    hers.client.raise_request_exception = False
    assert "secret" not in str(problem(hers.get("orders"), 500, "error"))


@pytest.mark.parametrize("path", ["orders", "products", "events"])
def test_a_database_that_is_away_is_a_problem(hers, problem, monkeypatch, path):
    def away(*_):
        raise OperationalError("connection refused")

    monkeypatch.setattr("ordering.api.models.ApiTokenQuerySet.by_secret", away)
    hers.client.raise_request_exception = False
    answer = hers.get(path)
    assert "with the same key" in problem(answer, 503, "unavailable")["detail"]
    assert answer["Retry-After"] == "5"


def test_a_server_without_streams_says_so(hers, order, problem):
    problem(hers.get(f"{order}/live"), 501, "not-implemented")


# --- Sessions -------------------------------------------------------------------------------------


@pytest.fixture
def browsing(alice):
    """Alice's pages, which have a session and its CSRF token."""
    client = Client(enforce_csrf_checks=True)
    client.force_login(alice)
    client.get("/account/")
    return Program(client)


def test_a_session_asks_as_its_agent(browsing, order):
    assert browsing.get(order).json()["opened_by"] == "alice"


def test_a_session_changes_with_its_csrf_token_only(browsing, order, problem):
    item = {"sku": "FLR-25", "quantity": 1}
    token = browsing.client.cookies["csrftoken"].value
    problem(browsing.post(f"{order}/items", item), 403, "csrf-failed")
    problem(browsing.post(f"{order}/items", item, X_CSRFToken="x" * 32), 403, "csrf-failed")
    answer = browsing.post(f"{order}/items", item, X_CSRFToken=token)
    assert (answer.status_code, answer["ETag"]) == (200, '"4"')


def test_a_token_needs_no_csrf_token(hers, order):
    hers.client.handler.enforce_csrf_checks = True
    assert hers.patch(order, {"note": "x"}).status_code == 200


def test_a_session_makes_no_bad_token_good(browsing, problem, order):
    for said in ("Bearer nope", "Basic YTpi", ""):
        problem(browsing.get(order, Authorization=said), 401, "not-authenticated")


def test_a_session_of_nobody_is_nobody(program, problem):
    problem(program().get("orders", Cookie="sessionid=abc"), 401, "not-authenticated")
    problem(program().get("orders", Cookie="sessionid=\x00"), 401, "not-authenticated")

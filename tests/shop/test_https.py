"""A shop that is reached from outside answers by https only."""

import pytest
from django.test import Client

SECURE = {"secure": True}


@pytest.fixture(autouse=True)
def _https_only(settings):
    settings.SECURE_SSL_REDIRECT = True
    settings.SECURE_HSTS_SECONDS = 31_536_000
    settings.SECURE_HSTS_INCLUDE_SUBDOMAINS = True


def test_a_page_is_led_to_https():
    response = Client().get("/orders/?status=all")
    assert response.status_code == 301
    assert response["Location"] == "https://testserver/orders/?status=all"


def test_a_browser_comes_back_by_https_by_itself(db):
    response = Client().get("/login/", **SECURE)
    assert response.status_code == 200
    assert response["Strict-Transport-Security"] == "max-age=31536000; includeSubDomains"


def test_a_probe_from_inside_is_answered(db):
    assert Client().get("/healthz").status_code == 200


def test_a_program_is_told_and_not_led_on(db):
    headers = {"Authorization": "Bearer tandem_secret"}
    answer = Client().get("/api/v1/orders", headers=headers)
    assert answer.status_code == 403
    assert answer.json()["type"] == "/api/v1/problems/https-required"
    assert "Location" not in answer
    assert Client().get("/api/v1/orders", headers=headers, **SECURE).status_code == 401


@pytest.mark.parametrize(("proxies", "status"), [(0, 301), (1, 200)])
def test_only_a_proxy_of_ours_says_that_it_was_https(proxies, status, db, settings):
    settings.SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if proxies else None
    response = Client().get("/login/", headers={"X-Forwarded-Proto": "https"})
    assert response.status_code == status


@pytest.mark.parametrize("prefix", ["", "__Host-"])
def test_messages_are_kept_in_a_cookie_of_that_prefix(prefix, alice, settings, monkeypatch):
    """It is set after one answer and taken away after the next."""
    settings.SESSION_COOKIE_SECURE = True
    monkeypatch.setattr("shop.cookies.MessagesCookie.cookie_name", f"{prefix}messages")
    page = Client()
    page.force_login(alice)
    form = {"command_id": "0b8a2c5e-4a1c-4f43-9d4f-6a3f2a1b9c01", "reference": "Friday"}
    page.post("/orders/", form, **SECURE)
    cookie = page.cookies[f"{prefix}messages"]
    assert (cookie["secure"], cookie["httponly"], cookie["path"]) == (True, True, "/")
    page.get("/orders/", **SECURE)
    assert page.cookies[f"{prefix}messages"].value == ""

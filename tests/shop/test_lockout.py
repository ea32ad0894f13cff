"""Logging in has to wait after too many failures, of an account or of an address."""

import re
from datetime import timedelta

import pytest
from axes.models import AccessAttempt
from django.test import Client
from django.utils import timezone

GOOD = {"username": "alice", "password": "demo"}
BAD = {"username": "alice", "password": "wrong"}
ELSEWHERE = "198.51.100.7"


@pytest.fixture(autouse=True)
def _few_tries(settings):
    settings.AXES_FAILURE_LIMIT, settings.LOGIN_FAILURES_OF_ADDRESS = 3, 6


def tries(form, times=1, at="/login/", address="192.0.2.1", **headers):
    """The answer to the last of them, each in a browser of its own."""
    for _ in range(times):
        response = Client(REMOTE_ADDR=address, headers=headers).post(at, form)
    return response


def without_nonce(text):
    return re.sub('nonce="[^"]+"', "", text)


def is_in(response):
    return response.status_code == 302


def wait(minutes):
    AccessAttempt.objects.update(attempt_time=timezone.now() - timedelta(minutes=minutes))


def test_an_account_has_to_wait_from_wherever_it_is_tried(alice):
    assert tries(BAD, 2).status_code == 200
    assert tries(BAD).status_code == 429
    assert tries(GOOD).status_code == 429
    assert tries(GOOD, address=ELSEWHERE).status_code == 429


@pytest.mark.parametrize("at", ["/login/", "/admin/login/"])
def test_a_name_that_is_longer_than_any_is_refused_and_no_guess(at, alice):
    refused = tries(BAD | {"username": "a" * 256}, 4, at=at)
    assert refused.status_code == 200
    assert "at most 150 characters (it has 256)" in refused.text
    assert not AccessAttempt.objects.exists()


def test_an_address_has_to_wait_whatever_account_it_tries(alice, bob):
    for name in "abcde":
        assert tries(BAD | {"username": name}).status_code == 200
    assert tries(BAD | {"username": "f"}).status_code == 429
    assert tries(GOOD).status_code == 429
    assert is_in(tries(GOOD, address=ELSEWHERE))


def test_after_the_wait_it_may_be_tried_again(alice):
    tries(BAD, 3)
    wait(minutes=14)
    assert tries(GOOD).status_code == 429
    wait(minutes=16)
    assert is_in(tries(GOOD))


def test_trying_meanwhile_makes_nobody_wait_longer(alice):
    tries(BAD, 3)
    before = AccessAttempt.objects.get().attempt_time
    assert tries(BAD, 4).status_code == 429
    assert AccessAttempt.objects.get().attempt_time == before


def test_nothing_tells_whether_the_account_exists(alice):
    there = [tries(BAD) for _ in range(4)]
    nowhere = [tries(BAD | {"username": "alicf"}, address=ELSEWHERE) for _ in range(4)]

    def said(response):
        different = ("X-Request-ID", "Content-Security-Policy", "Expires")  # an id, a nonce, a time
        headers = {name: value for name, value in response.items() if name not in different}
        return response.status_code, headers

    assert [said(one) for one in there] == [said(one) for one in nowhere]
    assert without_nonce(there[-1].text) == without_nonce(nowhere[-1].text)
    assert "alic" not in there[-1].text


def test_the_page_says_how_long_it_takes(alice):
    response = tries(BAD, 3)
    assert "Try again in 15 minutes." in response.text
    assert response["Retry-After"] == "900"
    assert response["Cache-Control"] == "no-store"
    assert 'href="/login/"' in response.text


def test_it_says_so_in_german(alice):
    response = tries(BAD, 3, **{"Accept-Language": "de"})
    assert response.status_code == 429
    assert "in 15 Minuten" in response.text


def test_the_admin_is_no_way_around(admin):
    form = {"username": "admin", "password": "wrong"}
    tries(form, 2)
    assert tries(form, at="/admin/login/").status_code == 429
    assert tries(form | {"password": "demo"}, at="/admin/login/").status_code == 429


def test_who_is_logged_in_stays_so(alice):
    page = Client(REMOTE_ADDR="192.0.2.1")
    page.post("/login/", GOOD)
    tries(BAD, 3)
    tries(BAD | {"username": "nobody"}, 3)
    assert page.get("/orders/").status_code == 200
    assert page.post("/logout/").status_code == 302


def test_a_success_forgets_the_own_failures_from_there(alice):
    tries(BAD, 2)
    assert is_in(tries(GOOD))
    assert tries(BAD, 2).status_code == 200


def test_a_success_elsewhere_forgets_nothing(alice):
    tries(BAD, 2)
    assert is_in(tries(GOOD, address=ELSEWHERE))
    assert tries(BAD).status_code == 429


def test_one_good_account_does_not_free_its_address(alice, bob):
    for name in "abcde":
        tries(BAD | {"username": name})
    assert is_in(tries({"username": "bob", "password": "demo"}))
    assert tries(BAD | {"username": "f"}).status_code == 429


def test_behind_a_proxy_its_clients_are_told_apart(alice, settings):
    settings.PROXIES = 1
    for name in "abcdef":
        tries(BAD | {"username": name}, **{"X-Forwarded-For": ELSEWHERE})
    assert tries(GOOD, **{"X-Forwarded-For": f"192.0.2.9, {ELSEWHERE}"}).status_code == 429
    assert is_in(tries(GOOD, **{"X-Forwarded-For": "192.0.2.9"}))


def test_without_a_proxy_nobody_chooses_an_address(alice):
    for number, name in enumerate("abcdef"):
        last = tries(BAD | {"username": name}, **{"X-Forwarded-For": f"198.51.100.{number}"})
    assert last.status_code == 429


def test_what_was_typed_is_not_kept(alice):
    """Not even in fields that no form of ours has."""
    for _ in range(2):
        tries(BAD | {"password": "hunter2-typed", "pin": "4711-typed"}, at="/login/?pin=0815-typed")
    kept = AccessAttempt.objects.values().get()
    assert (kept["failures_since_start"], kept["username"]) == (2, "alice")
    assert "typed" not in str(kept)

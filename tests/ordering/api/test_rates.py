"""How often a token may ask."""

import time

import pytest

from ordering.api import limits


@pytest.fixture(autouse=True)
def _three_a_minute(settings, time_machine):
    settings.API_RATE = "3/minute"
    # A minute that ends between two requests would make room for another one.
    time_machine.move_to(time.time() // 60 * 60 + 10, tick=False)


def test_who_asks_too_often_is_told_when_to_come_back(hers, problem):
    for _ in range(3):
        assert hers.get("orders").status_code == 200
    answer = hers.get("orders")
    assert "3 per 1 minute" in problem(answer, 429, "too-many-requests")["detail"]
    assert 1 <= int(answer["Retry-After"]) <= 60


def test_each_token_is_counted_by_itself(hers, his, program, alice):
    for _ in range(4):
        hers.get("orders")
    assert hers.get("orders").status_code == 429
    assert his.get("orders").status_code == 200
    assert program(alice).get("orders").status_code == 200


def test_what_is_refused_for_another_reason_counts_too(hers, problem):
    for _ in range(3):
        hers.post("orders", {"color": "x"})
    problem(hers.post("orders", {}), 429, "too-many-requests")


def test_a_request_too_many_takes_no_key(hers):
    for _ in range(3):
        hers.get("orders")
    assert hers.post("orders", {}, Idempotency_Key="later").status_code == 429
    limits.limiter.storage.reset()
    answer = hers.post("orders", {}, Idempotency_Key="later")
    assert answer.status_code == 201
    assert "Idempotency-Replayed" not in answer

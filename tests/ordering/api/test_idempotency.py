"""Idempotency-Key: one effect, one answer."""

from datetime import timedelta

import pytest
from django.utils import timezone

from eventstore.models import Event
from ordering.api import idempotency
from ordering.api.idempotency import forget_old_answers
from ordering.api.models import KeptAnswer

ITEM = {"sku": "FLR-25", "quantity": 1}
CHANGES = [
    ("POST", "orders", {"reference": "x"}, {}),
    ("POST", "{order}/items", ITEM, {}),
    ("PATCH", "{order}", {"note": "x"}, {"If_Match": '"3"'}),
    ("PATCH", "{order}/items/FLR-25", {"quantity": 5}, {}),
    ("DELETE", "{order}/items/FLR-25", None, {}),
    ("POST", "{order}/complete", None, {"If_Match": '"3"'}),
    ("POST", "{order}/cancel", {"reason": "x"}, {}),
    ("POST", "{order}/copy", None, {}),
    ("POST", "{order}/items", {"sku": "NOPE", "quantity": 1}, {}),
    ("PATCH", "{order}/items/NOPE", {"quantity": 5}, {}),
]


@pytest.mark.parametrize(("method", "path", "body", "headers"), CHANGES)
def test_the_same_key_gets_the_first_answer_byte_for_byte(
    hers, his, order, method, path, body, headers
):
    path = path.format(order=order)
    headers = headers | {"Idempotency_Key": "once"}
    first = hers.call(method, path, body, **headers)
    his.patch(order, {"reference": "Meanwhile"})
    his.post(f"{order}/cancel")
    before = Event.objects.count()
    again = hers.call(method, path, body, **headers)

    assert "Idempotency-Replayed" not in first
    assert again["Idempotency-Replayed"] == "true"
    assert (again.status_code, again.content) == (first.status_code, first.content)
    for name in ("Content-Type", "Cache-Control", "ETag", "Location"):
        assert again.get(name) == first.get(name)
    assert Event.objects.count() == before


def test_a_conflict_is_answered_again_as_it_was(hers, his, order):
    his.patch(order, {"reference": "Saturday"})
    asked = {"If_Match": '"3"', "Idempotency_Key": "conflict"}
    first = hers.patch(order, {"reference": "Sunday"}, **asked)
    his.patch(order, {"reference": "Monday"})
    again = hers.patch(order, {"reference": "Sunday"}, **asked)
    assert first.status_code == 409
    assert (again.status_code, again.content) == (409, first.content)


@pytest.mark.parametrize(
    ("method", "path", "body", "headers"),
    [
        ("POST", "{order}/items", ITEM | {"quantity": 2}, {}),
        ("POST", "{order}/items", {"items": [ITEM]}, {}),
        ("POST", "{order}/items", ITEM, {"If_Match": '"3"'}),
        ("POST", "orders", {}, {}),
        ("POST", "{order}/cancel", None, {}),
        ("DELETE", "{order}/items/FLR-25", None, {}),
    ],
)
def test_a_key_that_stands_for_something_else_is_refused(
    hers, order, problem, method, path, body, headers
):
    hers.post(f"{order}/items", ITEM, Idempotency_Key="taken")
    before = Event.objects.count()
    path = path.format(order=order)
    for _ in range(2):
        answer = hers.call(method, path, body, **headers, Idempotency_Key="taken")
        problem(answer, 422, "reused-key")
        assert "Idempotency-Replayed" not in answer
    assert Event.objects.count() == before


def test_the_same_json_in_another_spelling_is_the_same(hers, order):
    hers.post(f"{order}/items", ITEM, Idempotency_Key="spelled")
    raw = '{ "quantity": 1,\n"sku": "\\u0046LR-25" }'
    again = hers.call("POST", f"{order}/items", raw=raw, Idempotency_Key="spelled")
    assert again["Idempotency-Replayed"] == "true"


def test_two_agents_keys_have_nothing_to_do_with_one_another(hers, his, order):
    for program in (hers, his):
        answer = program.post(f"{order}/items", ITEM, Idempotency_Key="1")
        assert "Idempotency-Replayed" not in answer
    assert hers.get(order).json()["version"] == 5


@pytest.mark.parametrize("key", ["", " ", "a b", "x" * 256, "é", "\x7f", "a\tb"])
def test_a_key_that_is_none_is_malformed(hers, order, problem, key):
    problem(hers.post(f"{order}/items", ITEM, Idempotency_Key=key), 400, "malformed")
    assert hers.get(order).json()["version"] == 3


@pytest.mark.parametrize("key", ["x" * 255, "!~", '"8e03978e-40d5-43dd-bc93-6894a57f9324"'])
def test_any_visible_ascii_is_a_key(hers, order, key):
    assert hers.post(f"{order}/items", ITEM, Idempotency_Key=key).status_code == 200


def test_what_was_not_let_in_takes_no_key(hers, order, problem):
    key = {"Idempotency_Key": "tried"}
    problem(hers.call("POST", f"{order}/items", raw="{", **key), 400, "malformed")
    problem(hers.post(f"{order}/items", {"sku": "FLR-25"}, **key), 422, "invalid")
    problem(hers.post(f"{order}/complete", **key), 428, "version-required")
    assert hers.post(f"{order}/items", ITEM, **key).status_code == 200


def test_an_answer_that_was_lost_before_it_was_kept_is_made_again(hers, order, monkeypatch):
    class Killed(BaseException):
        """The process is gone between the command and the answer."""

    def die(*_):
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr(idempotency, "_keep", die)
        with pytest.raises(Killed):
            hers.post(f"{order}/items", ITEM, Idempotency_Key="lost")
    assert hers.get(order).json()["version"] == 4

    answers = [hers.post(f"{order}/items", ITEM, Idempotency_Key="lost") for _ in range(2)]
    assert [answer.status_code for answer in answers] == [200, 200]
    assert answers[0].content == answers[1].content == hers.get(order).content
    assert hers.get(order).json()["version"] == 4


def test_answers_are_kept_for_two_days_and_then_forgotten(hers, order):
    for key in ("young", "old"):
        hers.post(f"{order}/items", ITEM, Idempotency_Key=key)
    aged = {"young": timedelta(hours=47), "old": timedelta(hours=49)}
    for key, age in aged.items():
        KeptAnswer.objects.filter(key=key).update(kept_at=timezone.now() - age)

    assert forget_old_answers() == 1

    version = hers.get(order).json()["version"]
    young = hers.post(f"{order}/items", ITEM, Idempotency_Key="young")
    assert young["Idempotency-Replayed"] == "true"
    # The store remembers the command for ever: no second effect.
    old = hers.post(f"{order}/items", ITEM, Idempotency_Key="old")
    assert (old.status_code, hers.get(order).json()["version"]) == (200, version)


def test_without_a_key_each_request_counts(hers, order):
    for _ in range(2):
        hers.post(f"{order}/items", ITEM)
    assert hers.get(order).json()["version"] == 5
    # Those of the order's own making.
    assert KeptAnswer.objects.count() == 1

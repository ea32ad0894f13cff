"""Tokens: who has one is its agent, until it is revoked."""

import hashlib
from datetime import timedelta

import pytest
from django.utils import timezone

from ordering.api.models import ApiToken


def test_only_a_hash_of_a_token_is_stored(alice):
    token, secret = ApiToken.make(alice, "till")
    assert secret.startswith("tandem_")
    assert len(secret) >= 40
    token.refresh_from_db()
    assert bytes(token.digest) == hashlib.sha256(secret.encode()).digest()
    stored = ApiToken.objects.filter(pk=token.pk).values().get()
    assert all(secret not in f"{value}" for value in stored.values())
    assert str(token) == f"till (…{secret[-4:]})"


def test_a_token_is_its_agent(hers, his, order):
    hers.patch(order, {"note": "a"})
    assert his.patch(order, {"note": "b"}).json()["changed_by"] == "bob"


def test_without_a_token_nothing_is_told(program, problem, order):
    for path in ("products", "products/FLR-25", "orders", order, f"{order}/events", "events"):
        answer = program().get(path)
        assert "found none" in problem(answer, 401, "not-authenticated")["detail"]
        assert answer["WWW-Authenticate"] == 'Bearer realm="tandem"'
    problem(program().post("orders", {"color": "x"}), 401, "not-authenticated")


@pytest.mark.parametrize(
    "said",
    [
        "Bearer",
        "Bearer ",
        "Bearer nope",
        "Bearer tandem_",
        "Bearer " + "x" * 10_000,
        "Bearer é",
        "Bearer \x00",
        "Basic YWxpY2U6ZGVtbw==",
        "Token {secret}",
        "{secret}",
        "Bearer {secret}x",
        "Bearer {secret} x",
        "Bearer {SECRET}",
    ],
)
def test_a_token_that_is_none_is_nobodys(hers, problem, said):
    said = said.format(secret=hers.secret, SECRET=hers.secret.upper())
    problem(hers.get("orders", Authorization=said), 401, "not-authenticated")


def test_the_scheme_is_read_in_any_case(hers):
    assert hers.get("orders", Authorization=f"bearer {hers.secret}").status_code == 200


def test_a_revoked_token_is_good_no_more_and_others_are(hers, program, alice, problem):
    other = program(alice)
    ApiToken.objects.by_secret(hers.secret).revoke()
    problem(hers.get("orders"), 401, "not-authenticated")
    assert other.get("orders").status_code == 200


def test_a_deactivated_agents_tokens_are_good_no_more(hers, alice, problem):
    alice.is_active = False
    alice.save()
    problem(hers.get("orders"), 401, "not-authenticated")


def test_revoking_again_changes_nothing(hers):
    token = ApiToken.objects.by_secret(hers.secret)
    token.revoke()
    revoked_at = token.revoked_at
    token.revoke()
    assert ApiToken.objects.get().revoked_at == revoked_at


def test_its_last_use_is_noted_once_a_minute(hers, django_assert_num_queries):
    assert ApiToken.objects.get().last_used_at is None
    hers.get("orders")
    first = ApiToken.objects.get().last_used_at
    assert first is not None
    hers.get("orders")
    assert ApiToken.objects.get().last_used_at == first
    ApiToken.objects.update(last_used_at=timezone.now() - timedelta(minutes=2))
    hers.get("orders")
    assert ApiToken.objects.get().last_used_at > first

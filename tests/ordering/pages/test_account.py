"""/account/: an agent's API tokens."""

import pytest

from ordering.api.models import LONGEST_NAME, MOST_TOKENS, ApiToken

PAGE = "/account/"


def revocation(token):
    return f"/account/tokens/{token.pk}/revocation/"


def test_a_token_is_made_and_shown_once(browser, alice):
    page = browser(alice)
    answer = page.post(PAGE, {"name": "  Till  "})
    token = ApiToken.objects.get()
    secret = answer.context["secret"]
    assert (answer.status_code, token.name, token.agent) == (200, "Till", alice)
    assert secret in answer.content.decode()
    assert "no-store" in answer["Cache-Control"]
    assert ApiToken.objects.by_secret(secret) == token

    later = page.get(PAGE).content.decode()
    assert secret not in later
    assert "Till" in later
    assert f"…{secret[-4:]}" in later


def test_a_token_is_revoked(browser, alice):
    token, secret = ApiToken.make(alice, "Scanner")
    answer = browser(alice).post(revocation(token))
    assert (answer.status_code, answer["Location"]) == (303, PAGE)
    assert ApiToken.objects.by_secret(secret) is None
    assert "Scanner" not in browser(alice).get(PAGE).content.decode()


@pytest.mark.parametrize("who", ["bob", "charlie"])
def test_nobody_sees_or_revokes_anothers_token(browser, alice, who, request):
    token, secret = ApiToken.make(request.getfixturevalue(who), "Hers alone")
    page = browser(alice)
    assert "Hers alone" not in page.get(PAGE).content.decode()
    assert page.post(revocation(token)).status_code == 404
    assert page.post("/account/tokens/0/revocation/").status_code == 404
    assert ApiToken.objects.by_secret(secret) == token


@pytest.mark.parametrize("name", ["", "  ", "x" * (LONGEST_NAME + 1), "a\tb", "a\x00b"])
def test_a_name_that_does_not_fit_makes_no_token(browser, alice, name):
    answer = browser(alice).post(PAGE, {"name": name})
    assert answer.status_code == 422
    assert answer.context["form"].errors["name"]
    assert not ApiToken.objects.exists()


def test_an_agent_has_so_many_tokens_and_no_more(browser, alice):
    tokens = [ApiToken.make(alice, f"{n}")[0] for n in range(MOST_TOKENS)]
    answer = browser(alice).post(PAGE, {"name": "One more"})
    assert (answer.status_code, answer.context["secret"]) == (422, "")
    assert str(MOST_TOKENS) in answer.content.decode()
    tokens[0].revoke()
    assert browser(alice).post(PAGE, {"name": "One more"}).status_code == 200


def test_looking_revokes_nothing(browser, alice):
    token, secret = ApiToken.make(alice, "Till")
    assert browser(alice).get(revocation(token)).status_code == 405
    assert ApiToken.objects.by_secret(secret) == token


def test_who_is_not_logged_in_is_sent_to_the_door(client, alice):
    token, secret = ApiToken.make(alice, "Till")
    for answer in (client.get(PAGE), client.post(PAGE), client.post(revocation(token))):
        assert answer["Location"].startswith("/login/")
    assert ApiToken.objects.by_secret(secret) == token


def test_staff_without_a_customer_make_tokens_too(browser, admin):
    assert browser(admin).post(PAGE, {"name": "Integrator"}).context["secret"]


def test_a_name_is_shown_as_it_is(browser, alice):
    ApiToken.make(alice, "<b>Till</b>")
    assert "&lt;b&gt;Till&lt;/b&gt;" in browser(alice).get(PAGE).content.decode()

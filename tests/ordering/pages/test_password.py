"""/account/password/: an agent's own password."""

import pytest
from axes.models import AccessAttempt

from ordering.api.models import ApiToken

PAGE = "/account/password/"
NEW = "a long one for the bakery 7"
GOOD = {"old_password": "demo", "new_password1": NEW, "new_password2": NEW}


def test_it_is_changed_here_and_everybody_else_is_logged_out(browser, alice):
    here, elsewhere = browser(alice), browser(alice)
    key = here.cookies["sessionid"].value

    answer = here.post(PAGE, GOOD)

    assert (answer.status_code, answer["Location"]) == (303, "/account/")
    assert "Your password is changed." in here.get("/account/").content.decode()
    assert here.cookies["sessionid"].value != key
    assert elsewhere.get("/account/").status_code == 302
    alice.refresh_from_db()
    assert alice.check_password(NEW)


@pytest.mark.parametrize("also", [True, False])
def test_tokens_are_revoked_when_asked(also, browser, alice, bob):
    """Whoever knew the old password may have made one."""
    _, secret = ApiToken.make(alice, "till")
    _, bobs = ApiToken.make(bob, "till")
    browser(alice).post(PAGE, GOOD | ({"revoke_tokens": "on"} if also else {}))
    assert (ApiToken.objects.by_secret(secret) is None) == also
    assert ApiToken.objects.by_secret(bobs)


def test_nothing_else_of_the_agent_is_written(browser, alice, order_id, monkeypatch):
    """A colleague's browser may have chosen another order meanwhile."""
    page = browser(alice)
    set_password = type(alice).set_password

    def meanwhile(agent, raw):
        type(alice).objects.filter(pk=agent.pk).update(current_order_id=order_id)
        set_password(agent, raw)

    monkeypatch.setattr(type(alice), "set_password", meanwhile)
    page.post(PAGE, GOOD)
    alice.refresh_from_db()
    assert alice.current_order_id == order_id
    assert alice.check_password(NEW)


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ({"old_password": "wrong"}, "Your old password was entered incorrectly."),
        ({"old_password": ""}, "This field is required."),
        ({"new_password2": "another one 7"}, "The two password fields didn’t match."),
        ({"new_password1": "short7", "new_password2": "short7"}, "This password is too short."),
        ({"new_password1": "password", "new_password2": "password"}, "too common"),
        ({"new_password1": "2468024680", "new_password2": "2468024680"}, "entirely numeric"),
    ],
)
def test_what_does_not_fit_is_said_and_changes_nothing(typed, told, browser, alice, text):
    page = browser(alice)
    answer = page.post(PAGE, GOOD | typed)
    assert answer.status_code == 422
    assert told in text(answer)
    for value in (GOOD | typed).values():
        assert not value or f'value="{value}"' not in answer.content.decode()
    alice.refresh_from_db()
    assert alice.check_password("demo")
    assert page.get("/account/").status_code == 200


def test_a_browser_that_was_left_open_is_no_place_to_guess(browser, alice, settings):
    settings.AXES_FAILURE_LIMIT = 3
    page = browser(alice)
    for _ in range(2):
        assert page.post(PAGE, GOOD | {"old_password": "guess"}).status_code == 422
    assert page.post(PAGE, GOOD | {"old_password": "guess"}).status_code == 429
    assert page.post(PAGE, GOOD).status_code == 429
    alice.refresh_from_db()
    assert alice.check_password("demo")
    assert page.get("/account/").status_code == 200
    assert "guess" not in str(AccessAttempt.objects.values())


def test_the_account_leads_there(browser, alice):
    assert f'href="{PAGE}"' in browser(alice).get("/account/").content.decode()

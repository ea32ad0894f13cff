"""/account/ and what is below /account/sessions/: where an agent is logged in, and ending that."""

import re
from datetime import timedelta

import pytest
from django.contrib.sessions.models import Session
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from ordering import own_sessions
from ordering.models import Agent, AgentSession
from ordering.own_sessions import BROWSERS, SYSTEMS, _first_of
from ordering.sessions import SessionStore
from tests.second_factors import is_logged_in

ALL = "/account/sessions/ending/"
GOOD = {"username": "alice", "password": "demo"}
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
SAFARI = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 "
    "(KHTML, like Gecko) Version/18.5 Mobile/15E148 Safari/604.1"
)
CHROME = (
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) "
    "Chrome/138.0.0.0 Safari/537.36"
)


def logs_in(said=FIREFOX, **form):
    page = Client(headers={"User-Agent": said})
    page.post("/login/", GOOD | form)
    return page


def known(page) -> AgentSession:
    return AgentSession.objects.get(session=page.cookies["sessionid"].value)


def ending(page) -> str:
    return f"/account/sessions/{known(page).pk}/ending/"


def listed(page) -> list[str]:
    """The browsers, in their order."""
    shown = page.get("/account/").content.decode()
    shown = shown[shown.index('id="sessions-title"') :]
    return re.findall(r'<th scope="row"><strong>([^<]+)</strong>', shown)


@pytest.fixture(autouse=True)
def _alice(alice):
    pass


class TestTheList:
    def test_it_has_each_browser_and_this_one_first(self):
        phone, till = logs_in(SAFARI), logs_in(FIREFOX)
        assert listed(phone) == ["Safari on iPhone", "Firefox on Linux"]
        assert listed(till) == ["Firefox on Linux", "Safari on iPhone"]
        shown = till.get("/account/").content.decode()
        assert shown.count("this browser") == 1
        assert ending(phone) in shown
        assert ending(till) not in shown
        assert "End all others" in shown

    def test_alone_there_is_nothing_to_end(self):
        page = logs_in()
        assert listed(page) == ["Firefox on Linux"]
        assert "End all others" not in page.get("/account/").content.decode()

    def test_of_very_many_it_has_those_that_were_used_last(self, monkeypatch):
        monkeypatch.setattr(own_sessions, "MOST_SHOWN", 2)
        here, phone = logs_in(FIREFOX), logs_in(SAFARI)
        assert "There are more" not in here.get("/account/").content.decode()
        logs_in(CHROME)
        AgentSession.objects.filter(pk=known(phone).pk).update(seen_at=timezone.now())
        assert listed(here) == ["Firefox on Linux", "Safari on iPhone"]
        told = "There are more: these are the 2 that were used last."
        assert told in here.get("/account/").content.decode()
        here.post(ALL)
        assert listed(here) == ["Firefox on Linux"]
        assert AgentSession.objects.count() == 1

    def test_it_shows_no_session_key(self):
        phone, till = logs_in(), logs_in()
        assert phone.cookies["sessionid"].value not in till.get("/account/").content.decode()

    def test_it_has_nobody_elses(self, bob):
        logs_in(username="bob")
        assert len(listed(logs_in())) == 1

    def test_what_is_over_is_not_in_it(self, settings):
        here, *others = [logs_in(said) for said in (FIREFOX, SAFARI, CHROME, "x")]
        others[0].post("/logout/")
        Session.objects.filter(pk=known(others[1]).session_id).update(expire_date=timezone.now())
        settings.SESSION_IDLE_DAYS = 7
        AgentSession.objects.filter(pk=known(others[2]).pk).update(
            seen_at=timezone.now() - timedelta(days=7, seconds=1)
        )
        assert listed(here) == ["Firefox on Linux"]

    def test_nor_what_another_password_ended(self):
        here, elsewhere = logs_in(FIREFOX), logs_in(SAFARI)
        new = "a long one for the bakery 7"
        typed = {"old_password": "demo", "new_password1": new, "new_password2": new}
        here.post("/account/password/", typed)
        assert not is_logged_in(elsewhere)
        assert listed(here) == ["Firefox on Linux"]

    def test_in_german(self):
        page = logs_in()
        page.cookies["django_language"] = "de"
        assert listed(page) == ["Firefox auf Linux"]

    def test_logging_out_leaves_nothing(self):
        logs_in().post("/logout/")
        assert not AgentSession.objects.exists()

    def test_what_was_never_logged_in_is_in_none(self, client):
        client.post("/login/", GOOD | {"password": "wrong"})
        assert not AgentSession.objects.exists()

    @pytest.mark.parametrize(
        ("said", "told"),
        [
            (FIREFOX, ("Firefox", "Linux")),
            (SAFARI, ("Safari", "iPhone")),
            (CHROME, ("Chrome", "Windows")),
            (f"{CHROME} Edg/138.0.0.0", ("Edge", "Windows")),
            ("Mozilla/5.0 (Linux; Android 15; K) Chrome/138.0.0.0 Mobile", ("Chrome", "Android")),
            ("Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) Safari/605", ("Safari", "macOS")),
            ("curl/8.5.0", ("", "")),
            ("<script>alert(1)</script>" * 999, ("", "")),
            ("", ("", "")),
        ],
        ids=["firefox", "safari", "chrome", "edge", "android", "mac", "curl", "script", "nothing"],
    )
    def test_browsers_are_named_as_people_call_them(self, said, told):
        assert (_first_of(BROWSERS, said), _first_of(SYSTEMS, said)) == told

    def test_one_that_says_nothing_known_is_called_so(self):
        assert listed(logs_in("curl/8.5.0")) == ["An unknown browser"]


class TestEnding:
    def test_one_is_over_and_the_others_are_not(self):
        here, phone, till = logs_in(), logs_in(SAFARI), logs_in(CHROME)
        answer = here.post(ending(phone))
        assert (answer.status_code, answer["Location"]) == (303, "/account/")
        assert [is_logged_in(page) for page in (here, phone, till)] == [True, False, True]

    def test_the_own_one_is_a_logout(self):
        page = logs_in()
        answer = page.post(ending(page))
        assert (answer.status_code, page.get("/orders/").status_code) == (303, 302)

    def test_another_agents_is_not_found(self, bob):
        bobs = logs_in(username="bob")
        assert logs_in().post(ending(bobs)).status_code == 404
        assert is_logged_in(bobs)

    def test_all_others_are_over(self):
        here, phone, till = logs_in(), logs_in(SAFARI), logs_in(CHROME)
        key = here.cookies["sessionid"].value
        here.post(ALL)
        assert [is_logged_in(page) for page in (here, phone, till)] == [True, False, False]
        assert here.cookies["sessionid"].value != key
        assert AgentSession.objects.count() == 1, "which is this one, under its new key"
        assert listed(here) == ["Firefox on Linux"]

    def test_so_are_those_that_are_not_known(self):
        """Of before the migration."""
        here, old = logs_in(), logs_in(SAFARI)
        known(old).delete()
        assert is_logged_in(old)
        here.post(ALL)
        assert not is_logged_in(old)


class TestWhenItWasUsed:
    def test_it_is_written_once_in_ten_minutes(self, django_assert_num_queries):
        page = logs_in()
        one = known(page)
        before = timezone.now() - timedelta(minutes=11)
        for seen_at, writes in ((before, 1), (timezone.now() - timedelta(minutes=9), 0)):
            AgentSession.objects.filter(pk=one.pk).update(seen_at=seen_at)
            with CaptureQueriesContext(connection) as queries:
                page.get("/orders/")
            written = [query for query in queries if "SET seen_at" in query["sql"]]
            assert len(written) == writes

    @pytest.mark.parametrize(("days", "idle", "good"), [(7, 8, False), (7, 6, True), (0, 13, True)])
    def test_one_that_nobody_uses_is_over(self, days, idle, good, settings):
        settings.SESSION_IDLE_DAYS = days
        page = logs_in()
        seen_at = timezone.now() - timedelta(days=idle)
        AgentSession.objects.update(seen_at=seen_at)
        assert is_logged_in(page) == good
        assert is_logged_in(page) == good, "and looking at it did not bring it back"

    def test_a_session_of_nobody_is_not_idle(self, client):
        client.cookies["django_language"] = "de"
        session = client.session
        session["said"] = "hello"
        session.save()
        assert SessionStore(session.session_key)["said"] == "hello"


def test_a_deactivated_agents_are_over_and_stay_so(admin):
    page = logs_in()
    staff = Client()
    staff.force_login(admin)
    act = {"_selected_action": [Agent.objects.get(username="alice").pk]}
    for action in ("deactivate", "reactivate"):
        staff.post("/admin/ordering/agent/", act | {"action": action})
        assert not is_logged_in(page)
    assert listed(logs_in(SAFARI)) == ["Safari on iPhone"]


def test_what_ran_out_is_deleted_now_and_then():
    page = logs_in()
    Session.objects.update(expire_date=timezone.now() - timedelta(seconds=1))
    SessionStore.clear_expired()
    assert not Session.objects.exists()
    assert not AgentSession.objects.exists()
    assert not is_logged_in(page)

"""/login/second-factor/: the code after the password."""

import time

import pytest
from axes.models import AccessAttempt
from django.contrib.sessions.models import Session
from django.test import Client
from django.utils import timezone
from django_otp.plugins.otp_totp.models import TOTPDevice

from ordering.models import Agent
from ordering.second_factor.models import RecoveryCode
from tests.second_factors import code_of, give_app, is_logged_in, prove_password, wrong_code

STEP = "/login/second-factor/"


@pytest.fixture
def app(alice):
    return give_app(alice)


def no_wait(device):
    TOTPDevice.objects.filter(pk=device.pk).update(throttling_failure_count=0)


def test_the_password_alone_logs_nobody_in(alice, app):
    page = prove_password(alice)
    assert (page.asked.status_code, page.asked["Location"]) == (302, f"{STEP}?next=%2F")
    assert "_auth_user_id" not in page.session
    assert not is_logged_in(page)
    assert page.get("/api/v1/orders").status_code == 401
    assert page.get("/admin/")["Location"] == "/admin/login/?next=/admin/"


def test_the_code_does(alice, app):
    page = prove_password(alice)
    assert 'autocomplete="one-time-code"' in page.get(STEP).content.decode()
    answer = page.post(STEP, {"code": code_of(app)})
    assert (answer.status_code, answer["Location"]) == (302, "/")
    assert is_logged_in(page)
    assert "first_step" not in page.session


def test_who_has_none_is_not_asked(alice, bob, app):
    assert is_logged_in(prove_password(bob))


def test_one_that_was_never_confirmed_is_none(alice):
    TOTPDevice.objects.create(user=alice, name="app", confirmed=False)
    assert is_logged_in(prove_password(alice))


def test_a_code_may_be_typed_as_apps_show_it(alice, app):
    page = prove_password(alice)
    code = code_of(app)
    page.post(STEP, {"code": f" {code[:3]} {code[3:]} "})
    assert is_logged_in(page)


def test_a_code_is_taken_once(alice, app):
    code = code_of(app)
    prove_password(alice).post(STEP, {"code": code})
    late = prove_password(alice)
    assert "was used already" in late.post(STEP, {"code": code}).content.decode()
    assert not is_logged_in(late)


@pytest.mark.parametrize("typed", ["", "12345", "1234567", "abcdef", "x" * 61, "١٢٣٤٥٦", "\0"])
def test_what_is_no_code_is_refused(typed, alice, app):
    page = prove_password(alice)
    answer = page.post(STEP, {"code": typed})
    assert answer.status_code == 200
    assert 'class="refusal"' in answer.content.decode()
    assert not is_logged_in(page)


def test_another_agents_code_is_wrong(alice, bob, app):
    page = prove_password(alice)
    page.post(STEP, {"code": code_of(give_app(bob))})
    assert not is_logged_in(page)


class TestTheKey:
    """Of the session: who put one into this browser does not come in with it."""

    def test_it_is_another_after_each_step(self, alice, app, client):
        session = client.session
        session["planted"] = "yes"
        session.save()
        keys = [client.cookies["sessionid"].value]
        client.post("/login/", {"username": "alice", "password": "demo"})
        keys.append(client.cookies["sessionid"].value)
        client.post(STEP, {"code": code_of(app)})
        keys.append(client.cookies["sessionid"].value)
        assert len(set(keys)) == 3
        assert [key for key in keys if Session.objects.filter(pk=key).exists()] == keys[2:]


class TestTheFirstStep:
    def test_without_it_nobody_is_asked(self, alice, app):
        page = Client()
        assert page.get(f"{STEP}?next=/orders/")["Location"] == "/login/?next=%2Forders%2F"
        assert page.post(STEP, {"code": code_of(app)})["Location"] == "/login/?next=%2F"
        assert not is_logged_in(page)

    def test_after_ten_minutes_it_is_forgotten(self, alice, app, time_machine):
        page = prove_password(alice)
        time_machine.move_to(time.time() + 10 * 60 + 1)
        assert page.get(STEP)["Location"].startswith("/login/")

    def test_another_password_makes_it_void(self, alice, app):
        page = prove_password(alice)
        alice.set_password("another one")
        alice.save()
        page.post(STEP, {"code": code_of(app)})
        assert not is_logged_in(page)

    def test_so_does_deactivating(self, alice, app):
        page = prove_password(alice)
        Agent.objects.update(is_active=False)
        page.post(STEP, {"code": code_of(app)})
        assert "_auth_user_id" not in page.session

    def test_its_session_is_soon_over_and_the_next_one_as_long_as_others(self, alice, app):
        page = prove_password(alice)
        assert page.session.get_expiry_age() <= 600
        page.post(STEP, {"code": code_of(app)})
        assert page.session.get_expiry_age() > 13 * 24 * 60 * 60


class TestWhereItLeads:
    def test_to_the_page_that_was_asked_for(self, alice, app):
        page = prove_password(alice, next_="/orders/?status=all")
        assert page.post(page.asked["Location"], {"code": code_of(app)})["Location"] == (
            "/orders/?status=all"
        )

    @pytest.mark.parametrize("elsewhere", ["//evil.example", "https://evil.example/", STEP])
    def test_nowhere_else(self, elsewhere, alice, app):
        page = prove_password(alice, next_=elsewhere)
        assert page.asked["Location"] == f"{STEP}?next=%2F"
        answer = page.post(STEP, {"code": code_of(app), "next": elsewhere})
        assert answer["Location"] == "/"


class TestTheAdmin:
    def test_staff_are_asked_too(self, admin):
        app = give_app(admin)
        page = prove_password(admin, at="/admin/login/", next_="/admin/ordering/agent/")
        assert "_auth_user_id" not in page.session
        assert page.get("/admin/").status_code == 302
        answer = page.post(page.asked["Location"], {"code": code_of(app)})
        assert answer["Location"] == "/admin/ordering/agent/"
        assert page.get("/admin/").status_code == 200

    def test_without_a_page_it_leads_to_the_admin(self, admin):
        give_app(admin)
        page = prove_password(admin, at="/admin/login/")
        assert page.asked["Location"] == f"{STEP}?next=%2Fadmin%2F"

    def test_an_agent_who_is_no_staff_does_not_get_so_far(self, alice, app):
        page = prove_password(alice, at="/admin/login/")
        assert page.asked.status_code == 200
        assert page.get(STEP)["Location"].startswith("/login/")


class TestGuessing:
    @pytest.fixture(autouse=True)
    def _few_tries(self, settings):
        settings.AXES_FAILURE_LIMIT = 3

    def guess(self, page, app):
        no_wait(app)
        return page.post(STEP, {"code": wrong_code(app)})

    def test_wrong_codes_count_as_wrong_passwords_do(self, alice, app):
        Client().post("/login/", {"username": "alice", "password": "wrong"})
        page = prove_password(alice)
        assert self.guess(page, app).status_code == 200
        assert self.guess(page, app).status_code == 429
        no_wait(app)
        assert page.post(STEP, {"code": code_of(app)}).status_code == 429
        assert not is_logged_in(page)
        assert prove_password(alice).asked.status_code == 429

    def test_the_right_password_alone_forgets_no_failures(self, alice, app):
        for _ in range(2):
            self.guess(prove_password(alice), app)
        assert self.guess(prove_password(alice), app).status_code == 429

    def test_wrong_recovery_codes_count_too(self, alice, app):
        RecoveryCode.make_new(alice)
        page = prove_password(alice)
        for _ in range(2):
            assert page.post(STEP, {"code": "a" * 24}).status_code == 200
        assert page.post(STEP, {"code": "a" * 24}).status_code == 429

    def test_each_wrong_code_of_the_app_doubles_a_wait(self, alice, app):
        """So that it is not ten guesses each quarter of an hour, for ever."""
        TOTPDevice.objects.update(
            throttling_failure_count=13, throttling_failure_timestamp=timezone.now()
        )
        page = prove_password(alice)
        text = page.post(STEP, {"code": code_of(app)}).content.decode()
        assert "Wait 69 minutes, or type a recovery code." in text
        assert not AccessAttempt.objects.exists(), "which was no guess"
        [code, *_] = RecoveryCode.make_new(alice)
        page.post(STEP, {"code": code})
        assert is_logged_in(page)

    @pytest.mark.parametrize(("wrong", "told"), [(1, "1 second."), (4, "8 seconds.")])
    def test_after_the_first_ones_it_is_a_matter_of_seconds(
        self, wrong, told, alice, app, time_machine
    ):
        time_machine.move_to(time.time(), tick=False)
        TOTPDevice.objects.update(
            throttling_failure_count=wrong, throttling_failure_timestamp=timezone.now()
        )
        text = prove_password(alice).post(STEP, {"code": code_of(app)}).content.decode()
        assert f"the next one has to wait: try again in {told}" in text

    def test_no_code_is_kept(self, alice, app):
        page = prove_password(alice)
        code = wrong_code(app)
        page.post(STEP, {"code": code})
        assert code not in str(AccessAttempt.objects.values().get())

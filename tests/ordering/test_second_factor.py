"""The second factor beyond its page: at once, by whose order, in the log, and taken away."""

import logging
from io import StringIO

import pytest
from django.contrib import admin as django_admin
from django.contrib.admin.models import LogEntry
from django.core.exceptions import ImproperlyConfigured
from django.core.management import CommandError, call_command
from django.http import HttpRequest
from django.test import Client
from django.urls import reverse
from django_otp.plugins.otp_totp.models import TOTPDevice

from ordering.api.models import ApiToken
from ordering.models import Agent, OrderHead
from ordering.second_factor import proving
from ordering.second_factor.models import RecoveryCode
from shop.environment import one_of
from tests.concurrency import at_once
from tests.factories import AgentFactory
from tests.second_factors import code_of, give_app, is_logged_in, prove_password, wrong_code

PAGE, STEP = "/account/second-factor/", "/login/second-factor/"


@pytest.fixture
def told(caplog):
    """The words of the security log since, with the ids that they name."""
    caplog.set_level(logging.INFO, "shop.security")

    def told():
        records = [one for one in caplog.records if one.name == "shop.security"]
        caplog.clear()
        return [(one.denial, one.user_id, getattr(one, "of_id", None)) for one in records]

    return told


@pytest.mark.django_db(transaction=True)
class TestAtOnce:
    def test_a_recovery_code_lets_one_in(self, alice):
        give_app(alice)
        for code in RecoveryCode.make_new(alice)[:5]:
            assert sorted(at_once(lambda code: proving.accepts(alice, code), [code] * 4)) == [
                False, False, False, True,
            ]  # fmt: skip
        assert alice.recovery_codes.count() == 5

    def test_so_does_a_code_of_the_app(self, alice):
        code = code_of(give_app(alice))
        assert at_once(lambda code: proving.accepts(alice, code), [code] * 4).count(True) == 1

    def test_who_makes_new_ones_in_two_browsers_has_ten(self, alice):
        give_app(alice)
        at_once(lambda _: RecoveryCode.make_new(alice), range(4))
        assert alice.recovery_codes.count() == 10


class TestWhoHasTo:
    @pytest.fixture
    def of_staff(self, settings):
        settings.SECOND_FACTOR = "staff"

    def test_it_is_one_of_three(self):
        with pytest.raises(ImproperlyConfigured) as error:
            one_of("SECOND_FACTOR", "always", ("optional", "staff", "everybody"))
        assert str(error.value) == (
            "SECOND_FACTOR: expected one of optional, staff, everybody; found 'always'."
        )

    def test_staff_are_led_to_set_it_up(self, of_staff, admin):
        page = prove_password(admin, at="/admin/login/")
        for url in ("/admin/", "/admin/ordering/agent/", "/", "/orders/", "/account/"):
            answer = page.get(url)
            assert (answer.status_code, answer["Location"]) == (303, PAGE), url
        shown = page.get(PAGE)
        assert "This shop asks you for a second factor." in shown.content.decode()

    def test_a_part_of_a_page_is_led_there_as_a_whole(self, of_staff, admin):
        page = prove_password(admin)
        answer = page.get("/", headers={"HX-Request": "true"})
        assert answer["HX-Redirect"] == PAGE

    def test_the_admin_refuses_them_by_itself(self, of_staff, admin):
        request = HttpRequest()
        request.user, request.session = admin, {}
        assert not django_admin.site.has_permission(request)
        request.session["both_steps"] = True
        assert django_admin.site.has_permission(request)

    def test_once_it_is_set_up_they_go_on(self, of_staff, admin):
        page = prove_password(admin)
        page.post(PAGE, {"what": "begin", "password": "demo"})
        key, _until = page.session["second_factor_key"]
        page.post(PAGE, {"what": "confirm", "code": code_of(TOTPDevice(key=key))})
        assert page.get("/admin/").status_code == 200

    def test_a_session_from_before_is_asked_for_the_code(self, of_staff, admin):
        """Which began with the password alone."""
        page = Client()
        page.force_login(admin)
        app = give_app(admin)
        assert page.get("/admin/")["Location"] == PAGE
        assert page.get(PAGE)["Location"] == STEP
        page.post(STEP, {"code": code_of(app)})
        assert page.get("/admin/").status_code == 200

    def test_agents_are_not_asked(self, of_staff, alice):
        assert prove_password(alice).get("/orders/").status_code == 200

    def test_everybody_is(self, settings, alice):
        settings.SECOND_FACTOR = "everybody"
        page = prove_password(alice)
        assert page.get("/orders/")["Location"] == PAGE
        assert page.get("/api/v1/orders").status_code == 401
        assert "data-live" not in page.get(PAGE).content.decode()
        assert page.post("/language/", {"language": "de"}).status_code == 303
        assert page.post("/logout/").status_code == 302

    def test_nor_do_they_see_their_customers_orders_around_other_pages(
        self, settings, alice, order_id
    ):
        Agent.objects.filter(pk=alice.pk).update(current_order_id=order_id)
        number = OrderHead.objects.get(pk=order_id).number
        page = prove_password(alice)
        assert number in page.get("/nowhere/").content.decode()
        settings.SECOND_FACTOR = "everybody"
        for url, status in ((PAGE, 200), ("/nowhere/", 404)):
            shown = page.get(url)
            assert shown.status_code == status
            assert number not in shown.content.decode()
            assert "Harbour" in shown.content.decode(), "whom they order for"

    def test_programs_are_not(self, settings, alice, client):
        settings.SECOND_FACTOR = "everybody"
        _, secret = ApiToken.make(alice, "till")
        bearer = {"Authorization": f"Bearer {secret}"}
        assert client.get("/api/v1/orders", headers=bearer).status_code == 200

    def test_figures_are_not_for_who_has_to_and_has_not(self, of_staff, admin):
        page = prove_password(admin, REMOTE_ADDR="192.0.2.1")
        assert page.get("/metrics").status_code == 403

    def test_taking_it_away_leads_back_to_setting_it_up(self, settings, alice):
        settings.SECOND_FACTOR = "everybody"
        app = give_app(alice)
        page = prove_password(alice)
        page.post(STEP, {"code": code_of(app)})
        typed = {"password": "demo", "code": code_of(app, 1)}
        page.post(PAGE, {"what": "remove"} | typed)
        assert not TOTPDevice.objects.exists()
        assert page.get("/orders/")["Location"] == PAGE


class TestTheLog:
    def test_it_says_what_was_done_and_no_code(self, alice, told, caplog):
        page = Client()
        page.force_login(alice)
        told()
        page.post(PAGE, {"what": "begin", "password": "demo"})
        key, _until = page.session["second_factor_key"]
        app = TOTPDevice(key=key)
        page.post(PAGE, {"what": "confirm", "code": code_of(app)})
        assert told() == [("second-factor-on", alice.pk, None)]
        again = {"password": "demo", "code": code_of(app, 1)}
        page.post(PAGE, {"what": "new-codes"} | again)
        assert told() == [("recovery-codes-new", alice.pk, None)]
        [code, *_] = RecoveryCode.make_new(alice)
        page.post(PAGE, {"what": "remove", "password": "demo", "code": code})
        assert told() == [
            ("recovery-code-used", alice.pk, None), ("second-factor-off", alice.pk, None),
        ]  # fmt: skip

    def test_wrong_codes_have_a_word_of_their_own(self, alice, told, caplog):
        app = give_app(alice)
        page = prove_password(alice)
        code = wrong_code(app)
        page.post(STEP, {"code": code})
        [record] = [one for one in caplog.records if one.name == "shop.security"]
        assert (record.denial, record.tried_id) == ("second-factor-failed", alice.pk)
        assert not any(code in f"{one.__dict__}" for one in caplog.records)


class TestWhoLostIt:
    def url(self, agent):
        return reverse("admin:ordering_agent_change", args=[agent.pk])

    def act(self, page, agent, **more):
        form = {"CHANGE_FORM-action": "remove_second_factor", "_selected_action": agent.pk}
        return page.post(self.url(agent), form | more, follow=True)

    @pytest.fixture
    def staff(self, operator):
        page = Client()
        page.force_login(operator)
        return page

    def test_staff_take_it_away_when_they_say_yes(self, staff, operator, alice, told):
        give_app(alice)
        RecoveryCode.make_new(alice)
        asked = self.act(staff, alice).content.decode()
        assert "Make sure that it is them who asks" in asked
        assert TOTPDevice.objects.exists()
        told()
        done = self.act(staff, alice, post="yes").content.decode()
        assert "logs in with a password alone now" in done
        assert not TOTPDevice.objects.exists()
        assert not RecoveryCode.objects.exists()
        assert told() == [("second-factor-off", operator.pk, alice.pk)]
        assert LogEntry.objects.get().change_message == "Took the second factor away."

    @pytest.mark.parametrize("by", ["staff", "the console"])
    def test_whoever_found_the_phone_is_logged_out_in_it(self, by, staff, alice, bob):
        app = give_app(alice)
        phone, other = prove_password(alice), prove_password(bob)
        phone.post(STEP, {"code": code_of(app)})
        assert is_logged_in(phone)
        if by == "staff":
            self.act(staff, alice)
            assert is_logged_in(phone), "nobody has said yes"
            self.act(staff, alice, post="yes")
        else:
            call_command("remove_second_factor", "alice", stdout=StringIO())
        assert not is_logged_in(phone)
        assert is_logged_in(other)

    def test_not_from_staff_unless_they_are_superusers(self, staff, support, admin):
        give_app(support)
        assert "not yours to change" in self.act(staff, support, post="yes").content.decode()
        assert TOTPDevice.objects.exists()
        page = Client()
        page.force_login(admin)
        self.act(page, support, post="yes")
        assert not TOTPDevice.objects.exists()

    def test_who_may_only_look_does_not(self, support, alice):
        give_app(alice)
        page = Client()
        page.force_login(support)
        self.act(page, alice, post="yes")
        assert TOTPDevice.objects.exists()

    def test_nor_anybody_their_own(self, admin):
        give_app(admin)
        page = Client()
        page.force_login(admin)
        assert "it asks for a code" in self.act(page, admin, post="yes").content.decode()
        assert TOTPDevice.objects.exists()

    def test_the_admin_says_that_there_is_one_and_shows_no_key(self, admin, alice):
        app = give_app(alice)
        codes = RecoveryCode.make_new(alice)
        page = Client()
        page.force_login(admin)
        shown = page.get(self.url(alice)).content.decode()
        assert "with 10 recovery codes" in shown
        assert app.key not in shown
        assert not any(code in shown for code in codes)
        named = {model._meta.label for model in django_admin.site._registry}
        assert not {label for label in named if label.startswith(("otp_", "django_otp"))}
        assert RecoveryCode not in django_admin.site._registry

    def test_the_console_does_where_nobody_is_left(self, admin, told):
        give_app(admin)
        out = StringIO()
        call_command("remove_second_factor", "admin", stdout=out)
        assert out.getvalue() == "admin logs in with a password alone now.\n"
        assert told() == [("second-factor-off", None, admin.pk)]

    def test_the_console_says_what_it_expected(self, db):
        AgentFactory(username="dora")
        with pytest.raises(CommandError, match="username of an agent, found 'nobody'"):
            call_command("remove_second_factor", "nobody")
        with pytest.raises(CommandError, match="dora has none"):
            call_command("remove_second_factor", "dora")

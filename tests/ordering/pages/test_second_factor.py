"""/account/second-factor/: an agent's own second factor."""

import re
import time
from base64 import b32decode
from urllib.parse import unquote

import pytest
from django_otp.plugins.otp_totp.models import TOTPDevice

from ordering.api.models import ApiToken
from ordering.second_factor import proving, setup
from ordering.second_factor.models import RecoveryCode
from tests.second_factors import code_of, give_app, prove_password, wrong_code

PAGE = "/account/second-factor/"
KEY = re.compile(r'<code class="key"[^>]*>([A-Z2-7 ]+)</code>')
CODES = re.compile(r'<li translate="no">([a-z2-7-]+)</li>')


def begin(page):
    """The app that has read the key."""
    assert page.post(PAGE, {"what": "begin", "password": "demo"})["Location"] == PAGE
    [key] = KEY.findall(page.get(PAGE).content.decode())
    return TOTPDevice(key=b32decode(key.replace(" ", "")).hex())


def codes_in(answer):
    return CODES.findall(answer.content.decode())


def set_up(page):
    """The app, and the recovery codes that are shown."""
    app = begin(page)
    answer = page.post(PAGE, {"what": "confirm", "code": code_of(app)})
    assert answer.status_code == 200
    return app, codes_in(answer)


def both(app, **other):
    return {"password": "demo", "code": code_of(app, 1)} | other


class TestSettingItUp:
    def test_the_next_login_asks_for_it(self, browser, alice):
        app, _codes = set_up(browser(alice))
        page = prove_password(alice)
        assert page.asked["Location"].startswith("/login/second-factor/")
        page.post("/login/second-factor/", {"code": code_of(app, 1)})
        assert "It is on" in page.get(PAGE).content.decode()

    def test_the_account_leads_there(self, browser, alice):
        assert f'href="{PAGE}"' in browser(alice).get("/account/").content.decode()

    def test_it_takes_the_password(self, browser, alice, text):
        page = browser(alice)
        answer = page.post(PAGE, {"what": "begin", "password": "wrong"})
        assert answer.status_code == 422
        assert "That is not your password." in text(answer)
        assert not KEY.search(page.get(PAGE).content.decode())

    def test_a_browser_that_was_left_open_is_no_place_to_guess_it(self, browser, alice, settings):
        settings.AXES_FAILURE_LIMIT = 2
        page = browser(alice)
        guessed = {"what": "begin", "password": "wrong"}
        assert page.post(PAGE, guessed).status_code == 422
        assert page.post(PAGE, guessed).status_code == 429
        assert page.post(PAGE, guessed | {"password": "demo"}).status_code == 429

    def test_until_a_code_is_typed_nothing_is_stored(self, browser, alice, text):
        page = browser(alice)
        app = begin(page)
        answer = page.post(PAGE, {"what": "confirm", "code": wrong_code(app)})
        assert answer.status_code == 422
        assert "That code is not right." in text(answer)
        assert KEY.search(answer.content.decode()), "the same key, to be tried again"
        assert not TOTPDevice.objects.exists()
        assert not RecoveryCode.objects.exists()
        assert "_auth_user_id" in prove_password(alice).session

    def test_it_can_be_given_up(self, browser, alice):
        page = browser(alice)
        app = begin(page)
        page.post(PAGE, {"what": "give-up"})
        page.post(PAGE, {"what": "confirm", "code": code_of(app)})
        assert not TOTPDevice.objects.exists()

    def test_a_key_waits_a_quarter_of_an_hour(self, browser, alice, time_machine):
        page = browser(alice)
        app = begin(page)
        time_machine.move_to(time.time() + 15 * 60 + 1)
        page.post(PAGE, {"what": "confirm", "code": code_of(app)})
        assert not TOTPDevice.objects.exists()

    def test_the_key_is_in_this_browser_only(self, browser, alice):
        begin(browser(alice))
        assert not KEY.search(browser(alice).get(PAGE).content.decode())

    def test_of_two_browsers_one_sets_it_up(self, browser, alice):
        here, there = browser(alice), browser(alice)
        first, second = begin(here), begin(there)
        assert codes_in(here.post(PAGE, {"what": "confirm", "code": code_of(first)}))
        there.force_login(type(alice).objects.get())
        there.post(PAGE, {"what": "confirm", "code": code_of(second)})
        assert TOTPDevice.objects.get().key == first.key

    def test_the_qr_code_is_that_of_the_key_and_has_no_styles(self, browser, alice):
        app = begin(page := browser(alice))
        device = TOTPDevice(user=alice, key=app.key)
        assert unquote(device.config_url).startswith("otpauth://totp/Tandem:alice?secret=")
        drawn = setup.picture(device)
        assert drawn in page.get(PAGE).content.decode()
        assert "style" not in drawn

    def test_in_other_browsers_it_logs_out(self, browser, alice):
        here, elsewhere = browser(alice), browser(alice)
        key = here.cookies["sessionid"].value
        set_up(here)
        assert here.get("/orders/").status_code == 200
        assert here.cookies["sessionid"].value != key
        assert elsewhere.get("/orders/").status_code == 302

    def test_programs_go_on(self, browser, alice, client):
        _, secret = ApiToken.make(alice, "till")
        set_up(browser(alice))
        answer = client.get("/api/v1/orders", headers={"Authorization": f"Bearer {secret}"})
        assert answer.status_code == 200

    def test_no_browser_keeps_the_page(self, browser, alice):
        begin(page := browser(alice))
        assert "no-store" in page.get(PAGE)["Cache-Control"]


class TestRecoveryCodes:
    def test_ten_are_shown_once(self, browser, alice):
        _app, codes = set_up(page := browser(alice))
        assert len(set(codes)) == 10
        assert all(re.fullmatch("[a-z2-7]{6}(-[a-z2-7]{6}){3}", code) for code in codes)
        shown = page.get(PAGE).content.decode()
        assert not any(code in shown for code in codes)

    def test_what_is_stored_tells_none(self, browser, alice):
        _, [code, *_] = set_up(browser(alice))
        stored = [bytes(one.digest) for one in RecoveryCode.objects.all()]
        assert {len(one) for one in stored} == {32}
        assert code.replace("-", "").encode() not in b"".join(stored)

    def test_each_stands_for_a_code_once(self, browser, alice):
        _, codes = set_up(browser(alice))
        typed = codes[0].upper().replace("-", " ")
        page = prove_password(alice)
        page.post("/login/second-factor/", {"code": typed})
        assert "You used a recovery code; 9 are left." in page.get("/").content.decode()
        again = prove_password(alice)
        again.post("/login/second-factor/", {"code": typed})
        assert "_auth_user_id" not in again.session

    def test_new_ones_end_the_old_ones(self, browser, alice):
        app, [old, *_] = set_up(page := browser(alice))
        answer = page.post(PAGE, {"what": "new-codes"} | both(app))
        assert len(new := codes_in(answer)) == 10
        assert not proving.accepts(alice, old)
        assert proving.accepts(alice, new[0])

    def test_another_agents_is_none(self, alice, bob):
        for agent in (alice, bob):
            give_app(agent)
        [code, *_] = RecoveryCode.make_new(bob)
        assert not proving.accepts(alice, code)
        assert proving.accepts(bob, code)


class TestTakingItAway:
    @pytest.mark.parametrize("what", ["new-codes", "remove"])
    @pytest.mark.parametrize("wrong", [{"password": "wrong"}, {"code": "x"}, {"code": ""}])
    def test_it_takes_password_and_code(self, what, wrong, browser, alice):
        app, codes = set_up(page := browser(alice))
        answer = page.post(PAGE, {"what": what} | both(app, **wrong))
        assert answer.status_code == 422
        assert TOTPDevice.objects.count() == 1
        assert proving.accepts(alice, codes[0])

    def test_a_wrong_password_uses_up_no_code(self, browser, alice):
        app, codes = set_up(page := browser(alice))
        page.post(PAGE, {"what": "remove"} | both(app, password="no", code=codes[0]))
        assert proving.accepts(alice, codes[0])

    def test_a_password_is_enough_then(self, browser, alice):
        app, _codes = set_up(page := browser(alice))
        answer = page.post(PAGE, {"what": "remove"} | both(app))
        assert (answer.status_code, answer["Location"]) == (303, PAGE)
        assert not TOTPDevice.objects.exists()
        assert not RecoveryCode.objects.exists()
        assert "_auth_user_id" in prove_password(alice).session

    def test_without_the_phone_a_recovery_code_does(self, browser, alice):
        app, codes = set_up(page := browser(alice))
        page.post(PAGE, {"what": "remove"} | both(app, code=codes[0]))
        assert not TOTPDevice.objects.exists()

    def test_what_is_not_there_is_not_confirmed(self, browser, alice):
        set_up(page := browser(alice))
        for what in ("begin", "confirm", "give-up", "nonsense"):
            page.post(PAGE, {"what": what, "password": "demo", "code": "123456"})
        assert TOTPDevice.objects.count() == 1

"""/login/forgotten/ and /login/new-password/: a link to a new password, by e-mail."""

import logging
import re
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from smtplib import SMTPRecipientsRefused
from urllib.parse import parse_qs, urlsplit

import pytest
from django.contrib.sessions.models import Session
from django.core import mail
from django.core.mail.backends.locmem import EmailBackend
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from ordering import forgotten
from ordering.api import limits
from ordering.api.models import ApiToken
from ordering.models import Agent, ForgottenPassword
from tests.concurrency import at_once
from tests.factories import AgentFactory
from tests.second_factors import give_app, prove_password
from tests.shop.processes import wait_until

ASK, CHOOSE = "/login/forgotten/", "/login/new-password/"
NEW = "a long one for the bakery 7"
TYPED = {"new_password1": NEW, "new_password2": NEW}
SENT = "a link to a new password is on its way there"


@pytest.fixture(autouse=True)
def _shop(settings, alice):
    settings.SITE_URL = "https://shop.example"
    Agent.objects.filter(pk=alice.pk).update(email="alice@hc.example")
    alice.refresh_from_db()
    limits.limiter.storage.reset()
    forgotten._limiter.storage.reset()


def ask(email="alice@hc.example", **options):
    return Client(**options).post(ASK, {"email": email})


@pytest.fixture
def link():
    """The path of a link that was just sent."""

    def link(email="alice@hc.example"):
        ask(email)
        forgotten.send_links()
        [url] = re.findall(r"https://shop\.example(\S+)", mail.outbox[-1].body)
        return url

    return link


def choose(path, **typed):
    page = Client()
    assert page.get(path)["Location"] == CHOOSE
    return page, page.post(CHOOSE, TYPED | typed)


class TestAsking:
    def test_the_login_leads_there(self, client, db):
        assert f'href="{ASK}"' in client.get("/login/").content.decode()

    def test_a_link_is_sent_to_who_has_the_address(self, alice):
        assert SENT in ask("Alice@HC.example").content.decode()
        assert mail.outbox == [], "not by the page"
        forgotten.send_links()
        [letter] = mail.outbox
        assert letter.to == ["alice@hc.example"]
        assert letter.subject == "A new password for Tandem"
        assert "Hello Alice," in letter.body
        assert "within 30 minutes. Your user name is still: alice" in letter.body
        assert not ForgottenPassword.objects.exists()

    def test_nothing_tells_whether_somebody_has_it(self):
        """Not the answer, and not the time: for both the same is done."""
        answers = []
        for email in ("alice@hc.example", "alicf@hc.example"):
            with CaptureQueriesContext(
                connection,
            ) as queries:
                answer = ask(email)
            text = re.sub('nonce="[^"]+"|value="[^"]{64}"', "", answer.content.decode())
            done = [re.sub("alic[ef]|'20[^']+'", "", one["sql"]) for one in queries]
            answers.append((answer.status_code, text.replace(email, ""), done))
        assert answers[0] == answers[1]
        assert len(mail.outbox) == 0

    def test_nobody_else_gets_one(self, alice, bob):
        Agent.objects.filter(pk=bob.pk).update(email="bob@hc.example", is_active=False)
        AgentFactory(username="dora", email="dora@hc.example").set_unusable_password()
        Agent.objects.filter(username="dora").update(password="!")
        for email in ("bob@hc.example", "dora@hc.example", "nobody@hc.example"):
            assert SENT in ask(email).content.decode()
        forgotten.send_links()
        assert mail.outbox == []
        assert not ForgottenPassword.objects.exists()

    def test_of_two_with_one_address_each_gets_their_own(self, alice, bob):
        Agent.objects.filter(pk=bob.pk).update(email="alice@hc.example")
        ask()
        forgotten.send_links()
        named = {re.search(r"still: (\w+)", one.body)[1] for one in mail.outbox}
        assert named == {"alice", "bob"}

    @pytest.mark.parametrize("typed", ["", "alice", "a@b", "x" * 250 + "@hc.example", "a\0@b.de"])
    def test_what_is_no_address_is_refused(self, typed):
        answer = ask(typed)
        assert answer.status_code == 422
        assert 'class="refusal"' in answer.content.decode()
        assert not ForgottenPassword.objects.exists()

    def test_the_link_is_to_the_shop_and_not_to_where_the_asker_says(self, settings):
        settings.ALLOWED_HOSTS = ["evil.example"]
        ask(headers={"Host": "evil.example"})
        forgotten.send_links()
        assert "https://shop.example/login/new-password/?" in mail.outbox[0].body
        assert "evil" not in mail.outbox[0].body

    def test_without_an_address_of_the_shop_it_says_so(self, settings):
        settings.SITE_URL = ""
        assert "This shop cannot send you a link." in ask().content.decode()
        assert not ForgottenPassword.objects.exists()

    def test_it_is_in_the_language_of_the_agent(self, alice):
        Agent.objects.update(language="de")
        ask()
        forgotten.send_links()
        assert mail.outbox[0].subject == "Ein neues Passwort für Tandem"
        assert "innerhalb von 30 Minuten" in mail.outbox[0].body

    def test_of_an_address_only_so_many_are_asked_for(self):
        for _ in range(20):
            assert ask(REMOTE_ADDR="192.0.2.1").status_code == 200
        answer = ask(REMOTE_ADDR="192.0.2.1")
        assert answer.status_code == 429
        assert re.search(r"where you are. Wait [1-9]\d? minutes?\.", answer.content.decode())
        assert ask(REMOTE_ADDR="192.0.2.2").status_code == 200

    def test_an_agent_gets_three_an_hour(self):
        for number in range(5):
            ask(REMOTE_ADDR=f"192.0.2.{number}")
        forgotten.send_links()
        assert len(mail.outbox) == 3


class TestTheMailServer:
    @pytest.fixture
    def refusing(self, settings):
        """It answers so to letters for Alice."""

        def refusing(error):
            class Refusing(EmailBackend):
                def send_messages(self, messages):
                    if messages[0].to == ["alice@hc.example"]:
                        raise error
                    return super().send_messages(messages)

            globals()["Refusing"] = Refusing
            settings.MAILERS = {"default": {"BACKEND": f"{__name__}.Refusing"}}

        return refusing

    def test_what_it_cannot_take_now_is_sent_later_and_others_meanwhile(
        self, bob, refusing, settings
    ):
        Agent.objects.filter(pk=bob.pk).update(email="bob@hc.example")
        ask()
        ask("bob@hc.example")
        working = settings.MAILERS
        refusing(SMTPRecipientsRefused({"alice@hc.example": (450, b"later")}))
        with pytest.raises(SMTPRecipientsRefused):
            forgotten.send_links()
        assert [one.to for one in mail.outbox] == [["bob@hc.example"]]
        settings.MAILERS = working
        forgotten.send_links()
        assert [one.to for one in mail.outbox][1:] == [["alice@hc.example"]]

    def test_what_it_never_takes_is_given_up(self, refusing, caplog):
        ask()
        refusing(SMTPRecipientsRefused({"alice@hc.example": (550, b"nobody")}))
        forgotten.send_links()
        assert not ForgottenPassword.objects.exists()
        assert "alice@" not in caplog.text

    def test_while_it_is_away_nothing_is_lost(self, refusing):
        ask()
        refusing(ConnectionRefusedError())
        with pytest.raises(ConnectionRefusedError):
            forgotten.send_links()
        assert ForgottenPassword.objects.count() == 1

    def test_what_nobody_waits_for_any_more_is_not_sent(self):
        ask()
        ForgottenPassword.objects.update(asked_at=timezone.now() - timedelta(minutes=31))
        forgotten.send_links()
        assert mail.outbox == []
        assert not ForgottenPassword.objects.exists()


class TestTheLink:
    def test_it_leads_to_a_new_password(self, link, alice, browser):
        elsewhere = browser(alice)
        page, answer = choose(link())
        assert (answer.status_code, answer["Location"]) == (303, "/login/")
        assert "Your password is changed" in page.get("/login/").content.decode()
        alice.refresh_from_db()
        assert alice.check_password(NEW)
        assert elsewhere.get("/orders/").status_code == 302
        assert "_auth_user_id" not in page.session

    def test_it_works_once(self, link, alice):
        path = link()
        choose(path)
        page = Client()
        page.get(path)
        assert "This link is not good" in page.get(CHOOSE).content.decode()
        page.post(CHOOSE, {"new_password1": "another 7 times", "new_password2": "another 7 times"})
        alice.refresh_from_db()
        assert alice.check_password(NEW)

    @pytest.mark.parametrize("minutes", [29, 31])
    def test_it_lasts_for_half_an_hour(self, minutes, link, alice, time_machine):
        path = link()
        time_machine.move_to(time.time() + minutes * 60, tick=False)
        page = Client()
        page.get(path)
        good = "This link is not good" not in page.get(CHOOSE).content.decode()
        assert good == (minutes == 29)

    def test_opening_it_changes_nothing(self, link, alice):
        """As programs do that look into letters."""
        path = link()
        for _ in range(3):
            Client().get(path)
        choose(path)
        alice.refresh_from_db()
        assert alice.check_password(NEW)

    @pytest.mark.parametrize(
        "query",
        ["token=x", "agent=1&token=", "agent=x&token=y", "agent=²&token=y", "agent=" + "9" * 30,
         "agent=1&token=" + "x" * 5000, "agent=1&token=%00-%00", "agent=-1&token=a-b"],
    )  # fmt: skip
    def test_what_is_no_link_says_so_and_is_not_kept(self, query, alice):
        page = Client()
        answer = page.get(f"{CHOOSE}?{query}", follow=True)
        assert "This link is not good" in answer.content.decode()
        assert not Session.objects.exists()

    def test_one_agents_token_is_not_anothers(self, link, alice, bob):
        token = parse_qs(urlsplit(link()).query)["token"][0]
        page = Client()
        page.get(CHOOSE, {"agent": bob.pk, "token": token})
        page.post(CHOOSE, TYPED)
        bob.refresh_from_db()
        assert bob.check_password("demo")

    def test_who_was_deactivated_since_has_none(self, link, alice):
        path = link()
        page = Client()
        page.get(path)
        Agent.objects.update(is_active=False)
        page.post(CHOOSE, TYPED)
        Agent.objects.update(is_active=True, session_round=1)
        page.post(CHOOSE, TYPED)
        alice.refresh_from_db()
        assert alice.check_password("demo")

    def test_a_login_since_ends_it(self, link, alice):
        path = link()
        prove_password(alice)
        page = Client()
        page.get(path)
        assert "This link is not good" in page.get(CHOOSE).content.decode()

    def test_a_bad_password_is_refused_and_the_link_stays_good(self, link, alice):
        page, answer = choose(link(), new_password1="12345678", new_password2="12345678")
        assert answer.status_code == 422
        assert "too common" in answer.content.decode()
        assert page.post(CHOOSE, TYPED).status_code == 303

    def test_who_put_a_key_into_the_browser_chooses_nothing(self, link, alice):
        victim = Client()
        session = victim.session
        session["planted"] = "yes"
        session.save()
        planted = victim.cookies["sessionid"].value
        victim.get(link())
        thief = Client()
        thief.cookies["sessionid"] = planted
        assert "This link is not good" in thief.get(CHOOSE).content.decode()

    def test_its_token_is_in_no_log_and_on_no_page(self, link, caplog):
        caplog.set_level(logging.DEBUG)
        path = link()
        page, _answer = choose(path, new_password2="other")
        token = parse_qs(urlsplit(path).query)["token"][0]
        assert token not in page.get(CHOOSE).content.decode()
        assert not any(token in f"{one.__dict__}" for one in caplog.records)

    def test_the_second_factor_is_still_asked_for(self, link, alice):
        path = link()
        give_app(alice)
        choose(path)
        page = Client()
        answer = page.post("/login/", {"username": "alice", "password": NEW})
        assert answer["Location"].startswith("/login/second-factor/")

    @pytest.mark.parametrize("also", [True, False])
    def test_tokens_are_revoked_when_asked(self, also, link, alice):
        _, secret = ApiToken.make(alice, "till")
        choose(link(), **({"revoke_tokens": "on"} if also else {}))
        assert (ApiToken.objects.by_secret(secret) is None) == also


@pytest.mark.django_db(transaction=True)
def test_of_two_who_come_with_one_link_at_once_one_chooses(alice, link):
    path = link()
    pages = [Client(), Client()]
    for page in pages:
        page.get(path)
    with ThreadPoolExecutor(1) as beside, transaction.atomic():
        # Held until both are at the agent's row.
        Agent.objects.select_for_update().get(pk=alice.pk)
        answers = beside.submit(at_once, lambda page: page.post(CHOOSE, TYPED).status_code, pages)
        wait_until(lambda: len(_waiting()) == 2)
    assert sorted(answers.result()) == [303, 422]


def _waiting():
    with connection.cursor() as cursor:
        cursor.execute("SELECT DISTINCT pid FROM pg_locks WHERE NOT granted")
        return cursor.fetchall()

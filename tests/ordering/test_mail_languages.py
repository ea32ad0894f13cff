"""The e-mail about a completed order, to agents who read different languages."""

import pytest
from django.core import mail
from django.core.mail.backends.locmem import EmailBackend

from eventstore import checkpoints
from eventstore.models import Checkpoint
from eventstore.runner import Runner
from ordering import handling
from ordering.models import Agent

pytestmark = pytest.mark.django_db(transaction=True)

HARD = "\N{NO-BREAK SPACE}"


class AwayForGerman(EmailBackend):
    """A mail server that is lost as soon as a German message comes; it holds the others."""

    def send_messages(self, email_messages):
        if any(message.subject.startswith("Bestellung") for message in email_messages):
            raise ConnectionResetError("lost")
        return super().send_messages(email_messages)


@pytest.fixture(autouse=True)
def _alice_reads_german(alice, bob):
    Agent.objects.filter(pk=alice.pk).update(email="alice@hc.example", language="de")
    Agent.objects.filter(pk=bob.pk).update(email="bob@hc.example")


@pytest.fixture
def completed(bob, by, key, order_id):
    return handling.complete_order(by(bob), order_id, key=key()).events[0]


def by_recipient() -> dict:
    return {message.to[0]: message for message in mail.outbox}


def test_each_agent_gets_one_message_in_their_own_language(completed):
    Runner().catch_up()

    german, english = (by_recipient()[f"{name}@hc.example"] for name in ("alice", "bob"))
    assert (german.to, english.to) == (["alice@hc.example"], ["bob@hc.example"])
    assert "completed: €121.15" in english.subject
    assert "abgeschlossen: 121,15 €" in german.subject
    assert "\nTotal, net" in english.body
    assert "\nSumme netto" in german.body
    [(html, _)] = german.alternatives
    assert '<html lang="de">' in html
    assert f"121,15{HARD}€" in html


def test_agents_of_one_language_share_a_message(completed):
    Agent.objects.update(language="de")
    Runner().catch_up()

    [message] = mail.outbox
    assert message.to == ["alice@hc.example", "bob@hc.example"]


def test_the_shops_language_is_for_who_chose_none_or_one_that_there_is_no_longer(completed):
    Agent.objects.filter(username="alice").update(language="fr")
    Runner().catch_up()

    [message] = mail.outbox
    assert message.to == ["alice@hc.example", "bob@hc.example"]
    assert message.subject.startswith("Order ")


def test_each_language_has_a_key_of_its_own_that_stays(completed, settings):
    """The mail server is lost between the two messages: what it has already, it knows again."""
    Agent.objects.filter(username="alice").update(language="")
    Agent.objects.filter(username="bob").update(language="de")
    there, away = settings.MAILERS, {"default": {"BACKEND": f"{__name__}.AwayForGerman"}}
    settings.MAILERS = away
    Runner().catch_up()
    assert Checkpoint.objects.get(pk="completion_email").failing_position == completed.position
    settings.MAILERS = there
    checkpoints.retry("completion_email")
    Runner().catch_up()

    key = f"completion_email-{completed.stream_id}-{completed.version}"
    sent = [(message.to[0], message.extra_headers["X-Tandem-Key"]) for message in mail.outbox]
    to_alice = ("alice@hc.example", key)
    assert sent == [to_alice, to_alice, ("bob@hc.example", f"{key}-de")]

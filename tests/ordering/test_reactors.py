"""The e-mail to a customer's agents when one of their orders is completed."""

import email.policy
import smtplib
import socket
import warnings
from email import message_from_bytes
from zoneinfo import ZoneInfo

import pytest
from django.core import mail
from django.core.mail.backends.base import BaseEmailBackend
from django.core.management import call_command
from django.utils.deprecation import RemovedInDjango2028Warning

from eventstore import checkpoints, runner, store
from eventstore.models import Checkpoint
from eventstore.runner import Runner
from eventstore.store import Metadata
from ordering import handling
from ordering.domain import order as domain
from ordering.domain.refusal import Refused
from ordering.models import Agent, Favourite, OrderHead
from shop import mailer
from tests.factories import AgentFactory, ProductFactory

pytestmark = pytest.mark.django_db(transaction=True)


class Refusing(BaseEmailBackend):
    """A mail server that refuses all recipients."""

    def __init__(self, code, words, **options):
        super().__init__(**options)
        self.answer = code, words

    def send_messages(self, email_messages):
        [message] = email_messages
        raise smtplib.SMTPRecipientsRefused(dict.fromkeys(message.to, self.answer))


@pytest.fixture(autouse=True)
def _addresses(alice, bob, charlie):
    for agent in (alice, bob, charlie):
        agent.email = f"{agent.username}@{agent.customer.code.lower()}.example"
        agent.save()


@pytest.fixture
def complete(bob, by, key, order_id):
    """Complete Alice's order; Bob does it."""
    return lambda: handling.complete_order(by(bob), order_id, key=key()).events[0]


@pytest.fixture
def sent(complete):
    """The one message that completing Alice's order sent."""

    def sent():
        complete()
        Runner().catch_up()
        [message] = mail.outbox
        return message

    return sent


def checkpoint():
    return Checkpoint.objects.get(pk="completion_email")


def html(message):
    [alternative] = message.alternatives
    assert alternative.mimetype == "text/html"
    return alternative.content


def line(text, message):
    """The line of the message's text that has `text`, without what aligns it."""
    [found] = [line for line in message.body.splitlines() if text in line]
    return " ".join(found.split())


def test_it_tells_who_completed_what_for_how_much(sent, alice, by, key, order_id):
    handling.change_details(by(alice), order_id, note="At the back door.\nKnock.", key=key())

    message = sent()

    number = OrderHead.objects.get().number
    assert message.subject == f"Order {number} completed: €121.15 (Friday)"
    assert message.body.startswith(f"Bob completed {number}, Friday, for Harbour Café\non ")
    assert line("Plain wheat flour", message) == "2 × Plain wheat flour, 25 kg sack (FLR-25)"
    assert line("€24.90", message) == "€24.90 each €49.80"
    assert line("Butter", message) == "1 × Butter, 10 kg box (BUT-10)"
    assert line("Total", message) == "Total, net €121.15"
    assert "Note:\nAt the back door.\nKnock.\n" in message.body
    for said in (
        f"<title>{message.subject}</title>",
        f"{number} is completed",
        "Friday",
        "Bob completed it for Harbour Café on ",
        "2 × Plain wheat flour",
        "25 kg sack · FLR-25 · €24.90&nbsp;each",
        "€49.80",
        "€121.15",
        "At the back door.<br>Knock.",
    ):
        assert said in html(message)


def test_an_order_without_reference_and_note_names_none(sent, alice, by, key, order_id):
    handling.change_details(by(alice), order_id, reference="", key=key())

    message = sent()

    number = OrderHead.objects.get().number
    assert message.subject == f"Order {number} completed: €121.15"
    assert message.body.startswith(f"Bob completed {number} for Harbour Café")
    assert "Note" not in message.body + html(message)


def test_it_tells_the_order_as_it_was_completed(sent, order_id):
    OrderHead.objects.update(reference="Not any more", total=0)

    message = sent()

    assert "(Friday)" in message.subject
    assert "€121.15" in message.subject


def test_the_time_is_the_shops(complete, settings):
    at = complete().recorded_at
    Runner().catch_up()

    [message] = mail.outbox
    local = at.astimezone(ZoneInfo("Europe/Berlin"))
    assert f"{local:%H:%M}." in message.body
    assert f"{local:%H:%M}." in html(message)


def test_it_goes_to_all_active_agents_of_the_customer_who_have_an_address(sent, harbour):
    AgentFactory(username="carol", customer=harbour, email="carol@hc.example", is_active=False)
    AgentFactory(username="dave", customer=harbour, email="")
    AgentFactory(username="eve", customer=harbour, email="eve@hc.example\nBcc: all@hc.example")
    AgentFactory(username="frank", customer=harbour, email="nowhere")

    message = sent()

    assert message.to == ["alice@hc.example", "bob@hc.example"]
    assert message.recipients() == message.to


def test_charlies_orders_are_told_to_charlie_alone(charlie, by, key, flour):
    order = handling.open_order(by(charlie), key=key(), items=[("FLR-25", 1)]).stream_id
    handling.complete_order(by(charlie), order, key=key())
    Runner().catch_up()

    [message] = mail.outbox
    assert message.to == ["charlie@nb.example"]
    assert "Northgate Bakery" in message.body


def test_without_anybody_to_tell_nothing_is_sent_and_nothing_is_wrong(complete):
    Agent.objects.update(email="")
    last = complete().position
    Runner().catch_up()

    assert mail.outbox == []
    assert (checkpoint().position, checkpoint().error) == (last, "")


def test_only_completed_orders_are_told(alice, by, key, order_id):
    handling.cancel_order(by(alice), order_id, key=key())
    Runner().catch_up()

    assert mail.outbox == []


def test_whoever_completed_it_and_is_gone_is_someone(complete):
    complete()
    Agent.objects.filter(username="bob").delete()
    Runner().catch_up()

    [message] = mail.outbox
    assert message.body.startswith("Someone completed ")


def test_a_message_is_known_by_its_key(complete, settings):
    settings.DEFAULT_FROM_EMAIL = "Tandem <orders@shop.example>"
    completed = complete()
    Runner().catch_up()

    [message] = mail.outbox
    key = f"completion_email-{completed.stream_id}-{completed.version}"
    written = message_from_bytes(message.message().as_bytes(), policy=email.policy.default)
    assert written["X-Tandem-Key"] == key
    assert written["Message-ID"].strip() == f"<{key}@shop.example>"
    assert written["From"] == "Tandem <orders@shop.example>"
    assert written["Auto-Submitted"] == "auto-generated"
    assert written.get_content_type() == "multipart/alternative"
    assert [part.get_content_type() for part in written.iter_parts()] == ["text/plain", "text/html"]


def test_the_link_to_the_order_is_there_when_the_shop_knows_its_address(
    complete, settings, order_id
):
    settings.SITE_URL = "https://shop.example"
    complete()
    Runner().catch_up()

    [message] = mail.outbox
    url = f"https://shop.example/orders/{order_id}/"
    assert f"\n{url}\n" in message.body
    assert f'href="{url}"' in html(message)


def test_without_an_address_there_is_no_link(sent):
    message = sent()

    assert "http" not in message.body
    assert "href" not in html(message)


def test_nothing_is_loaded_from_elsewhere(sent):
    said = html(sent())

    for loading in ("src=", "url(", "<link", "<script", "@import"):
        assert loading not in said


def test_hostile_names_and_notes_are_text(sent, alice, by, key, order_id):
    product = ProductFactory(name='<b>Bread</b> & "butter"')
    handling.add_items(by(alice), order_id, [(product.sku, 1)], key=key())
    handling.change_details(
        by(alice), order_id, reference="<script>x</script>", note='<img src="x">', key=key()
    )
    Agent.objects.filter(username="bob").update(first_name="<i>Bob</i>")

    message = sent()

    for tag in ("<b>", "<script>", "<img", "<i>"):
        assert tag not in html(message)
    assert "&lt;b&gt;Bread&lt;/b&gt; &amp; &quot;butter&quot;" in html(message)
    assert '<b>Bread</b> & "butter"' in message.body
    assert "(<script>x</script>)" in message.subject
    assert message.body.startswith("<i>Bob</i> completed ")


def test_a_reference_cannot_become_a_header(alice, bob, by, key, order_id, harbour):
    with pytest.raises(Refused) as refused:
        handling.change_details(by(alice), order_id, reference="x\nBcc: y@z", key=key())
    assert refused.value.code == "bad-text"
    # What was stored before anybody looked must not harm either.
    _, version = handling.ORDER.load(order_id)
    changed = domain.DetailsChanged("x\r\nBcc: eve@hc.example\u2028y", None)
    store.append(order_id, "order", version, [changed], Metadata(bob.pk))
    OrderHead.objects.update(version=version + 1)
    handling.complete_order(by(bob), order_id, key=key())
    Runner().catch_up()

    [message] = mail.outbox
    written = message_from_bytes(message.message().as_bytes(), policy=email.policy.default)
    assert written["Subject"].endswith("(x Bcc: eve@hc.example y)")
    assert written["Bcc"] is None
    assert written["To"] == "alice@hc.example, bob@hc.example"


def test_caught_up_twice_it_sends_once(sent):
    sent()
    Runner().catch_up()

    assert len(mail.outbox) == 1


def test_a_replay_sends_nothing(sent):
    sent()
    call_command("replay_projections", "--no-input", verbosity=0)
    Runner().catch_up()

    assert len(mail.outbox) == 1
    assert Favourite.objects.count() == 2


def test_a_mail_server_that_is_away_stops_only_this_and_gets_the_message_later(complete, settings):
    working = settings.MAILERS
    with socket.socket() as nobody_listens:
        nobody_listens.bind(("127.0.0.1", 0))
        port = nobody_listens.getsockname()[1]
        settings.MAILERS = {"default": mailer.from_url(f"smtp://127.0.0.1:{port}")}
        failing = complete().position
        Runner().catch_up()

    stopped = checkpoint()
    assert (stopped.failing_position, stopped.attempts) == (failing, 1)
    assert stopped.error.startswith("ConnectionRefusedError")
    assert Favourite.objects.count() == 2
    settings.MAILERS = working
    checkpoints.retry("completion_email")
    Runner().catch_up()
    Runner().catch_up()
    assert len(mail.outbox) == 1
    assert (checkpoint().position, checkpoint().error) == (failing, "")


@pytest.mark.parametrize("answer", [(451, b"4.3.2 Later"), (554, b"5.7.1 Relay access denied")])
def test_what_may_pass_or_comes_of_the_shops_setup_holds_the_messages_back(
    answer, complete, settings
):
    code, words = answer
    options = {"code": code, "words": words}
    settings.MAILERS = {"default": {"BACKEND": f"{__name__}.Refusing", "OPTIONS": options}}
    failing = complete().position
    Runner().catch_up()

    assert checkpoint().failing_position == failing


def test_addresses_that_do_not_exist_hold_nobody_back(complete, settings, caplog):
    options = {"code": 550, "words": b"5.1.1 No such user"}
    settings.MAILERS = {"default": {"BACKEND": f"{__name__}.Refusing", "OPTIONS": options}}
    last = complete().position
    Runner().catch_up()

    assert (checkpoint().position, checkpoint().failing_position) == (last, None)
    assert "reached nobody: none of its 2 addresses exists" in caplog.text
    assert "@hc.example" not in caplog.text


def test_after_a_crash_it_is_delivered_again_under_the_same_key(
    complete, settings, tmp_path, monkeypatch
):
    """The process ends when the message has gone and its checkpoint has not moved yet."""
    settings.MAILERS = {"default": mailer.into(tmp_path)}
    completed = complete()
    move, deliveries = runner._move, []

    def crash(checkpoint, position, **counted):
        if checkpoint.name == "completion_email":
            deliveries.append([path.name for path in tmp_path.iterdir()])
            if len(deliveries) == 1:
                raise KeyboardInterrupt
        move(checkpoint, position)

    monkeypatch.setattr(runner, "_move", crash)
    with warnings.catch_warnings():
        warnings.simplefilter("error", RemovedInDjango2028Warning)
        with pytest.raises(KeyboardInterrupt):
            Runner().catch_up()
        before = checkpoint()
        [first] = tmp_path.iterdir()
        content = first.read_bytes()
        first.write_bytes(b"")
        Runner().catch_up()

    assert before.position < completed.position
    assert before.failing_position is None
    name = f"completion_email-{completed.stream_id}-{completed.version}.eml"
    assert deliveries == [[name], [name]]
    again = message_from_bytes(first.read_bytes(), policy=email.policy.default)
    once = message_from_bytes(content, policy=email.policy.default)
    assert again["Message-ID"] == once["Message-ID"]
    assert again.get_body(("plain",)).get_content() == once.get_body(("plain",)).get_content()

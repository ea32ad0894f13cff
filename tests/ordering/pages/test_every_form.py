"""What is true of every address that takes a form and sends a command."""

import uuid

import pytest
from django.urls import reverse

from eventstore.models import Event

COMMANDS = {
    "order_items": {"sku": "FLR-25", "quantity": "3"},
    "order_item": {"quantity": "7"},
    "order_item_removal": {},
    "order_details": {"reference": "Saturday", "note": ""},
    "order_completion": {},
    "order_cancellation": {"reason": "Closed for a day"},
    "order_copy": {},
}

# Adding never collides, and a copy is another order: they need not say what the agent saw.
SEEING = sorted(COMMANDS.keys() - {"order_items", "order_copy"})

every_form = pytest.mark.parametrize("name", COMMANDS)


@pytest.fixture
def url(order_id):
    def url(name, order=order_id):
        line = name in ("order_item", "order_item_removal")
        return reverse(name, args=[order, "FLR-25"] if line else [order])

    return url


@every_form
def test_it_changes_the_order_and_sends_the_agent_to_a_page(name, browser, alice, url):
    before = Event.objects.count()

    response = browser(alice).send(url(name), COMMANDS[name])

    assert response.status_code == 303
    assert Event.objects.count() > before


@every_form
def test_sent_twice_it_has_one_effect(name, browser, alice, url, order_id, head):
    page, form = browser(alice), {"command_id": str(uuid.uuid4()), "seen": head(order_id).version}
    first = page.send(url(name), COMMANDS[name], **form)
    after = Event.objects.count()

    second = page.send(url(name), COMMANDS[name], **form)

    assert (first.status_code, second.status_code) == (303, 303)
    assert first["Location"] == second["Location"]
    assert Event.objects.count() == after


@every_form
def test_a_command_id_that_stood_for_something_else_is_refused(name, browser, alice, url, text):
    page, command_id = browser(alice), str(uuid.uuid4())
    page.send(url("order_items"), {"sku": "BUT-10", "quantity": "1"}, command_id=command_id)
    before = Event.objects.count()

    response = page.send(url(name), COMMANDS[name], command_id=command_id)

    assert response.status_code == 422
    assert "used for another change already" in text(response)
    assert Event.objects.count() == before


@every_form
@pytest.mark.parametrize(("sent", "found"), [({}, "nothing"), ({"command_id": "twice"}, "“twice”")])
def test_without_a_good_command_id_nothing_is_sent(name, sent, found, browser, alice, url, text):
    before = Event.objects.count()

    response = browser(alice).post(url(name), COMMANDS[name] | sent)

    assert response.status_code == 400
    assert f"Expected a command id, a UUID, in the field command_id; found {found}." in text(
        response
    )
    assert Event.objects.count() == before


@pytest.mark.parametrize("name", SEEING)
@pytest.mark.parametrize("seen", ["", "-1", "3.0", "two", "٣", "9" * 5000])
def test_without_the_version_that_the_agent_saw_nothing_is_sent(
    name, seen, browser, alice, url, text
):
    before = Event.objects.count()

    response = browser(alice).send(url(name), COMMANDS[name] | {"seen": seen})

    found = f"“{seen[:60]}”" if seen else "nothing"
    assert response.status_code == 400
    assert f"Expected a version of the order, a number, in the field seen; found {found}." in text(
        response
    )
    assert Event.objects.count() == before


@pytest.mark.parametrize("name", SEEING)
def test_a_version_that_nobody_can_have_seen_is_refused(name, browser, alice, url, text):
    before = Event.objects.count()

    response = browser(alice).send(url(name), COMMANDS[name], seen=99)

    assert response.status_code == 422
    assert "The order is at version 3; nobody can have seen 99." in text(response)
    assert Event.objects.count() == before


def test_who_adds_need_not_have_seen_anything(browser, alice, url):
    page = browser(alice)

    assert page.send(url("order_items"), COMMANDS["order_items"] | {"seen": ""}).status_code == 303
    bad = page.send(url("order_items"), COMMANDS["order_items"] | {"seen": "two"})
    assert bad.status_code == 400


@every_form
def test_it_rejects_get(name, browser, alice, url):
    response = browser(alice).get(url(name))

    assert response.status_code == 405
    assert response["Allow"] == "POST"


@every_form
def test_charlie_finds_nothing_there(name, browser, charlie, url, text):
    page = browser(charlie)
    before = Event.objects.count()

    hers = page.send(url(name), COMMANDS[name])
    nobodys = page.send(url(name, uuid.uuid4()), COMMANDS[name])

    assert (hers.status_code, nobodys.status_code) == (404, 404)
    assert text(hers) == text(nobodys)
    assert Event.objects.count() == before


@every_form
def test_an_agent_of_a_deactivated_customer_is_refused(name, browser, alice, harbour, url, text):
    harbour.is_active = False
    harbour.save()
    before = Event.objects.count()

    response = browser(alice).send(url(name), COMMANDS[name])

    assert response.status_code == 422
    assert "you can look, but not change" in text(response)
    assert Event.objects.count() == before


@every_form
def test_it_wants_a_login(name, client, url):
    response = client.post(url(name), COMMANDS[name])

    assert response.status_code == 302
    assert response["Location"].startswith("/login/?next=")


@pytest.mark.parametrize("name", sorted(COMMANDS.keys() - {"order_copy", "order_completion"}))
def test_on_a_closed_order_it_says_who_closed_it_and_when(
    name, browser, alice, bob, url, text, head, order_id
):
    browser(bob).send(url("order_completion"))
    closed = head(order_id)

    response = browser(alice).send(url(name), COMMANDS[name])

    assert response.status_code == 409
    assert f"Your change was not made: Bob completed {closed.number}" in text(response)

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
def test_sent_twice_it_has_one_effect(name, browser, alice, url):
    page, command_id = browser(alice), str(uuid.uuid4())
    first = page.send(url(name), COMMANDS[name], command_id=command_id)
    after = Event.objects.count()

    second = page.send(url(name), COMMANDS[name], command_id=command_id)

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

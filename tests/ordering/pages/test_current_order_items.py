"""Adding from the catalog: to the agent's current order, whichever that is at that moment."""

import uuid

import pytest
from django.urls import reverse

from eventstore.models import Event
from ordering import handling
from ordering.models import OrderHead

URL = "/current-order/items/"
FLOUR = {"sku": "FLR-25", "quantity": "2", "next": "/?category=pantry"}


def test_it_adds_to_the_current_order_and_leads_back_to_the_product(
    browser, alice, order_id, make_current, lines, text, head
):
    make_current(alice, order_id)
    page = browser(alice)

    response = page.send(URL, FLOUR)

    assert (response.status_code, response["Location"]) == (
        303,
        "/?category=pantry#product-FLR-25",
    )
    assert lines(order_id)["FLR-25"] == 4
    said = text(page.get("/orders/"))
    assert f"Added 2 × Plain wheat flour to {head(order_id).number} ." in said


def test_with_no_current_order_it_opens_one_with_the_item_in_one_command(
    browser, alice, flour, lines
):
    browser(alice).send(URL, FLOUR)

    order = OrderHead.objects.get()
    alice.refresh_from_db()
    assert alice.current_order_id == order.pk
    assert lines(order.pk) == {"FLR-25": 2}
    assert len({event.command_id for event in Event.objects.all()}) == 1


def test_sent_twice_with_no_current_order_it_opens_one_order_with_one_item(
    browser, alice, flour, lines
):
    page, command_id = browser(alice), str(uuid.uuid4())

    for _ in range(3):
        assert page.send(URL, FLOUR, command_id=command_id).status_code == 303

    assert lines(OrderHead.objects.get().pk) == {"FLR-25": 2}


def test_sent_twice_it_goes_where_the_first_one_went_whatever_is_current_by_then(
    browser, alice, by, key, order_id, make_current, lines
):
    make_current(alice, order_id)
    page, command_id = browser(alice), str(uuid.uuid4())
    page.send(URL, FLOUR, command_id=command_id)
    other = handling.open_order(by(alice), key=key()).stream_id
    page.post("/current-order/", {"order": other})

    assert page.send(URL, FLOUR, command_id=command_id).status_code == 303

    assert lines(order_id)["FLR-25"] == 4
    assert lines(other) == {}


def test_it_goes_to_the_order_that_is_current_then_not_to_the_one_that_the_page_showed(
    browser, alice, by, key, order_id, make_current, lines
):
    make_current(alice, order_id)
    page = browser(alice)
    page.get("/")
    other = handling.open_order(by(alice), key=key()).stream_id
    make_current(alice, other)

    page.send(URL, FLOUR)

    assert lines(other) == {"FLR-25": 2}


def test_htmx_gets_the_form_the_message_and_the_header(
    browser, alice, order_id, make_current, head, text
):
    make_current(alice, order_id)

    response = browser(alice).send(URL, FLOUR, fragment=True)

    body = response.content.decode()
    assert response.status_code == 200
    assert body.lstrip().startswith('<form class="add" id="add-FLR-25"')
    assert f"4 in {head(order_id).number}" in text(response)
    assert '<hx-partial hx-target="#current-order"' in body


@pytest.mark.parametrize("quantity", ["0", "many", "10000", ""])
@pytest.mark.parametrize("fragment", [False, True])
def test_what_it_refuses_it_explains_and_keeps_in_the_field(
    quantity, fragment, browser, alice, flour, text
):
    response = browser(alice).send(URL, FLOUR | {"quantity": quantity}, fragment=fragment)

    assert response.status_code == 422
    assert "whole number from 1 to 9999" in text(response)
    assert f'value="{quantity}" aria-invalid="true"' in response.content.decode()
    assert not OrderHead.objects.exists()


def test_a_colleague_who_closed_the_order_is_named_and_the_item_can_go_into_a_new_one(
    browser, alice, bob, by, key, order_id, make_current, lines, text, head
):
    make_current(alice, order_id)
    handling.complete_order(by(bob), order_id, key=key())
    page = browser(alice)

    refused = page.send(URL, FLOUR)

    assert refused.status_code == 409
    assert f"Bob completed {head(order_id).number}" in text(refused)
    assert "Put it into a new order" in text(refused)
    assert 'aria-label="Quantity of Plain wheat flour" value="2"' in refused.content.decode()

    page.send(URL, FLOUR | {"into": "new"})

    alice.refresh_from_db()
    assert alice.current_order_id != order_id
    assert lines(alice.current_order_id) == {"FLR-25": 2}
    assert lines(order_id) == {"FLR-25": 2, "BUT-10": 1}


def test_htmx_gets_that_offer_inside_the_form(
    browser, alice, bob, by, key, order_id, make_current, text
):
    make_current(alice, order_id)
    handling.cancel_order(by(bob), order_id, key=key())

    response = browser(alice).send(URL, FLOUR, fragment=True)

    assert response.status_code == 409
    assert "Bob cancelled" in text(response)
    assert 'name="into" value="new"' in response.content.decode()


def test_a_product_that_left_the_catalog_is_refused(browser, alice, flour, text):
    flour.active = False
    flour.save()

    response = browser(alice).send(URL, FLOUR)

    assert response.status_code == 422
    assert "The catalog has no product FLR-25." in text(response)


@pytest.mark.parametrize("sku", ["NIX-1", "", "\x00", "a\x00b"])
def test_a_product_that_never_was_is_not_found(sku, browser, alice):
    assert browser(alice).send(URL, FLOUR | {"sku": sku}).status_code == 404


def test_staff_without_a_customer_cannot_order(browser, admin, flour, text):
    response = browser(admin).send(URL, FLOUR)

    assert response.status_code == 422
    assert "You are signed in as staff." in text(response)


def test_an_agent_of_a_deactivated_customer_cannot_order(browser, alice, harbour, flour, text):
    harbour.is_active = False
    harbour.save()

    response = browser(alice).send(URL, FLOUR)

    assert response.status_code == 422
    assert "You can look, but not change." in text(response)


def test_without_a_command_id_nothing_is_added(browser, alice, flour):
    assert browser(alice).post(URL, FLOUR).status_code == 400
    assert not OrderHead.objects.exists()


def test_it_rejects_get(browser, alice):
    assert browser(alice).get(URL).status_code == 405


def test_it_wants_a_login_and_leads_back_to_a_page(client, alice):
    login = client.post(URL, FLOUR)["Location"]

    response = client.post(login, {"username": "alice", "password": "demo", "next": URL})

    assert response["Location"] == "/"
    assert reverse("catalog") == "/"


def test_blanks_around_a_sku_do_not_matter(browser, alice, order_id, make_current, lines):
    make_current(alice, order_id)
    response = browser(alice).send(URL, FLOUR | {"sku": " FLR-25 "})
    assert response.status_code == 303
    assert lines(order_id)["FLR-25"] == 4


def test_what_is_added_from_suggestions_shows_wherever_the_page_says_how_many(
    browser, alice, order_id, make_current, flour, lines
):
    make_current(alice, order_id)
    had = lines(order_id).get("FLR-25", 0)

    response = browser(alice).send(
        URL, {"sku": "FLR-25", "quantity": "1", "on": "suggestions"}, fragment=True
    )

    body = response.content.decode()
    assert lines(order_id)["FLR-25"] == had + 1
    assert '<form id="suggestion-adding"' in body
    assert "data-had='FLR-25'" not in body.split("<hx-partial")[0]
    assert f"{had + 1} in HC-" in body.split("[data-had='FLR-25']")[1]
    assert f"in order: {had + 1}" in body.split("[data-in-order='FLR-25']")[1]


def test_suggestions_are_told_why_nothing_was_added(
    browser, alice, bob, by, key, order_id, make_current, flour
):
    make_current(alice, order_id)
    handling.complete_order(by(bob), order_id, key=key())

    response = browser(alice).send(
        URL, {"sku": "FLR-25", "quantity": "1", "on": "suggestions"}, fragment=True
    )

    assert response.status_code == 409
    form = response.content.decode().split("</form>")[0]
    assert '<form id="suggestion-adding"' in form
    assert 'name="into" value="new"' in form
    assert 'name="sku" value="FLR-25"' in form

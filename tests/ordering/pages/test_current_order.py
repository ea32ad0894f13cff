import uuid

import pytest

from ordering import handling

URL = "/current-order/"


def test_choosing_makes_it_current_and_leads_back(browser, alice, order_id):
    response = browser(alice).post(URL, {"order": order_id, "next": "/?q=milk"})

    assert (response.status_code, response["Location"]) == (303, "/?q=milk")
    alice.refresh_from_db()
    assert alice.current_order_id == order_id


def test_it_is_each_agents_own(browser, alice, bob, order_id):
    browser(alice).post(URL, {"order": order_id})

    bob.refresh_from_db()
    assert bob.current_order_id is None


def test_it_never_leads_to_another_site(browser, alice, order_id):
    response = browser(alice).post(URL, {"order": order_id, "next": "https://example.org/"})

    assert response["Location"] == "/"


def test_a_closed_order_is_not_chosen(browser, alice, bob, by, key, order_id, text):
    handling.complete_order(by(bob), order_id, key=key())
    page = browser(alice)

    page.post(URL, {"order": order_id})

    alice.refresh_from_db()
    assert alice.current_order_id is None
    assert "is completed; choose an open order" in text(page.get("/orders/"))


@pytest.mark.parametrize("order", ["", "nonsense", uuid.uuid4()])
def test_what_is_no_order_is_not_found(order, browser, alice):
    assert browser(alice).post(URL, {"order": order}).status_code == 404


def test_charlie_cannot_choose_it(browser, charlie, order_id):
    assert browser(charlie).post(URL, {"order": order_id}).status_code == 404


def test_an_agent_of_a_deactivated_customer_may_not_choose(browser, alice, harbour, order_id, text):
    harbour.is_active = False
    harbour.save()

    response = browser(alice).post(URL, {"order": order_id})

    assert response.status_code == 403
    assert "This is not yours to do" in text(response)


def test_the_header_shows_it_on_every_page(browser, alice, order_id, make_current, head, text):
    make_current(alice, order_id)

    said = text(browser(alice).get("/orders/"))

    assert f"Current order: {head(order_id).number} €121.15 2 lines" in said


def test_the_header_says_who_closed_it(
    browser, alice, bob, by, key, order_id, make_current, head, text
):
    make_current(alice, order_id)
    handling.cancel_order(by(bob), order_id, key=key())

    said = text(browser(alice).get("/orders/"))

    assert "No current order" in said
    assert f"Bob cancelled {head(order_id).number}" in said

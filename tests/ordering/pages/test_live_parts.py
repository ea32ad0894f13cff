"""What an open page asks for when it hears of a change."""

import uuid

import pytest

from ordering import handling
from ordering.history import MOST_NEWS
from tests.ordering.pages.conftest import FRAGMENT


@pytest.fixture
def cart_since(browser, order_id, text):
    """What the cart's fragment says to an agent who saw a version."""

    def cart_since(agent, since):
        url = f"/orders/{order_id}/?since={since}"
        return text(browser(agent).get(url, headers=FRAGMENT))

    return cart_since


def test_the_cart_comes_with_the_header_and_with_what_colleagues_did(
    browser, alice, bob, by, key, order_id, text
):
    handling.change_quantity(by(bob), order_id, "FLR-25", 5, key=key())

    response = browser(alice).get(f"/orders/{order_id}/?since=3", headers=FRAGMENT)

    page = response.content.decode()
    assert page.lstrip().startswith('<div class="order" id="cart"')
    assert '<hx-partial hx-target="#current-order"' in page
    assert "Bob set Plain wheat flour, 25 kg sack, from 2 to 5" in text(response)


def test_what_oneself_did_is_no_news(alice, bob, by, key, order_id, cart_since):
    handling.change_quantity(by(alice), order_id, "FLR-25", 5, key=key())
    assert "set Plain wheat flour" not in cart_since(alice, 3)
    assert "set Plain wheat flour" in cart_since(bob, 3)


def test_what_was_seen_is_no_news(alice, bob, by, key, order_id, cart_since):
    handling.change_quantity(by(bob), order_id, "FLR-25", 5, key=key())
    assert "set Plain wheat flour" not in cart_since(alice, 4)


def test_of_very_much_the_last_is_told_and_how_much_there_was(
    alice, bob, by, key, order_id, cart_since
):
    for quantity in range(10, 15):
        handling.change_quantity(by(bob), order_id, "FLR-25", quantity, key=key())
    said = cart_since(alice, 3)
    assert "from 13 to 14" in said
    assert "from 11 to 12" in said
    assert "from 10 to 11" not in said
    assert "(and 2 more before)" in said


def test_an_order_that_went_far_on_costs_no_more(alice, bob, by, key, order_id, cart_since):
    for quantity in range(10, 15 + MOST_NEWS):
        handling.change_quantity(by(bob), order_id, "FLR-25", quantity, key=key())
    assert f"(and {MOST_NEWS - 3} more before)" in cart_since(alice, 1)


@pytest.mark.parametrize("since", ["", "-1", "three", "9" * 10, "99"])
def test_a_version_that_is_none_or_to_come_means_no_news(since, alice, bob, by, key, cart_since):
    assert "Bob" not in cart_since(alice, since).partition("Opened by")[0]


def test_the_header_follows_alone(browser, alice, order_id, make_current):
    make_current(alice, order_id)
    page = browser(alice).get("/current-order/", headers=FRAGMENT).content.decode()
    assert page.lstrip().startswith('<details class="menu basket" id="current-order"')
    assert f'data-order="{order_id}" data-version="3"' in page


def test_the_address_of_the_current_order_leads_to_it(browser, alice, order_id, make_current):
    assert browser(alice).get("/current-order/")["Location"] == "/orders/"
    make_current(alice, order_id)
    assert browser(alice).get("/current-order/")["Location"] == f"/orders/{order_id}/"


def test_the_list_follows_alone(browser, alice, order_id):
    page = browser(alice).get("/orders/?status=open", headers=FRAGMENT).content.decode()
    assert page.lstrip().startswith('<div class="stack" id="orders-list"')
    assert f'<tr data-order="{order_id}" data-version="3">' in page


def test_the_deeds_follow_alone(browser, alice, order_id, text):
    page = browser(alice).get(f"/orders/{order_id}/history/?deeds", headers=FRAGMENT)
    assert page.content.decode().lstrip().startswith('<div class="deeds-part" id="deeds"')
    assert "Alice opened the order" in text(page)
    assert "deeds" not in text(page)


@pytest.mark.parametrize("path", ["", "history/", "live/"])
def test_charlie_finds_nothing_there(path, browser, charlie, order_id, text):
    hers = browser(charlie).get(f"/orders/{order_id}/{path}", headers=FRAGMENT)
    nobodys = browser(charlie).get(f"/orders/{uuid.uuid4()}/{path}", headers=FRAGMENT)
    assert text(hers) == text(nobodys)
    assert hers.status_code == nobodys.status_code
    assert hers.status_code == (501 if path == "live/" else 404)


@pytest.mark.parametrize("path", ["/live/", f"/live/{uuid.UUID(int=1)}/"])
def test_a_server_of_pages_only_says_that_it_has_no_streams(path, browser, alice, text):
    response = browser(alice).get(path)
    assert response.status_code == 501
    assert "shop.asgi" in text(response)


def test_a_page_tells_where_its_stream_is(browser, alice, admin, order_id):
    page = browser(alice).get(f"/orders/{order_id}/").content.decode()
    assert f'data-live="/orders/{order_id}/live/"' in page
    assert 'data-live="/live/"' in browser(alice).get("/").content.decode()
    assert "data-live" not in browser(admin).get("/").content.decode()

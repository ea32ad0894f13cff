"""What was drawn for one agent's page and is shown on another's: to whom, and what of it."""

import re

import pytest
from django.urls import reverse

from ordering import handling
from tests.ordering.pages.conftest import FRAGMENT

IDS = r'name="command_id" value="([0-9a-f-]{36})"'
TOKEN = r'name="csrfmiddlewaretoken" value="(\w+)"'


@pytest.fixture
def cart(order_id):
    """What an agent's browser gets when its page asks for the order's cart."""
    return lambda page: page.get(reverse("order", args=[order_id]), headers=FRAGMENT)


def test_a_cart_that_was_drawn_for_alice_is_not_charlie_s(browser, alice, charlie, cart):
    assert "FLR-25" in cart(browser(alice)).content.decode()
    refused = cart(browser(charlie))
    assert refused.status_code == 404
    assert "FLR-25" not in refused.content.decode()


def test_choices_and_total_that_were_drawn_for_alice_are_not_charlie_s(
    browser, alice, charlie, order_id, make_current
):
    make_current(alice, order_id)
    make_current(charlie, order_id)  # however that came to be
    number = handling.OrderHead.objects.get(pk=order_id).number
    page = "/quick-order/"
    assert number in browser(alice).get(page).content.decode()
    theirs = browser(charlie).get(page).content.decode()
    assert number not in theirs
    assert str(order_id) not in theirs


def test_each_page_has_command_ids_and_a_token_of_its_own(browser, alice, bob, cart):
    pages = [cart(browser(agent)).content.decode() for agent in (alice, bob)]
    ids = [one for page in pages for one in re.findall(IDS, page)]
    assert len(ids) > 10
    assert len(set(ids)) == len(ids)
    tokens = [{*re.findall(TOKEN, page)} for page in pages]
    assert [len(found) for found in tokens] == [1, 1]
    assert tokens[0] != tokens[1]


def test_the_header_follows_each_change_of_the_current_order(
    browser, alice, bob, by, key, order_id, make_current
):
    make_current(alice, order_id)
    page = browser(alice)
    before = page.get("/current-order/", headers=FRAGMENT).content.decode()
    handling.change_quantity(by(bob), order_id, "FLR-25", 500, key=key())
    after = page.get("/current-order/", headers=FRAGMENT).content.decode()
    for header, version in ((before, 3), (after, 4)):
        assert header.count(f'data-version="{version}"') == 2  # the order, and it among the choices
    total = r'basket-total number">(.*?)<'
    assert re.findall(total, before) != re.findall(total, after)


def test_the_cart_follows_each_of_its_values(browser, alice, bob, by, key, order_id, cart):
    page, seen = browser(alice), []
    for change in (
        lambda: None,
        lambda: handling.change_quantity(by(bob), order_id, "FLR-25", 7, key=key()),
        lambda: handling.change_details(by(bob), order_id, reference="Wedding", key=key()),
        lambda: handling.change_details(by(bob), order_id, note="At the back door", key=key()),
        lambda: handling.remove_item(by(bob), order_id, "FLR-25", key=key()),
        lambda: handling.cancel_order(by(bob), order_id, reason="Rain", key=key()),
    ):
        change()
        seen.append(re.sub(IDS + "|" + TOKEN, "", cart(page).content.decode()))
    assert 'value="7"' in seen[1]
    assert "Wedding" in seen[2]
    assert "At the back door" in seen[3]
    assert "line-FLR-25" not in seen[4]
    assert "Rain" in seen[5]


def test_news_of_a_line_tells_what_was_there_before_whatever_else_was_done(
    browser, alice, bob, by, key, order_id, text
):
    url = reverse("order", args=[order_id])
    handling.change_quantity(by(alice), order_id, "FLR-25", 40, key=key())
    for quantity in range(10, 70):
        handling.change_quantity(by(alice), order_id, "BUT-10", quantity, key=key())
    outcome = handling.change_quantity(by(bob), order_id, "FLR-25", 41, key=key())
    since = {"since": str(outcome.version - 1)}
    assert "from 40 to 41" in text(browser(alice).get(url, since, headers=FRAGMENT))


def test_each_part_is_given_what_it_shows(browser, alice, order_id, cart, head):
    """A value that a part is not given would be shown as nothing."""
    shown = cart(browser(alice)).content.decode()
    addresses = re.findall(r'(?:action|hx-post|href)="([^"]*)"', shown)
    assert reverse("order_completion", args=[order_id]) in addresses
    assert all(address.startswith("/") for address in addresses)
    assert f"Lines of {head(order_id).number}, as they were added" in shown

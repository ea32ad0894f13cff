import re

import pytest
from django.urls import reverse

from eventstore.models import Event
from ordering import handling


@pytest.fixture
def url(order_id):
    return reverse("order_undo", args=[order_id])


def offered(response):
    """The version that a message on the page offers to undo; None without an offer."""
    toasts = re.search(r'<div id="toasts".*?</main>', response.content.decode(), re.DOTALL)[0]
    found = re.search(r'name="version" value="([0-9]+)"', toasts)
    return found and found[1]


CHANGES = {
    "order_items": ([], {"sku": "BUT-10", "quantity": "3"}),
    "order_item": (["FLR-25"], {"quantity": "5"}),
    "order_item_removal": (["FLR-25"], {}),
    "order_details": ([], {"reference": "Sunday", "note": "Back gate"}),
}


@pytest.mark.parametrize("name", CHANGES)
def test_after_each_own_change_the_page_offers_to_undo_it(
    name, browser, alice, url, order_id, lines, head, text
):
    page = browser(alice)
    line, form = CHANGES[name]
    page.send(reverse(name, args=[order_id, *line]), form)
    shown = page.get(reverse("order", args=[order_id]))
    assert offered(shown) == "4"

    response = page.send(url, {"version": offered(shown)})

    assert response["Location"] == reverse("order", args=[order_id])
    assert lines(order_id) == {"FLR-25": 2, "BUT-10": 1}
    assert (head(order_id).reference, head(order_id).note) == ("Friday", "")
    assert "Undone." in text(page.get(response["Location"]))


def test_a_fragment_offers_it_too_and_undoes_in_place(browser, alice, url, order_id, lines, text):
    page = browser(alice)
    item = reverse("order_item", args=[order_id, "FLR-25"])

    changed = page.send(item, {"quantity": "5"}, fragment=True).content.decode()
    assert f'action="{url}" hx-post="{url}"' in changed

    response = page.send(url, {"version": "4"}, fragment=True)
    assert response.status_code == 200
    assert "Undone." in text(response)
    assert lines(order_id)["FLR-25"] == 2


def test_from_another_page_it_goes_back_there(browser, alice, url, order_id):
    page = browser(alice)
    page.send(reverse("order_item", args=[order_id, "FLR-25"]), {"quantity": "5"})

    history = reverse("order_history", args=[order_id])

    assert page.send(url, {"version": "4", "next": history})["Location"] == history


def test_it_does_not_go_to_another_site(browser, alice, url, order_id):
    page = browser(alice)
    page.send(reverse("order_item", args=[order_id, "FLR-25"]), {"quantity": "5"})

    response = page.send(url, {"version": "4", "next": "https://elsewhere.example/"})

    assert response["Location"] == reverse("order", args=[order_id])


@pytest.mark.parametrize("fragment", [False, True])
def test_what_a_colleague_built_upon_is_refused_with_who_and_what(
    fragment, browser, alice, bob, by, key, url, order_id, lines, text
):
    handling.change_quantity(by(alice), order_id, "FLR-25", 5, key=key())
    handling.change_quantity(by(bob), order_id, "FLR-25", 6, key=key())

    response = browser(alice).send(url, {"version": "4"}, fragment=fragment)

    assert response.status_code == 409
    assert "Not undone: it was built upon since" in text(response)
    assert "Bob set Plain wheat flour, 25 kg sack, from 5 to 6" in text(response)
    assert lines(order_id)["FLR-25"] == 6


def test_a_colleagues_change_is_theirs_to_undo(browser, bob, by, alice, key, url, order_id, text):
    handling.change_quantity(by(alice), order_id, "FLR-25", 5, key=key())

    response = browser(bob).send(url, {"version": "4"})

    assert response.status_code == 422
    assert "Only who made a change can undo it." in text(response)


@pytest.mark.parametrize("version", ["1", "0", "99", "999999999"])
def test_what_is_no_change_of_items_or_details_is_refused(version, browser, alice, url, text):
    response = browser(alice).send(url, {"version": version})

    assert response.status_code == 422
    assert "items or details can be undone." in text(response)


def test_on_a_closed_order_it_says_who_closed_it(browser, alice, bob, by, key, url, order_id, text):
    handling.change_quantity(by(alice), order_id, "FLR-25", 5, key=key())
    handling.complete_order(by(bob), order_id, key=key())

    response = browser(alice).send(url, {"version": "4"})

    assert response.status_code == 409
    assert "Your change was not made: Bob completed" in text(response)


@pytest.mark.parametrize("version", ["", "-1", "x", "4.0", "9" * 5000])
def test_without_a_good_version_nothing_is_sent(version, browser, alice, url, text):
    before = Event.objects.count()

    response = browser(alice).send(url, {"version": version})

    assert response.status_code == 400
    assert "Expected a version of the order" in text(response)
    assert Event.objects.count() == before


def test_opening_and_what_changed_nothing_are_not_offered(browser, alice, order_id):
    page = browser(alice)
    page.send(reverse("order_item", args=[order_id, "FLR-25"]), {"quantity": "2"})
    assert offered(page.get(reverse("order", args=[order_id]))) is None

    page.send(reverse("current_order_items"), {"sku": "FLR-25", "quantity": "2"})
    assert offered(page.get("/")) is None


def test_the_catalog_offers_to_undo_what_was_added(
    browser, alice, url, order_id, make_current, lines
):
    make_current(alice, order_id)
    page = browser(alice)
    page.send(reverse("current_order_items"), {"sku": "FLR-25", "quantity": "2"})
    version = offered(page.get("/"))

    assert page.send(url, {"version": version, "next": "/"})["Location"] == "/"
    assert lines(order_id)["FLR-25"] == 2


def test_charlie_finds_nothing_to_undo(browser, charlie, url):
    assert browser(charlie).send(url, {"version": "3"}).status_code == 404


def test_it_rejects_get(browser, alice, url):
    assert browser(alice).get(url).status_code == 405

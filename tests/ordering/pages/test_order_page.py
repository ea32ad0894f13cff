import uuid

import pytest
from django.urls import reverse

from ordering import handling
from tests.ordering.pages.conftest import FRAGMENT


@pytest.fixture
def url(order_id):
    return reverse("order", args=[order_id])


def test_bob_sees_what_alice_ordered(browser, bob, url, text, head, order_id):
    said = text(browser(bob).get(url))

    assert head(order_id).number in said
    assert "Opened by Alice" in said
    assert "Plain wheat flour 25 kg sack · FLR-25" in said
    assert "2 lines €121.15" in said


def test_charlie_gets_the_same_404_as_for_an_order_that_never_was(browser, charlie, url, text):
    hers = browser(charlie).get(url)
    nobodys = browser(charlie).get(reverse("order", args=[uuid.uuid4()]))

    assert (hers.status_code, nobodys.status_code) == (404, 404)
    assert text(hers) == text(nobodys)


def test_staff_without_a_customer_find_no_order(browser, admin, url):
    assert browser(admin).get(url).status_code == 404


def test_it_wants_a_login(client, url):
    assert client.get(url)["Location"] == f"/login/?next={url}"


def test_it_rejects_post(browser, alice, url):
    assert browser(alice).post(url).status_code == 405


def test_it_is_never_kept_by_a_cache(browser, alice, url):
    """A page that came back from the past would show old lines, and forms that were sent."""
    assert "no-store" in browser(alice).get(url)["Cache-Control"]


def test_htmx_gets_the_cart_alone(browser, alice, url):
    body = browser(alice).get(url, headers=FRAGMENT).content.decode()

    assert body.lstrip().startswith('<div class="order" id="cart"')
    assert "<html" not in body


def test_going_back_in_history_gets_the_whole_page(browser, alice, url):
    whole = {"HX-Request": "true", "HX-Request-Type": "full", "HX-History-Restore-Request": "true"}

    assert "<html" in browser(alice).get(url, headers=whole).content.decode()


def test_an_empty_order_says_what_to_do(browser, alice, by, key, text):
    empty = handling.open_order(by(alice), key=key()).stream_id

    said = text(browser(alice).get(reverse("order", args=[empty])))

    assert "Nothing in it yet" in said
    assert "Complete order" not in said


def test_a_completed_order_is_read_only_and_says_who_completed_it(
    browser, alice, bob, by, key, order_id, url, text
):
    handling.complete_order(by(bob), order_id, key=key())

    page = browser(alice).get(url)

    assert "Bob completed this order" in text(page)
    assert "Order again" in text(page)
    for form in ("order_completion", "order_cancellation", "order_details", "order_items"):
        assert reverse(form, args=[order_id]) not in page.content.decode()


def test_a_cancelled_order_gives_the_reason(browser, alice, bob, by, key, order_id, url, text):
    handling.cancel_order(by(bob), order_id, key=key(), reason="Closed <for> a day")

    assert "Bob cancelled this order" in text(browser(alice).get(url))
    assert "“Closed <for> a day”" in text(browser(alice).get(url))


def test_agents_of_a_deactivated_customer_can_look_but_not_change(
    browser, alice, harbour, order_id, url, text
):
    harbour.is_active = False
    harbour.save()

    page = browser(alice).get(url)

    assert "You can look, but not change." in text(page)
    assert "Plain wheat flour" in text(page)
    assert reverse("order_completion", args=[order_id]) not in page.content.decode()
    assert reverse("order_copy", args=[order_id]) not in page.content.decode()


def test_a_line_stays_readable_when_its_product_and_its_agent_are_gone(
    browser, alice, bob, by, key, order_id, url, text, flour
):
    handling.change_quantity(by(bob), order_id, "FLR-25", 4, key=key())
    flour.delete()
    bob.delete()

    said = text(browser(alice).get(url))

    assert "Plain wheat flour" in said
    assert "by Someone" in said


def test_a_copy_names_the_order_that_it_came_from(browser, alice, by, key, order_id, text, head):
    copy = handling.copy_order(by(alice), order_id, key=key()).stream_id

    said = text(browser(alice).get(reverse("order", args=[copy])))

    assert f"as a copy of {head(order_id).number}" in said


def test_what_agents_type_is_shown_and_never_run(browser, alice, by, key, url, order_id):
    handling.change_details(
        by(alice), order_id, key=key(), reference="<script>x</script>", note="</textarea><b>"
    )

    body = browser(alice).get(url).content.decode()

    assert "<script>x" not in body
    assert "</textarea><b>" not in body

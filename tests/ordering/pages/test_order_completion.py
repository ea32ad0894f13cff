import pytest
from django.urls import reverse

from ordering import handling


@pytest.fixture
def url(order_id):
    return reverse("order_completion", args=[order_id])


def test_it_completes_the_order(browser, alice, url, order_id, head):
    browser(alice).send(url)

    assert head(order_id).status == "completed"


def test_an_empty_order_is_refused(browser, alice, by, key, text):
    empty = handling.open_order(by(alice), key=key()).stream_id

    response = browser(alice).send(reverse("order_completion", args=[empty]))

    assert response.status_code == 422
    assert "an order needs at least one" in text(response)


def test_who_completes_their_current_order_has_none_then(
    browser, alice, url, order_id, make_current
):
    make_current(alice, order_id)

    response = browser(alice).send(url, fragment=True)

    alice.refresh_from_db()
    assert alice.current_order_id is None
    assert "No current order" in response.content.decode()


def test_completing_another_order_leaves_the_current_one(
    browser, alice, by, key, url, make_current
):
    other = handling.open_order(by(alice), key=key()).stream_id
    make_current(alice, other)

    browser(alice).send(url)

    alice.refresh_from_db()
    assert alice.current_order_id == other


def test_an_order_that_a_colleague_cancelled_is_refused(
    browser, alice, bob, by, key, url, order_id, text
):
    handling.cancel_order(by(bob), order_id, key=key())

    response = browser(alice).send(url)

    assert response.status_code == 409
    assert "Your change was not made: Bob cancelled" in text(response)


def test_who_completes_what_a_colleague_has_completed_is_told_by_whom(
    browser, alice, bob, by, key, url, order_id, make_current, text
):
    make_current(alice, order_id)
    handling.complete_order(by(bob), order_id, key=key())

    response = browser(alice).send(url, fragment=True)

    assert response.status_code == 200
    assert "Bob completed this order" in text(response)
    assert "Thank you!" not in text(response)
    alice.refresh_from_db()
    assert alice.current_order_id is None

import pytest
from django.urls import reverse


@pytest.fixture
def url(order_id):
    return reverse("order_cancellation", args=[order_id])


def test_it_cancels_with_the_reason(browser, alice, url, order_id, head):
    browser(alice).send(url, {"reason": "Closed for a day"})

    assert (head(order_id).status, head(order_id).cancel_reason) == (
        "cancelled",
        "Closed for a day",
    )


def test_the_reason_may_be_left_out(browser, alice, url, order_id, head):
    browser(alice).send(url, {"reason": ""})

    assert head(order_id).status == "cancelled"


def test_a_reason_that_is_too_long_is_refused_and_kept(browser, alice, url, text):
    response = browser(alice).send(url, {"reason": "x" * 501})

    assert response.status_code == 422
    assert "The reason has at most 500 characters; this has 501." in text(response)
    assert "x" * 501 in response.content.decode()


def test_who_cancels_their_current_order_has_none_then(browser, alice, url, order_id, make_current):
    make_current(alice, order_id)

    browser(alice).send(url)

    alice.refresh_from_db()
    assert alice.current_order_id is None

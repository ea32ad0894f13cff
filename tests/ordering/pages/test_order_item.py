import pytest
from django.urls import reverse

from ordering import handling


@pytest.fixture
def url(order_id):
    return reverse("order_item", args=[order_id, "FLR-25"])


def test_it_sets_the_quantity(browser, alice, url, order_id, lines):
    response = browser(alice).send(url, {"quantity": " 7 "})

    assert response["Location"] == f"{reverse('order', args=[order_id])}#line-FLR-25"
    assert lines(order_id)["FLR-25"] == 7


def test_a_step_button_counts_more_than_the_field_beside_it(browser, alice, url, order_id, lines):
    """Without JavaScript the button sends the next number; the browser sends the field before."""
    browser(alice).send(url, {"quantity": ["2", "3"]})

    assert lines(order_id)["FLR-25"] == 3


def test_the_line_says_who_changed_it(browser, bob, url, order_id, text):
    response = browser(bob).send(url, {"quantity": "7"}, fragment=True)

    assert "by Bob" in text(response)
    assert 'id="line-FLR-25" class="just-changed"' in response.content.decode()


@pytest.mark.parametrize("typed", ["0", "-1", "10000", "seven", "7,5", "<b>"])
@pytest.mark.parametrize("fragment", [False, True])
def test_what_it_refuses_stays_in_the_field(
    typed, fragment, browser, alice, url, order_id, lines, text
):
    response = browser(alice).send(url, {"quantity": typed}, fragment=fragment)

    assert response.status_code == 422
    assert f"must be a whole number from 1 to 9999, not {typed}." in text(response)
    assert lines(order_id)["FLR-25"] == 2


def test_a_line_that_a_colleague_removed_is_refused(
    browser, alice, bob, by, key, url, order_id, text
):
    handling.remove_item(by(bob), order_id, "FLR-25", key=key())

    response = browser(alice).send(url, {"quantity": "7"})

    assert response.status_code == 422
    assert "has no line for FLR-25 any more" in text(response)

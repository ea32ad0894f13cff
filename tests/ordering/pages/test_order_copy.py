import pytest
from django.urls import reverse

from ordering import handling
from ordering.models import OrderHead


@pytest.fixture
def url(order_id):
    return reverse("order_copy", args=[order_id])


def test_it_opens_an_order_with_the_same_lines_and_makes_it_current(
    browser, alice, url, order_id, lines
):
    response = browser(alice).send(url)

    copy = OrderHead.objects.get(copied_from=order_id)
    assert response["Location"] == reverse("order", args=[copy.order_id])
    assert lines(copy.order_id) == lines(order_id)
    alice.refresh_from_db()
    assert alice.current_order_id == copy.order_id


def test_it_says_what_was_left_out(browser, alice, url, flour, text):
    flour.active = False
    flour.save()
    page = browser(alice)

    copied = page.send(url)

    said = text(page.get(copied["Location"]))
    assert "with 1 line of" in said
    assert "1 product has left the catalog and was left out." in said


def test_nothing_left_to_copy_is_refused(browser, alice, url, flour, butter, text):
    for product in (flour, butter):
        product.active = False
        product.save()

    response = browser(alice).send(url)

    assert response.status_code == 422
    assert "is in the catalog any more" in text(response)


def test_a_closed_order_can_be_ordered_again(browser, alice, bob, by, key, url, order_id):
    handling.complete_order(by(bob), order_id, key=key())

    assert browser(alice).send(url).status_code == 303

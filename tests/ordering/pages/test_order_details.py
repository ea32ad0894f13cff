import pytest
from django.urls import reverse


@pytest.fixture
def url(order_id):
    return reverse("order_details", args=[order_id])


def test_it_saves_reference_and_note(browser, alice, url, order_id, head):
    response = browser(alice).send(url, {"reference": " Sunday ", "note": "Back gate\r\nRing"})

    assert response.status_code == 303
    assert (head(order_id).reference, head(order_id).note) == ("Sunday", "Back gate\nRing")


@pytest.mark.parametrize("fragment", [False, True])
def test_a_reference_that_is_too_long_is_refused_and_kept(
    fragment, browser, alice, url, order_id, head, text
):
    typed = {"reference": "x" * 81, "note": "Back gate"}

    response = browser(alice).send(url, typed, fragment=fragment)

    assert response.status_code == 422
    assert "The reference has at most 80 characters; this has 81." in text(response)
    assert "x" * 81 in response.content.decode()
    assert "Back gate" in text(response)
    assert head(order_id).reference == "Friday"


def test_a_note_with_a_character_that_cannot_be_kept_is_refused(browser, alice, url, text):
    response = browser(alice).send(url, {"reference": "", "note": "bell \x07"})

    assert response.status_code == 422
    assert "U+0007" in text(response)


def test_on_a_closed_order_it_shows_what_was_typed(browser, alice, bob, url, order_id, text):
    browser(bob).send(reverse("order_completion", args=[order_id]))

    response = browser(alice).send(url, {"reference": "Sunday", "note": "Back gate"})

    assert response.status_code == 409
    body = response.content.decode()
    assert 'id="typed-reference" name="reference" maxlength="80" value="Sunday"' in body
    assert "Back gate</textarea>" in body

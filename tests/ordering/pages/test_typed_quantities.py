"""Quantities as agents of each language type them."""

import pytest


@pytest.fixture
def set_to(browser, alice, order_id):
    """Type a quantity into the line FLR-25, in a browser of that language."""

    def set_to(typed, language):
        page = browser(alice)
        page.cookies["django_language"] = language
        return page.send(f"/orders/{order_id}/items/FLR-25/", {"quantity": typed})

    return set_to


@pytest.mark.parametrize(("language", "typed"), [("en", "1,000"), ("de", "1.000")])
def test_separators_between_thousands_are_understood(language, typed, set_to, order_id, lines):
    assert set_to(typed, language).status_code == 303
    assert lines(order_id)["FLR-25"] == 1000


@pytest.mark.parametrize(("language", "typed"), [("en", "1.500"), ("de", "1,500")])
def test_what_may_be_a_fraction_is_refused_and_stays_as_typed(
    language, typed, set_to, order_id, lines
):
    before = lines(order_id)

    response = set_to(typed, language)

    assert response.status_code == 422
    assert response.context["line_form"].has_error("quantity", "ambiguous")
    assert f'value="{typed}"' in response.content.decode()
    assert lines(order_id) == before


def test_it_says_how_to_type_what_may_be_a_fraction(set_to, text):
    told = "“1.500” can be read as a whole number and as a fraction. Type a whole number without"
    assert told in text(set_to("1.500", "en"))


@pytest.mark.parametrize("typed", ["1.5", "1,5", "1,50"])
def test_a_fraction_is_refused_by_the_order_itself(typed, set_to, text):
    response = set_to(typed, "en")

    assert f"must be a whole number from 1 to 9999, not {typed}." in text(response)

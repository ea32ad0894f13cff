"""What the search offers while somebody types."""

import pytest
from django.test import Client


@pytest.fixture
def suggest(alice):
    browser = Client()
    browser.force_login(alice)
    return lambda **asked: browser.get("/suggestions/", asked)


def skus(response):
    return [product.sku for product in response.context["products"]]


def test_it_wants_a_login_and_is_no_page_to_come_back_to(client, db):
    assert client.get("/suggestions/?q=milk")["Location"].startswith("/login/")
    assert 'name="next" value="/"' in client.get("/login/?next=/suggestions/").content.decode()


def test_it_offers_the_first_eight_of_what_the_page_would_show(suggest, catalog, client, alice):
    client.force_login(alice)
    page = client.get("/", {"q": "flour"}).context["page"]

    response = suggest(q="flour")

    assert skus(response) == [product.sku for product in page][:8]
    body = response.content.decode()
    assert body.count('role="option"') == 9
    assert 'data-href="/?q=flour"' in body
    assert "<mark>flour</mark>" in body
    assert "<html" not in body


def test_it_corrects_and_says_so(suggest, catalog):
    body = suggest(q="cofee").content.decode()

    assert "Showing results for <strong>coffee</strong>" in body
    assert "<mark>coffee</mark>" in body


def test_it_names_an_unknown_word_and_offers_those_near_it(suggest, catalog):
    body = suggest(q="chocolatissimo").content.decode()

    assert "Nothing here is called “chocolatissimo”" in body
    assert "Did you mean “chocolate”?" in body
    assert 'data-href="/?q=chocolate"' in body
    assert "All results" not in body


def test_it_offers_to_stay_in_the_category_that_is_looked_at(suggest, catalog):
    assert 'data-href="/?q=milk&amp;category=drinks"' in (
        suggest(q="milk", category="drinks").content.decode()
    )
    for unknown in ("nowhere", "a\x00b", "x" * 300, ""):
        body = suggest(q="milk", category=unknown).content.decode()
        assert "All results" in body
        assert "suggestion--category" not in body


@pytest.mark.parametrize("q", ["", " ", "%", "\x00", "'; --", "🥐", "x" * 5000, "<b>"])
def test_a_strange_text_is_answered_too(q, suggest, catalog):
    response = suggest(q=q)

    assert response.status_code == 200
    assert "<b>" not in response.content.decode()


def test_who_may_not_order_is_offered_products_to_look_at(client, admin, catalog):
    client.force_login(admin)

    body = client.get("/suggestions/", {"q": "flour"}).content.decode()

    assert 'data-href="/products/FLR-25/"' in body
    assert "data-sku" not in body
    assert "/current-order/items/" not in body


def test_it_rejects_post(client, alice):
    client.force_login(alice)
    assert client.post("/suggestions/", {"q": "milk"}).status_code == 405


@pytest.mark.parametrize(("q", "queries"), [("", 2), ("flour 25", 5), ("cofee beens", 7)])
def test_it_takes_few_queries(q, queries, suggest, catalog, django_assert_num_queries):
    """The session and the agent among them; the current order and its lines are two more."""
    with django_assert_num_queries(queries):
        suggest(q=q)

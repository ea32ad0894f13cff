"""Products are named in the active language, also where an event or a row stored their name."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from ordering import handling
from tests.factories import ProductFactory

GERMAN = {"HTTP_ACCEPT_LANGUAGE": "de"}
TEXTS = {"name": "Weizenmehl", "unit": "Sack 25 kg", "description": "Weiß.", "search_words": ""}


@pytest.fixture
def flour(flour):
    flour.texts = {"de": TEXTS}
    flour.save()
    return flour


@pytest.fixture
def pages(order_id):
    return [
        reverse("order", args=[order_id]),
        reverse("order_history", args=[order_id]) + "?at=2",
    ]


def test_pages_of_an_order_name_the_product_in_german(browser, alice, pages, text):
    for page in pages:
        german = text(browser(alice).get(page, **GERMAN))
        assert "Weizenmehl" in german
        assert "Sack 25 kg" in german
        assert "Plain wheat flour" not in german
        assert "Plain wheat flour" in text(browser(alice).get(page))


def test_what_there_is_no_german_text_for_is_marked_as_english(browser, alice, pages):
    for page in pages:
        german = browser(alice).get(page, **GERMAN).content.decode()
        assert 'lang="en">Butter<' in german
        assert 'lang="en">10 kg box<' in german
        assert 'lang="en">Butter<' not in browser(alice).get(page).content.decode()


def test_a_message_names_the_product_in_german(browser, alice, order_id, flour, butter, text):
    url = reverse("order_items", args=[order_id])
    done = browser(alice).send(url, {"sku": flour.sku, "quantity": "4"}, follow=True, **GERMAN)
    assert "4 × Weizenmehl, Sack 25 kg" in text(done)
    done = browser(alice).send(url, {"sku": butter.sku, "quantity": "4"}, follow=True, **GERMAN)
    assert '4 × <span lang="en">Butter</span>' in done.content.decode()


def test_a_question_names_the_product_in_german(browser, alice, bob, by, key, order_id, text):
    handling.add_items(by(bob), order_id, [("FLR-25", 3)], key=key())
    url = reverse("order_item", args=[order_id, "FLR-25"])
    asked = browser(alice).send(url, {"quantity": "9"}, seen=3, **GERMAN)
    assert asked.status_code == 409
    assert "Weizenmehl" in text(asked)
    assert "Plain wheat flour" not in text(asked)


def test_a_name_that_looks_like_markup_stays_text(browser, alice, by, key, order_id):
    ProductFactory(sku="ODD-1", name="<b>Odd</b> 100 %s")
    handling.add_items(by(alice), order_id, [("ODD-1", 1)], key=key())
    page = browser(alice).get(reverse("order_history", args=[order_id]), **GERMAN)
    assert "&lt;b&gt;Odd&lt;/b&gt; 100 %s" in page.content.decode()
    assert "<b>Odd" not in page.content.decode()


def test_german_costs_the_same_for_30_lines_as_for_3_and_english_nothing(
    browser, alice, by, key, db
):
    def cost(how_many, page, **options):
        skus = [f"LOT-{how_many}N{n}" for n in range(how_many)]
        for sku in skus:
            ProductFactory(sku=sku, texts={"de": TEXTS})
        items = [(sku, 1) for sku in skus]
        order = handling.open_order(by(alice), key=key(), items=items).stream_id
        client = browser(alice)
        with CaptureQueriesContext(connection) as captured:
            assert client.get(reverse(page, args=[order]), **options).status_code == 200
        return len(captured), sum('"texts"' in q["sql"] for q in captured.captured_queries)

    assert cost(3, "order_history", **GERMAN) == cost(30, "order_history", **GERMAN)
    assert cost(4, "order_history", **GERMAN)[1] == 1
    assert cost(5, "order_history")[1] == 0
    assert cost(6, "order", **GERMAN)[0] == cost(31, "order", **GERMAN)[0]

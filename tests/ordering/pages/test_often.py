"""The catalog's shelf of what an agent's team orders often."""

import re
from collections import Counter

import pytest
from django.utils import timezone

from catalog.models import Product
from eventstore.runner import Runner
from ordering import handling
from ordering.models import Favourite
from tests import real_catalog
from tests.factories import CategoryFactory, ProductFactory

pytestmark = pytest.mark.django_db

SECTION = '<section class="featured stack" aria-labelledby="often">'


@pytest.fixture
def often():
    """Favourites of a customer, as {sku: in how many orders}."""

    def often(customer, times):
        for sku, orders in times.items():
            if not Product.objects.filter(sku=sku).exists():
                ProductFactory(sku=sku)
            Favourite.objects.create(
                customer=customer,
                product_id=sku,
                orders=orders,
                quantity=orders,
                last_at=timezone.now(),
            )

    return often


def featured(response):
    """The products of the entrance's section, as (sku, times)."""
    stocks = response.context["featured"]
    return [(product.sku, product.times) for stock in stocks for product in stock.first]


def listed(response):
    return [product.sku for product in response.context["page"]]


@pytest.mark.django_db(transaction=True)
def test_what_a_team_completed_is_there_when_the_projections_have_caught_up(
    browser, alice, bob, by, key, order_id, text
):
    handling.complete_order(by(bob), order_id, key=key())
    Runner().catch_up()

    response = browser(alice).get("/")

    assert sorted(featured(response)) == [("BUT-10", 1), ("FLR-25", 1)]
    assert "Your team orders often" in text(response)


def test_the_entrance_shows_the_first_eight_most_often_first(browser, alice, often, text):
    often(alice.customer, {f"SKU-{n}": n for n in range(1, 11)})

    response = browser(alice).get("/")

    assert featured(response) == [(f"SKU-{n}", n) for n in range(10, 2, -1)]
    assert "in 10 orders" in text(response)
    assert "All 10" in text(response)


def test_of_what_was_ordered_as_often_the_last_comes_first(browser, alice, often, text):
    often(alice.customer, {"A-1": 1, "B-1": 1, "C-1": 1})

    response = browser(alice).get("/")

    assert [sku for sku, _ in featured(response)] == ["C-1", "B-1", "A-1"]
    assert "in 1 order " in text(response)


def test_each_has_a_form_that_adds_one(browser, alice, often):
    often(alice.customer, {"FLR-25": 2})

    body = browser(alice).get("/").content.decode()

    section = body[body.index(SECTION) : body.index("Everything, by name")]
    assert section.count('action="/current-order/items/"') == 1
    assert 'name="sku" value="FLR-25"' in section
    assert re.search(r'name="quantity"[^>]* value="1"', section)


def test_no_id_is_twice_on_a_page_that_shows_a_product_twice(browser, alice, often, flour):
    often(alice.customer, {"FLR-25": 2})

    body = browser(alice).get("/").content.decode()

    assert body.count('name="sku" value="FLR-25"') == 2
    ids = Counter(re.findall(r'\bid="([^"]+)"', body))
    assert [name for name, times in ids.items() if times > 1] == []


def test_all_of_them_are_a_click_away_with_htmx_and_without(browser, alice, often):
    often(alice.customer, {f"SKU-{n}": n for n in range(1, 31)})

    entrance = browser(alice).get("/").content.decode()
    response = browser(alice).get("/", {"shelf": "often"})

    assert entrance.count('href="/?shelf=often" hx-get="/?shelf=often"') == 2
    assert listed(response) == [f"SKU-{n}" for n in range(30, 6, -1)]
    body = response.content.decode()
    assert '<h1 id="results">Your team orders often</h1>' in body
    assert "<title>Your team orders often · Tandem</title>" in body
    assert 'href="/?shelf=often" hx-get="/?shelf=often" aria-current="page"' in body
    assert 'href="/?shelf=often&amp;page=2"' in body
    assert SECTION not in body


def test_the_second_page_goes_on_where_the_first_ended(browser, alice, often):
    often(alice.customer, {f"SKU-{n}": n for n in range(1, 31)})

    response = browser(alice).get("/", {"shelf": "often", "page": "2"})

    assert listed(response) == [f"SKU-{n}" for n in range(6, 0, -1)]


def test_a_category_and_a_search_narrow_the_shelf_down(browser, alice, often, flour):
    often(alice.customer, {"FLR-25": 2, "RYE-25": 1})
    drinks = CategoryFactory(slug="drinks", name="Drinks", position=2)
    often(alice.customer, {ProductFactory(sku="TEA-1", category=drinks).sku: 5})

    response = browser(alice).get("/", {"shelf": "often"})

    assert 'href="/?shelf=often&amp;category=pantry"' in response.content.decode()
    assert [category.tally for category in response.context["categories"]] == [2, 1]
    narrowed = browser(alice).get("/", {"shelf": "often", "category": "pantry"})
    assert listed(narrowed) == ["FLR-25", "RYE-25"]
    assert [tally for _, tally in narrowed.context["stocks"]] == [2]


def test_a_search_finds_what_is_on_the_shelf_and_says_where_else_it_would(
    browser, alice, often, text, loaded_catalog
):
    real_catalog.fill()
    often(alice.customer, {"COF-1": 2, "FLR-25": 1})

    found = browser(alice).get("/", {"shelf": "often", "q": "coffee"})
    nothing = browser(alice).get("/", {"shelf": "often", "q": "coffee", "category": "flour-grain"})

    assert listed(found) == ["COF-1"]
    assert [tally for _, tally in found.context["stocks"]] == [1]
    assert listed(nothing) == []
    assert "No “coffee” in Flour & grain" in text(nothing)
    assert "In all categories: 1 " in text(nothing)
    assert 'href="/?q=coffee&amp;shelf=often"' in nothing.content.decode()
    assert 'href="/?q=coffee"' in nothing.content.decode()


@pytest.mark.parametrize("query", [{"q": "product"}, {"category": "pantry"}, {"page": "2"}])
def test_only_the_entrance_has_the_section(query, browser, alice, often):
    often(alice.customer, {f"PRD{n}-1": 1 for n in range(30)})

    response = browser(alice).get("/", query)

    assert response.context["stocks"]
    assert featured(response) == []
    assert SECTION not in response.content.decode()


def test_what_left_the_catalog_is_not_offered(browser, alice, often):
    ProductFactory(sku="OLD-1", active=False)
    often(alice.customer, {"OLD-1": 9, "NEW-1": 1})

    assert featured(browser(alice).get("/")) == [("NEW-1", 1)]
    assert listed(browser(alice).get("/", {"shelf": "often"})) == ["NEW-1"]


def test_there_is_no_section_and_no_link_when_there_is_nothing(browser, alice, flour, text):
    entrance = browser(alice).get("/")
    shelf = browser(alice).get("/", {"shelf": "often"})

    assert "Your team orders often" not in text(entrance)
    assert "Everything, by name" not in text(entrance)
    assert "Products of completed orders gather here" in text(shelf)


def test_charlie_never_sees_what_harbour_cafe_orders(
    browser, alice, charlie, often, northgate, text
):
    often(alice.customer, {"FLR-25": 7})

    assert "Your team orders often" not in text(browser(charlie).get("/"))
    assert listed(browser(charlie).get("/", {"shelf": "often"})) == []
    often(northgate, {"RYE-25": 2, "FLR-25": 1})
    assert featured(browser(charlie).get("/")) == [("RYE-25", 2), ("FLR-25", 1)]
    assert featured(browser(alice).get("/")) == [("FLR-25", 7)]


def test_staff_have_no_team(browser, alice, admin, often):
    often(alice.customer, {"FLR-25": 7})

    assert featured(browser(admin).get("/")) == []
    assert listed(browser(admin).get("/", {"shelf": "often"})) == []


def test_a_deactivated_customers_agents_see_it_without_forms(browser, alice, harbour, often):
    often(harbour, {"FLR-25": 7})
    harbour.is_active = False
    harbour.save()

    response = browser(alice).get("/")

    assert featured(response) == [("FLR-25", 7)]
    assert "/current-order/items/" not in response.content.decode()


@pytest.mark.parametrize("slug", ["nowhere", "x" * 300, "a\x00b"])
def test_an_unknown_shelf_is_not_found(slug, browser, alice):
    assert browser(alice).get("/", {"shelf": slug}).status_code == 404


def test_adding_from_the_section_answers_with_its_own_form(browser, alice, often):
    often(alice.customer, {"FLR-25": 7})
    item = {"sku": "FLR-25", "quantity": "1", "on": "often"}

    body = browser(alice).send("/current-order/items/", item, fragment=True).content.decode()

    assert body.lstrip().startswith('<form class="add" id="often-add-FLR-25"')
    assert 'name="on" value="often"' in body
    assert "1 in HC-" in body


def test_a_quantity_refused_in_the_section_is_told_there(browser, alice, often):
    often(alice.customer, {"FLR-25": 7})
    item = {"sku": "FLR-25", "quantity": "0", "on": "often"}

    response = browser(alice).send("/current-order/items/", item, fragment=True)

    assert response.status_code == 422
    body = response.content.decode()
    assert 'aria-describedby="often-refusal-FLR-25"' in body
    assert '<div id="often-refusal-FLR-25">' in body


@pytest.mark.parametrize(
    ("on", "place"), [("often", "often"), ("", "product"), ('"><script>', "product")]
)
def test_without_javascript_the_agent_comes_back_to_the_card(on, place, browser, alice, often):
    often(alice.customer, {"FLR-25": 7})
    item = {"sku": "FLR-25", "quantity": "1", "on": on, "next": "/"}

    response = browser(alice).send("/current-order/items/", item)

    assert response["Location"] == f"/#{place}-FLR-25"

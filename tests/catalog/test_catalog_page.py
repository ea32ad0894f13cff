import pytest
from django.test import Client

from catalog.indexing import refresh
from catalog.models import Product
from tests.factories import CategoryFactory, ProductFactory

FRAGMENT = {"HX-Request": "true", "HX-Request-Type": "partial"}


@pytest.fixture
def page(alice):
    browser = Client()
    browser.force_login(alice)
    return browser


def skus(response):
    return [product.sku for product in response.context["page"]]


def test_it_wants_a_login(client, db):
    assert client.get("/")["Location"] == "/login/?next=/"


def test_it_shows_products_by_name_with_a_form_to_add_each(page):
    for name in ("Butter", "Apples"):
        ProductFactory(name=name)

    response = page.get("/")

    assert [product.name for product in response.context["page"]] == ["Apples", "Butter"]
    assert response.content.decode().count('action="/current-order/items/"') == 2


def test_products_that_left_the_catalog_are_not_shown(page):
    ProductFactory(active=False)

    assert skus(page.get("/")) == []


def test_a_category_shows_its_own_products(page):
    drinks = CategoryFactory(slug="drinks", name="Drinks", position=2)
    ProductFactory(sku="TEA-1", category=drinks)
    ProductFactory(sku="FLR-1")

    response = page.get("/", {"category": "drinks"})

    assert skus(response) == ["TEA-1"]
    assert '<h1 id="results">Drinks</h1>' in response.content.decode()


@pytest.mark.parametrize("slug", ["nowhere", "x" * 300, "a\x00b"])
def test_an_unknown_category_is_not_found(slug, page):
    assert page.get("/", {"category": slug}).status_code == 404


def test_categories_stand_in_the_order_of_their_positions(page):
    for slug, position in (("b", 2), ("c", 3), ("a", 1)):
        ProductFactory(category=CategoryFactory(slug=slug, name=slug, position=position))

    assert [c.slug for c in page.get("/").context["categories"]] == ["a", "b", "c"]


def test_a_search_finds_what_was_meant_and_says_what_it_looked_for(page, catalog):
    response = page.get("/", {"q": "cofee beans"})

    assert "COF-1" in skus(response)
    assert "Showing results for <strong>coffee beans</strong>" in response.content.decode()
    assert 'value="cofee beans"' in response.content.decode()


def test_a_search_for_nothing_here_explains_and_helps(page, catalog):
    body = page.get("/", {"q": "xyzzyqq"}).content.decode()

    assert "Nothing here is called “xyzzyqq”" in body
    assert "Show everything" in body


def test_a_search_in_the_wrong_category_offers_all_of_them(page, catalog):
    response = page.get("/", {"q": "flour", "category": "drinks", "page": "2"})

    assert "No “flour” in Drinks" in response.content.decode()
    assert 'href="/?q=flour"' in response.content.decode()
    everywhere = page.get("/", {"q": "flour"}).context["page"].paginator.count
    assert response.context["instead"].without == [("In all categories", "/?q=flour", everywhere)]


def test_what_is_asked_for_can_be_taken_back_piece_by_piece(page, catalog):
    response = page.get("/", {"q": "milk", "category": "drinks"})

    assert response.context["asked"].chips == [
        ("“milk”", "/?category=drinks"),
        ("Drinks", "/?q=milk"),
    ]
    body = response.content.decode()
    assert 'class="chip" href="/?category=drinks" hx-get="/?category=drinks"' in body
    assert 'class="chip chip-all" href="/" hx-get="/"' in body
    assert 'class="chip' not in page.get("/").content.decode()


def test_each_category_says_how_many_it_has_of_what_was_found(page, catalog):
    response = page.get("/", {"q": "milk", "category": "drinks"})

    tallies = {aisle.slug: aisle.tally for aisle in response.context["categories"]}
    assert tallies["drinks"] == response.context["page"].paginator.count
    for slug in ("dairy-eggs", "cleaning", "coffee-tea"):
        found = page.get("/", {"q": "milk", "category": slug}).context["page"].paginator.count
        assert tallies[slug] == found


def test_what_was_found_is_marked_in_name_and_sku(page, catalog):
    assert "<mark>coffee</mark> beans" in page.get("/", {"q": "cofee"}).content.decode()
    assert "<mark>FLR-25</mark>" in page.get("/", {"q": "flr25"}).content.decode()
    assert "<mark>" not in page.get("/").content.decode()


def test_an_unknown_word_is_named_and_what_is_near_it_is_offered(page, catalog):
    response = page.get("/", {"q": "chocolatissimo flour"})

    near = response.context["instead"].near
    assert ("chocolate flour", "/?q=chocolate+flour") in near
    assert response.context["instead"].without == [("Search for “flour”", "/?q=flour", None)]
    assert "Nothing here is called “chocolatissimo”" in response.content.decode()
    assert 'href="/?q=chocolate+flour"' in response.content.decode()


def test_too_much_to_count_is_not_counted(page, monkeypatch):
    monkeypatch.setattr("catalog.tallies.MOST_COUNTED", 3)
    monkeypatch.setattr("catalog.search.MOST_CANDIDATES", 2)
    for _ in range(4):
        ProductFactory(name="Butter")
    refresh()

    response = page.get("/", {"q": "butter"})

    assert [aisle.tally for aisle in response.context["categories"]] == [None]
    assert "the best 2 of many" in response.content.decode()


@pytest.mark.parametrize("q", ["%", "'; --", "\\", "!|&:*", "🥐", "\x00", "x" * 5000, " "])
def test_a_strange_search_is_answered_too(q, page, catalog):
    assert page.get("/", {"q": q}).status_code == 200


def test_what_was_searched_for_is_shown_and_never_run(page, catalog):
    body = page.get("/", {"q": '"><script>x</script>'}).content.decode()

    assert "<script>x" not in body


@pytest.mark.parametrize(
    ("number", "shown"),
    [("2", 2), ("", 1), ("nonsense", 1), ("-3", 3), ("0", 3), ("99", 3), ("9" * 5000, 1)],
)
def test_a_page_number_that_is_none_behaves(number, shown, page):
    for _ in range(50):
        ProductFactory()

    response = page.get("/", {"page": number})

    assert response.status_code == 200
    assert response.context["page"].number == shown


def test_paging_keeps_search_and_category(page):
    for _ in range(30):
        ProductFactory()

    body = page.get("/", {"category": "pantry", "q": ""}).content.decode()

    assert 'href="/?category=pantry&amp;q=&amp;page=2"' in body


def test_htmx_gets_the_shelves_with_the_title_of_the_page(page):
    ProductFactory()

    body = page.get("/", {"category": "pantry"}, headers=FRAGMENT).content.decode()

    assert body.lstrip().startswith('<div class="shelves"')
    assert "<title>Pantry · Tandem</title>" in body


def test_going_back_in_history_gets_the_whole_page(page):
    whole = {"HX-Request": "true", "HX-Request-Type": "full"}

    assert "<html" in page.get("/", headers=whole).content.decode()


def test_staff_without_a_customer_can_look_but_not_order(client, admin):
    ProductFactory(name="Butter")
    client.force_login(admin)

    body = client.get("/").content.decode()

    assert "Butter" in body
    assert "You are signed in as staff." in body
    assert 'href="/admin/"' in body
    assert "/current-order/items/" not in body


def test_agents_of_a_deactivated_customer_can_look_but_not_order(page, harbour):
    harbour.is_active = False
    harbour.save()
    ProductFactory(name="Butter")

    body = page.get("/").content.decode()

    assert "You can look, but not change." in body
    assert "/current-order/items/" not in body


def test_it_rejects_post(page):
    assert page.post("/").status_code == 405


def test_every_icon_of_the_catalog_exists(page, catalog):
    """An icon that the icon package does not know would be an error page."""
    for number in range(1, Product.objects.count() // 24 + 2):
        assert page.get("/", {"page": number}).status_code == 200

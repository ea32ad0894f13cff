import pytest
from django.test import Client

from tests.factories import ProductFactory


@pytest.fixture
def page(alice):
    browser = Client()
    browser.force_login(alice)
    return browser


def test_it_shows_the_product_and_a_form_to_add_it(page):
    product = ProductFactory(sku="BUT-10", name="Butter", unit="10 kg box", price="71.35")

    body = page.get("/products/BUT-10/").content.decode()

    assert product.get_absolute_url() == "/products/BUT-10/"
    assert "<h1>Butter</h1>" in body
    assert "€71.35" in body
    assert "net, for one 10 kg box" in body
    assert 'action="/current-order/items/"' in body


def test_one_that_left_the_catalog_is_shown_but_cannot_be_added(page):
    ProductFactory(sku="OLD-1", active=False)

    response = page.get("/products/OLD-1/")

    assert response.status_code == 200
    assert "This product has left the catalog." in response.content.decode()
    assert "/current-order/items/" not in response.content.decode()


def test_it_shows_others_of_its_category(page):
    ProductFactory(sku="BUT-10")
    ProductFactory(sku="BUT-20", name="Salted butter")

    assert "Salted butter" in page.get("/products/BUT-10/").content.decode()


@pytest.mark.parametrize("path", ["/products/NIX-1/", "/products/a%00b/", "/products/%3Cb%3E/"])
def test_an_unknown_product_is_not_found(path, page):
    assert page.get(path).status_code == 404


def test_it_wants_a_login(client, db):
    assert client.get("/products/BUT-10/")["Location"] == "/login/?next=/products/BUT-10/"


def test_it_rejects_post(page):
    ProductFactory(sku="BUT-10")

    assert page.post("/products/BUT-10/").status_code == 405

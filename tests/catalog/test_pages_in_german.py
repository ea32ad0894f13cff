import pytest
from django.urls import reverse

from catalog.models import Product

GERMAN = {"HTTP_ACCEPT_LANGUAGE": "de"}


@pytest.fixture
def alice_client(client, alice):
    client.force_login(alice)
    return client


def test_the_catalog_shows_and_finds_german(alice_client, catalog):
    page = alice_client.get(reverse("catalog") + "?q=Hafermilch", **GERMAN).content.decode()
    assert "Haferdrink Barista" in page
    assert "Karton 6 × 1 l" in page
    assert "Mehl &amp; Getreide" in page
    assert "Barista oat drink" not in page


def test_a_products_page_is_german_and_marks_what_is_not(alice_client, catalog):
    flour = Product.objects.get(sku="FLR-25")
    page = alice_client.get(flour.get_absolute_url(), **GERMAN).content.decode()
    assert "<h1>Weizenmehl</h1>" in page
    assert "Sack 25 kg" in page
    Product.objects.filter(pk=flour.pk).update(texts={})
    page = alice_client.get(flour.get_absolute_url(), **GERMAN).content.decode()
    assert '<h1 lang="en">Plain wheat flour</h1>' in page
    assert (
        "<h1>Plain wheat flour</h1>" in alice_client.get(flour.get_absolute_url()).content.decode()
    )

import pytest

from catalog import shelves
from catalog.models import Product
from catalog.shelves import Shelf, register_shelf, stocked
from tests.factories import ProductFactory


@pytest.fixture
def shelf(monkeypatch):
    """A shelf of everything that is not for "nobody"."""
    monkeypatch.setattr(shelves, "shelves", {})

    def choose(user):
        return Product.objects.none() if user == "nobody" else Product.objects.active()

    made = Shelf("all", "All", "store", "Nothing.", choose)
    register_shelf(made)
    return made


def test_a_shelf_is_stocked_for_who_looks(shelf, db):
    products = [ProductFactory(name=f"{n:02}") for n in range(10)]

    [stock] = stocked("somebody")

    assert (stock.shelf, stock.tally) == (shelf, 10)
    assert list(stock.first) == products[:8]
    assert stocked("nobody") == []


def test_two_shelves_cannot_have_one_slug(shelf):
    with pytest.raises(ValueError, match="expected one shelf with the slug all, found two"):
        register_shelf(shelf)


def test_without_shelves_the_catalog_is_what_it_was(monkeypatch, db):
    monkeypatch.setattr(shelves, "shelves", {})
    ProductFactory()

    assert stocked("somebody") == []

"""SKUs as people write them."""

import pytest

from catalog.skus import by_sku, near_sku
from tests.factories import ProductFactory


@pytest.fixture
def flour(db):
    return ProductFactory(sku="FLR-25")


@pytest.mark.parametrize(
    "written", ["FLR-25", "flr-25", "flr25", "FLR 25", " flr_25 ", "FLR.25", "\uff26LR-25"]
)
def test_a_sku_is_known_without_its_dash_and_in_small_letters(written, flour):
    assert by_sku([written]) == {written: flour}


@pytest.mark.parametrize(
    "written", ["FLR-26", "FL-R25", "FLR--25", "FLR 2 5", "FLR", "", "\0", "25", "-", "x" * 5000]
)
def test_what_is_no_sku_is_not_taken_for_one(written, flour):
    assert by_sku([written]) == {}


def test_one_query_finds_any_number_of_them(flour, django_assert_num_queries):
    with django_assert_num_queries(1):
        found = by_sku([f"AB{n}" for n in range(500)] + ["flr25", "FLR 25"])
    assert found == {"flr25": flour, "FLR 25": flour}


def test_a_product_that_has_left_the_catalog_is_known_too(flour):
    flour.active = False
    flour.save()
    assert not by_sku(["FLR-25"])["FLR-25"].active


def test_what_stands_for_two_skus_is_neither_unless_its_dash_tells(flour):
    other = ProductFactory(sku="FL-R25")
    assert by_sku(["flr25"]) == {}
    assert by_sku(["fl-r25", "flr-25"]) == {"fl-r25": other, "flr-25": flour}


def test_near_a_sku_are_those_that_begin_like_it_the_most_alike_first(flour):
    small = ProductFactory(sku="FLR-5")
    ProductFactory(sku="FLR-9", active=False)
    ProductFactory(sku="BUT-26")
    assert near_sku("flr-26") == [flour, small]
    assert near_sku("25") == []

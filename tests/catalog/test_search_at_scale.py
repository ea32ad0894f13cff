"""What a broad query comes to when more products match than are ranked."""

import pytest

from catalog.loader import load
from catalog.search import MOST_CANDIDATES, search
from tests.catalog.conftest import FLOUR, HEADER

pytestmark = pytest.mark.django_db
MANY = MOST_CANDIDATES + 100


def skus(prefix: str, line: str) -> str:
    return "".join(line.replace("FLR-25", f"{prefix}-{n}") for n in range(MANY))


def test_products_that_are_named_so_come_before_those_that_only_mention_it(files):
    scoops = skus("SCP", FLOUR.replace("Plain flour", "Scoop"))
    load(*files(HEADER + scoops + FLOUR))
    found = search("flour").products
    assert found.first().sku == "FLR-25"
    assert MOST_CANDIDATES <= len(found) <= MOST_CANDIDATES + 1


def test_products_that_have_the_whole_word_come_before_those_that_begin_with_it(files):
    teapots = skus("POT", FLOUR.replace("Plain flour", "Teapot"))
    load(*files(HEADER + teapots + FLOUR.replace("Plain flour", "Tea flour")))
    assert search("tea").products.first().sku == "FLR-25"


def test_another_word_narrows_it_down_to_the_last_product(files):
    load(*files(HEADER + skus("FLR", FLOUR)))
    assert [product.sku for product in search(f"flour {MANY - 1}").products] == [f"FLR-{MANY - 1}"]

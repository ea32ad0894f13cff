"""Pasted lines, and the product of the real catalog that each of them means."""

import re

import pytest
from django.db import transaction

from catalog.indexing import refresh
from catalog.models import Product
from ordering import matching
from ordering.matching import match
from ordering.pasted import read
from tests import real_catalog


@pytest.fixture(scope="module", autouse=True)
def catalog(loaded_catalog, django_db_blocker):
    """The real catalog without one coffee, for all of these tests, which only read it."""
    with django_db_blocker.unblock(), transaction.atomic():
        real_catalog.fill()
        Product.objects.filter(sku="COF-BR").update(active=False)
        refresh()
        yield
        transaction.set_rollback(True)


WRITTEN = """
    FLR-25 4                          | 4 FLR-25
    flr25: 4                          | 4 FLR-25
    FLR 25 4                          | 4 FLR-25
    FLR-25x4                          | 4 FLR-25
    TEA-EG                            | 1 TEA-EG
    mlk12                             | 1 MLK-12
    4 FLR-25 Plain wheat flour        | 4 FLR-25
    FLR-25 two-ply 4                  | 4 FLR-25
    2x oat milk                       | 2 OTM-6 by name
    4 x plain wheat flour             | 4 FLR-25 by name
    4 Plain wheat flour, small sack   | 4 FLR-5 by name
    10 x whole milk                   | 10 MLK-12 by name
    2 x brocolli                      | 2 BRO-5 by name
    napkins 2000                      | 2000 NAP-WH by name
    10 x chef's knife 20 cm           | 10 KNF-CH by name
    2 crème fraîche                   | 2 CRF-1 by name
    3 butter                          | 3 of BUT-10 CRO-60 BUT-P BUT-SH PNB-5
    2 x olive oil                     | 2 of OLV-5 OLV-P5
    2 x cofee beans                   | 2 of COF-DE COF-ET COF-1 COF-6
    4 x FLR-25 or BRD-25              | 4 of BRD-25 FLR-25
    3 nothing here                    | 3 of PNB-5
    4 x FLR-26                        | no-such-product: FLR-25 FLR-5
    3 x FLR-2                         | no-such-product: FLR-25 FLR-5
    1 x qwertyuiop                    | no-such-product:
    COF-BR 3                          | retired: COF-DE COF-ET COF-1
    oat milk                          | no-quantity: OTM-6
    FLR 25                            | sku-or-quantity: FLR-25
    pan 28                            | sku-or-quantity: PAN-28
    flour 25 4                        | which-quantity:
    FLR-25 0                          | quantity-out-of-range:
"""
TABLE = [re.split(r"\s+\|\s+", line.strip()) for line in WRITTEN.strip().splitlines()]


def meaning(text):
    """What a line means, as the table writes it."""
    found = match(read(text).entries)
    for one in found.matches:
        return f"{one.quantity} {one.product.sku}{' by name' if one.name else ''}"
    for one in found.choices:
        return f"{one.quantity} of {' '.join(product.sku for product in one.candidates)}"
    [one] = found.unclear
    return f"{one.trouble.code}: {' '.join(product.sku for product in one.suggestions)}".strip()


@pytest.mark.parametrize(("line", "expected"), TABLE, ids=[f"{line!a}" for line, _ in TABLE])
def test_a_line_means_a_product_or_is_asked_or_explained(line, expected):
    assert meaning(line) == expected


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("COF-BR 3", "Brazilian coffee beans (COF-BR) has left the catalog."),
        ("4 x FLR-26", "The catalog has nothing called “FLR-26”."),
        ("FLR-25 4 25", "Which one is the quantity: 4 or 25? Write for example: 4 x FLR-25"),
        ("FLR-25 1.5", "Only whole numbers can be ordered, not 1.5."),
        ("FLR-25 10000", "The quantity must be a whole number from 1 to 9999, not 10000."),
        ("4 kg flour", "“4 kg” is a size and no number of pieces. How many? "),
        ("FLR 25", "Does this mean the product FLR-25, or 25 of something? "),
    ],
)
def test_why_a_line_is_not_taken_is_said_with_what_it_says(line, reason):
    [one] = match(read(line).entries).unclear
    assert one.reason.startswith(reason)


def test_a_suggestion_is_for_as_many_as_the_line_asked_for():
    found = match(read("4 x FLR-26\nCOF-BR 3\noat milk\nFLR 25").entries)
    assert [one.quantity for one in found.unclear] == [4, 3, 1, 1]


def test_skus_cost_one_query_however_many(django_assert_num_queries):
    skus = Product.objects.active().values_list("sku", flat=True)
    text = "\n".join(f"{sku} 2" for sku in skus)
    with django_assert_num_queries(1):
        assert len(match(read(text).entries).matches) == len(skus)


def test_beyond_so_many_names_none_is_looked_up_and_that_is_said(monkeypatch):
    monkeypatch.setattr(matching, "MOST_NAMES", 2)
    found = match(read("2 oat milk\n3 x olive oil\n2 x oat  milk\n1 x halloumi\nFLR-25 4").entries)
    assert [one.product.sku for one in found.matches] == ["OTM-6", "OTM-6", "FLR-25"]
    [one] = found.unclear
    assert (one.entry.raw, one.trouble.code) == ("1 x halloumi", "not-looked-up")
    assert "only 2 names are looked up at once" in one.reason

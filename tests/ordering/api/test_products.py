import pytest

from tests import real_catalog
from tests.factories import ProductFactory

FIELDS = {"sku", "name", "category", "description", "unit", "unit_price", "currency", "active"}


def skus(answer):
    return [product["sku"] for product in answer.json()["items"]]


def test_a_product_says_all_of_itself(hers, flour):
    answer = hers.get("products/FLR-25")
    assert answer.status_code == 200
    assert answer.json() == {
        "sku": "FLR-25",
        "name": "Plain wheat flour",
        "category": "pantry",
        "description": "What a kitchen needs.",
        "unit": "25 kg sack",
        "unit_price": "24.90",
        "currency": "EUR",
        "active": True,
    }


def test_everybody_sees_the_same_catalog(hers, strangers, flour):
    assert hers.get("products").content == strangers.get("products").content


def test_a_product_that_is_not_there_is_not_found(hers, problem, db):
    for sku in ("NOPE", "%00", "%F0%9F%A5%90", "FLR-25%20"):
        problem(hers.get(f"products/{sku}"), 404, "not-found")


def test_one_that_is_taken_out_is_shown_but_not_listed(hers, db):
    ProductFactory(sku="OLD-1", active=False)
    assert hers.get("products/OLD-1").json()["active"] is False
    assert skus(hers.get("products")) == []


def test_the_list_is_by_name_and_says_all_of_each(hers, flour, butter):
    answer = hers.get("products")
    assert skus(answer) == ["BUT-10", "FLR-25"]
    assert set(answer.json()["items"][0]) == FIELDS
    assert answer.json()["next"] is None


def test_pages_follow_one_another_without_a_gap_or_a_repetition(hers, db):
    for n in range(7):
        ProductFactory(sku=f"PRD-{n}", name="The same name" if n % 2 else f"Name {n}")
    whole = skus(hers.get("products"))
    assert len(whole) == 7
    found, cursor = [], ""
    while cursor is not None:
        page = hers.get(f"products?limit=2&cursor={cursor}")
        found += skus(page)
        cursor = page.json()["next"]
    assert found == whole


def test_a_search_is_by_best_match_and_has_pages_too(hers, loaded_catalog):
    real_catalog.fill()
    assert "COF-1" in skus(hers.get("products?q=cofee+beans"))
    whole = skus(hers.get("products?q=oil&limit=200"))
    assert len(whole) > 4
    found, cursor = [], ""
    while cursor is not None:
        page = hers.get(f"products?q=oil&limit=2&cursor={cursor}")
        found += skus(page)
        cursor = page.json()["next"]
    assert found == whole


def test_a_category_narrows_the_list_and_the_search(hers, loaded_catalog):
    real_catalog.fill()
    flours = hers.get("products?category=flour-grain&limit=200").json()["items"]
    assert {product["category"] for product in flours} == {"flour-grain"}
    assert 0 < len(skus(hers.get("products?category=flour-grain&q=wheat"))) < len(flours)


def test_a_category_that_is_none_is_refused(hers, problem, flour):
    assert "'nope'" in problem(hers.get("products?category=nope"), 422, "invalid")["detail"]


@pytest.mark.parametrize(
    "asked", ["limit=0", "limit=201", "limit=x", "limit=", "nope=1", f"q={'x' * 201}"]
)
def test_a_parameter_that_cannot_be_is_refused(hers, problem, db, asked):
    body = problem(hers.get(f"products?{asked}"), 422, "invalid")
    assert asked.split("=")[0] in body["errors"][0]["where"]


@pytest.mark.parametrize(
    "cursor",
    ["x", "W10", "WzEsMl0", "WyJhIl0", "eyJhIjoxfQ", "%00", "%F0%9F%A5%90", "WyJmIiwieCJd"],
)
def test_a_cursor_that_no_page_gave_is_malformed(hers, problem, flour, cursor):
    for asked in ("products?q=flour&", "orders?"):
        problem(hers.get(f"{asked}cursor={cursor}"), 400, "malformed")


def test_a_nul_in_a_parameter_is_malformed(hers, problem, db):
    for asked in ("q=%00", "category=a%00", "%00=1"):
        problem(hers.get(f"products?{asked}"), 400, "malformed")

"""The catalog that ships with the shop."""

from collections import Counter

import pytest

from catalog import source, translated
from catalog.models import Category, Product


@pytest.fixture(scope="module")
def data():
    return source.read(source.PRODUCTS, source.CATEGORIES)


def test_there_is_something_for_every_kitchen(data):
    categories, products = data
    assert len(products) >= 180
    assert len(categories) >= 12


def test_every_category_fills_a_shelf(data):
    categories, products = data
    sizes = Counter(product.category for product in products)
    assert min(sizes[category.slug] for category in categories) >= 10


def test_names_and_descriptions_are_unique(data):
    _, products = data
    assert max(Counter(product.name for product in products).values()) == 1
    assert max(Counter(product.description for product in products).values()) == 1


def test_descriptions_are_whole_sentences(data):
    _, products = data
    assert [p.sku for p in products if not p.description.endswith(".")] == []


def test_pictures_vary_within_a_category(data):
    categories, products = data
    for category in categories:
        icons = Counter(p.icon for p in products if p.category == category.slug)
        assert len(icons) >= 4, category.slug


def test_the_products_stand_in_the_order_of_the_categories(data):
    categories, products = data
    order = list(dict.fromkeys(product.category for product in products))
    assert order == [category.slug for category in categories]


def test_flr_25_is_the_flour_that_examples_speak_of(data):
    _, products = data
    flour = next(product for product in products if product.sku == "FLR-25")
    assert (flour.category, flour.unit) == ("flour-grain", "25 kg sack")


def test_the_tables_are_as_wide_as_the_files_may_be():
    for model, columns in ((Category, source.CATEGORY_COLUMNS), (Product, source.PRODUCT_COLUMNS)):
        for column in columns:
            field = model._meta.get_field(column.name)
            if column.name == "price":
                assert 10 ** (field.max_digits - field.decimal_places) > source.HIGHEST_PRICE
            else:
                field = field.target_field if field.is_relation else field
                assert (column.name, column.longest) == (column.name, field.max_length)


def test_every_text_is_there_in_german_and_is_not_the_english_one():
    categories, products = source.read(source.PRODUCTS, source.CATEGORIES, ["de"])
    assert all("de" in line.texts for line in categories + products)
    german = [product.texts["de"] for product in products]
    assert max(Counter(texts["name"] for texts in german).values()) == 1
    assert max(Counter(texts["description"] for texts in german).values()) == 1
    assert [texts["name"] for texts in german if not texts["description"].endswith(".")] == []
    assert [p.sku for p in products if p.description == p.texts["de"]["description"]] == []


def test_translations_may_be_as_long_as_what_they_translate():
    for columns, others in (
        (source.CATEGORY_COLUMNS, translated.CATEGORY_COLUMNS),
        (source.PRODUCT_COLUMNS, translated.PRODUCT_COLUMNS),
    ):
        longest = {column.name: column.longest for column in columns}
        assert {c.name: c.longest for c in others} == {c.name: longest[c.name] for c in others}

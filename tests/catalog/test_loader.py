from decimal import Decimal
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from catalog import source
from catalog.loader import load
from catalog.models import Category, Product, Word
from catalog.search import search
from tests.catalog.conftest import CATEGORIES, FLOUR, HEADER, MILK
from tests.concurrency import at_once

pytestmark = pytest.mark.django_db


def rows() -> list:
    """Every row of the catalog with its place in the table, which any write would change."""
    found = []
    with connection.cursor() as cursor:
        for table in ("catalog_category", "catalog_product", "catalog_document", "catalog_word"):
            cursor.execute(f"SELECT ctid::text, t::text FROM {table} AS t ORDER BY 1, 2")
            found += cursor.fetchall()
    return found


@pytest.fixture
def catalog(db):
    return load()


def test_loads_the_catalog_that_ships_with_the_shop(catalog):
    assert (catalog.products, catalog.created) == (Product.objects.count(),) * 2
    assert catalog.categories == Category.objects.count()
    flour = Product.objects.get(sku="FLR-25")
    assert (flour.category_id, flour.unit, flour.active) == ("flour-grain", "25 kg sack", True)
    assert flour.price == flour.price.quantize(Decimal("0.01"))
    assert flour.currency == "EUR"


def test_the_second_load_changes_nothing(catalog):
    before = rows()
    again = load()
    assert not again.changed
    assert again.products == catalog.products
    assert rows() == before


def test_categories_keep_the_order_of_the_file(catalog):
    lines, _ = source.read(source.PRODUCTS, source.CATEGORIES)
    assert [category.slug for category in Category.objects.all()] == [line.slug for line in lines]


def test_a_changed_product_is_updated_in_place(files):
    load(*files())
    flour = Product.objects.get(sku="FLR-25")
    loaded = load(*files(HEADER + FLOUR.replace("19.80", "21.00") + MILK))
    assert (loaded.created, loaded.updated) == (0, 1)
    assert Product.objects.get(pk=flour.pk).price == Decimal("21.00")


def test_a_product_that_left_the_file_becomes_inactive_and_is_not_found(files):
    load(*files())
    loaded = load(*files(HEADER + FLOUR))
    assert (loaded.retired, loaded.updated) == (1, 0)
    assert not Product.objects.get(sku="MLK-1").active
    assert search("milk").missing == ["milk"]
    assert not load(*files(HEADER + FLOUR)).changed


def test_a_product_that_comes_back_is_active_again(files):
    load(*files())
    load(*files(HEADER + FLOUR))
    loaded = load(*files())
    assert (loaded.returned, loaded.created, loaded.updated) == (1, 0, 0)
    assert search("milk").products.get().sku == "MLK-1"


def test_a_category_goes_with_its_last_product_but_not_before(files):
    load(*files())
    only_flour = HEADER + FLOUR, "slug,name,icon\nflour,Flour & grain,wheat\n"
    load(*files(*only_flour))
    assert Product.objects.get(sku="MLK-1").category_id == "dairy"
    assert [category.slug for category in Category.objects.in_use()] == ["flour"]

    Product.objects.get(sku="MLK-1").delete()
    assert load(*files(*only_flour)).categories_changed == 1
    assert not Category.objects.filter(slug="dairy").exists()


def test_a_renamed_category_takes_its_products_along(files):
    load(*files())
    renamed = CATEGORIES.replace("dairy,Dairy", "milk-and-more,Dairy")
    load(*files(HEADER + FLOUR + MILK.replace("dairy", "milk-and-more"), renamed))
    assert Product.objects.get(sku="MLK-1").category_id == "milk-and-more"
    assert Category.objects.count() == 2


def test_words_that_no_product_has_any_more_are_forgotten(files):
    load(*files())
    load(*files(HEADER + FLOUR.replace("Plain flour", "Rye flour") + MILK))
    assert set(Word.objects.filter(text__in=["plain", "rye"])) == {
        Word(language="en", text="rye"),
        Word(language="de", text="rye"),
    }


def test_a_bad_file_changes_nothing(files):
    load(*files())
    before = rows()
    with pytest.raises(source.BadCatalogFile):
        load(*files(HEADER + FLOUR.replace("19.80", "21.00") + MILK.replace("1.15", "free")))
    assert rows() == before


@pytest.mark.django_db(transaction=True)
def test_loads_at_the_same_time_take_turns(files):
    full, short = files(), HEADER + FLOUR
    loaded = at_once(lambda _: load(*full), range(4))
    assert sorted(one.created for one in loaded) == [0, 0, 0, 2]
    at_once(lambda paths: load(*paths), [files(short)] * 3)
    assert [product.sku for product in Product.objects.active()] == ["FLR-25"]
    assert not Word.objects.filter(text="milk").exists()


def test_loading_takes_as_many_queries_for_many_products_as_for_few(
    files, django_assert_max_num_queries
):
    lines = "".join(FLOUR.replace("FLR-25", f"FLR-{n}") for n in range(1000))
    with django_assert_max_num_queries(25):
        load(*files(HEADER + lines))


def command(*arguments) -> str:
    out = StringIO()
    call_command("load_catalog", *arguments, stdout=out)
    return out.getvalue()


def test_the_command_says_what_it_did(files):
    products, categories = map(str, files())
    arguments = ("--products", products, "--categories", categories)
    assert command(*arguments) == (
        "Catalog loaded: 2 products in 2 categories. 2 new, 0 changed, 0 back, 0 retired.\n"
    )
    assert command(*arguments) == "Catalog unchanged: 2 products in 2 categories.\n"


def test_the_command_refuses_a_bad_file_with_every_reason(files):
    products, categories = map(
        str, files(HEADER + FLOUR.replace("19.80", "0") + MILK.replace("dairy", "ice"))
    )
    with pytest.raises(CommandError) as refusal:
        command("--products", products, "--categories", categories)
    assert str(refusal.value).splitlines() == [
        "2 problems in the catalog's files; nothing was loaded.",
        f"{products}, line 2: price: expected two decimals, from 0.01 to 99999.99, found '0'.",
        f"{products}, line 3: category: expected a slug of categories.csv, found 'ice'.",
    ]


def test_the_command_names_a_file_that_is_not_there(tmp_path):
    missing = tmp_path / "none.csv"
    with pytest.raises(CommandError, match=r"found .*none\.csv: No such file or directory\."):
        command("--products", str(missing))


def test_the_command_names_a_folder_given_for_a_file(tmp_path):
    with pytest.raises(CommandError, match="Is a directory"):
        command("--products", str(tmp_path))

"""What people type, and the product that they mean."""

import re

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from hypothesis import given, settings
from hypothesis import strategies as st

from catalog.highlight import highlight
from catalog.languages import BASE
from catalog.models import Product
from catalog.search import search
from catalog.vocabulary import neighbours
from tests import real_catalog

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module", autouse=True)
def catalog(loaded_catalog, django_db_blocker):
    """The real catalog, for all of these tests, which only read it."""
    with django_db_blocker.unblock(), transaction.atomic():
        real_catalog.fill()
        yield loaded_catalog
        transaction.set_rollback(True)


def skus(text, **options) -> list[str]:
    return [product.sku for product in search(text, **options).products]


def test_the_product_that_is_meant_comes_first():
    expected = {
        # whole words, in one and in many
        "espresso": "COF-1",
        "earl grey": "TEA-EG",
        "bread flour": "BRD-25",
        "oat milk": "OTM-6",
        "decaf coffee beans": "COF-DE",
        "gluten free flour": "GFF-10",
        "olive oil": "OLV-5",
        "bin bags": "BIN-80",
        "chef's knife": "KNF-CH",
        # unfinished words
        "flo": "FLR-25",
        "parsl": "PAR-FR",
        "earl gr": "TEA-EG",
        "moz": "CHS-MZ",
        # sizes and numbers
        "flour 25": "FLR-25",
        "25 kg flour": "FLR-25",
        "25kg flour": "FLR-25",
        "flour 5 kg": "FLR-5",
        "2,5kg chocolate": "CHO-CH",
        "napkins 2000": "NAP-WH",
        "12 oz cup": "CUP-12",
        # SKUs
        "FLR-25": "FLR-25",
        "flr-25": "FLR-25",
        "flr25": "FLR-25",
        "flr 25": "FLR-25",
        "tea-eg": "TEA-EG",
        # typing errors
        "cofee": "COF-P60",
        "choclate": "HOT-2",
        "tomatos": "TOM-CH",
        "parmesean": "CHS-PM",
        "mozarella": "CHS-MZ",
        "brocolli": "BRO-5",
        "cinamon": "CIN-ST",
        "bananna": "BAN-18",
        "chikpeas": "CHP-TN",
        "onoins": "ONI-10",
        "erl gray": "TEA-EG",
        # one and many
        "egg": "EGG-L30",
        "eggs": "EGG-L30",
        "strawberry": "STR-FZ",
        "lemons": "LEM-5",
        # accents, capitals, words left out
        "creme fraiche": "CRF-1",
        "CRÈME": "CRF-1",
        "café": "COF-1",
        "Cheese & cream": "CHS-CR",
        "pot for soup": "POT-24",
    }
    first = {text: next(iter(skus(text)), None) for text in expected}
    assert first == expected


def test_says_what_a_misspelled_word_was_taken_for():
    found = search("Cofee beens")
    assert found.corrections == {"cofee": "coffee", "beens": "beans"}
    assert found.understood == "coffee beans"
    assert found.missing == []


def test_corrects_nothing_that_is_spelled_right():
    assert search("coffee beans").corrections == {}
    assert search("tomatos").corrections == {}  # English has one stem for it


def test_numbers_are_not_corrected():
    assert search("flour 777").missing == ["777"]


def test_words_that_resemble_nothing_find_nothing_and_are_named():
    found = search("flour xylophone trombone")
    assert list(found.products) == []
    assert found.missing == ["xylophone", "trombone"]


def test_products_with_some_of_the_words_are_shown_when_none_has_all():
    found = search("salt and pepper")
    assert found.partial
    assert {"SLT-10", "PEP-BK"} <= {product.sku for product in found.products[:4]}
    assert not search("black pepper").partial


def test_a_lone_stop_word_may_be_the_beginning_of_another():
    assert "ONI-10" in skus("on")
    assert search("and").missing == ["and"]


@pytest.mark.parametrize("text", ["", "   ", "\t\n", "\x00"])
def test_a_blank_text_shows_every_product_by_name(catalog, text):
    found = search(text)
    assert found.products.count() == catalog.products
    assert found.products.first() == Product.objects.active().order_by("name").first()


@pytest.mark.parametrize("text", ["!!!", "'", "& | ! <->", "%_\\", "''); --", "(((", ":*"])
def test_punctuation_alone_finds_nothing(text):
    found = search(text)
    assert list(found.products) == []
    assert found.missing == [text]


def test_nul_characters_are_left_out():
    assert skus("flr\x0025")[0] == "FLR-25"


def test_only_the_beginning_of_a_long_text_is_read():
    assert skus("flour " * 8 + "milk") == skus("flour")
    assert skus("flour" + " " * 95 + "milk") == skus("flour")
    assert search("x" * 10_000).missing == ["x" * 50]
    assert len(search("b-c-d-e-f-g-h-i-j-k-l").understood.split()) == 8


@given(text=st.text(max_size=120))
@settings(max_examples=60, deadline=None)
def test_no_text_is_an_error(text):
    found = search(text)
    assert len(found.products) == found.products.count()


def test_stays_within_a_category():
    assert set(skus("chocolate", category="coffee-tea")) < set(skus("chocolate"))
    found = search("cofee", category="cleaning").products
    assert {product.category_id for product in found} == {"cleaning"}
    assert set(skus("", category="cleaning")) > {product.sku for product in found}
    for unknown in ("no-such-category", "clean\x00ing", "' OR 1=1"):
        assert skus("coffee", category=unknown) == skus("", category=unknown) == []


def test_results_can_be_paged_and_joined():
    found = search("coffee").products.select_related("category")
    assert [*found[:5], *found[5:10]] == list(found[:10])


@pytest.mark.parametrize("text", ["flour 25", "cofee beens", "salt and pepper", "a b c d e f g h"])
def test_the_number_of_queries_is_bounded(text, django_assert_max_num_queries):
    with django_assert_max_num_queries(5):
        list(search(text).products)


@pytest.mark.parametrize("text", ["flour", "flour 25", "zzqy", "zzqy flour", "!", ""])
def test_it_says_how_many_it_found_or_that_it_did_not_count(text):
    found = search(text)
    assert found.count == (len(found.products) if text else None)


@pytest.mark.parametrize("asked", ["", "?category=coffee-tea", "?q=flour", "?q=flour&page=2"])
def test_the_page_does_not_count_what_the_search_has_counted(asked, client, alice):
    client.force_login(alice)
    with CaptureQueriesContext(connection) as queries:
        page = client.get(f"/{asked}").context["page"]
    assert page.paginator.count == len(page.paginator.object_list) > 0
    assert not [query["sql"] for query in queries if "__count" in query["sql"]]


def marked(text) -> set[str]:
    """What is marked in the names of what is found."""
    found = search(text)
    names = (highlight(product.name, found.marks) for product in found.products)
    return {part.lower() for name in names for part in re.findall("<mark>(.*?)</mark>", name)}


def test_what_was_meant_is_marked():
    assert marked("coffee") == {"coffee"}
    assert marked("cofee") == {"coffee"}
    assert marked("beens") == {"beans", "bean"}
    assert marked("tomatos") >= {"tomatoes"}
    assert marked("choc") == {"choc"}
    assert marked("creme") == {"crème"}


def test_words_that_begin_alike_are_near_one_that_resembles_nothing():
    assert neighbours(["chocolatissimo", "25", "zz", "xylophone"], BASE) == {
        "chocolatissimo": ["chocolate", "chocolat"]
    }


def test_a_search_can_be_kept_within_some_products():
    coffee = {product.pk for product in search("coffee").products}
    some = set(sorted(coffee)[:3])
    assert {product.pk for product in search("coffee", within=some).products} == some
    assert {product.pk for product in search("", within=some).products} == some
    assert skus("coffee", within=[]) == skus("", within=[]) == []


def test_what_has_all_words_elsewhere_keeps_those_with_some_away():
    found = search("oat milk", category="cleaning")
    assert list(found.products) == []
    assert not found.partial
    assert search("salt and pepper", category="spices-sauces").partial

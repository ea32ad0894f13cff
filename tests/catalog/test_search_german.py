"""What people type who shop in German, and the product that they mean."""

import pytest
from django.db import transaction
from django.utils import translation

from catalog.models import Word
from catalog.search import search
from tests import real_catalog


@pytest.fixture(scope="module", autouse=True)
def catalog(loaded_catalog, django_db_blocker):
    """The real catalog, for all of these tests, which only read it."""
    with django_db_blocker.unblock(), transaction.atomic():
        real_catalog.fill()
        yield loaded_catalog
        transaction.set_rollback(True)


def skus(text, language="de") -> list[str]:
    with translation.override(language):
        return [product.sku for product in search(text).products]


def test_the_product_that_is_meant_comes_first():
    expected = {
        # whole words, in one and in many
        "Mehl": "FLR-25",
        "Weizenmehl": "FLR-25",
        "Hafermilch": "OTM-6",
        "Servietten": "NAP-WH",
        "entkoffeinierte Kaffeebohnen": "COF-DE",
        "grüner Tee": "TEA-GR",
        "Becher für Kaltgetränke": "CUP-CL",
        # one and many
        "Zwiebel": "ONI-10",
        "Zwiebeln": "ONI-10",
        "Apfel": "APL-10",
        "Äpfel": "APL-10",
        "Erdbeere": "STR-FZ",
        # umlauts, as typed with and without the keys for them
        "Öl": "OLV-5",
        "Kaesekuchen": "CHS-CR",
        "HÄHNCHEN": "CHK-5",
        "haehnchen": "CHK-5",
        "hahnchen": "CHK-5",
        "weiß Zucker": "SUG-25",
        # typing errors
        "Hafermlich": "OTM-6",
        "Servieten": "NAP-WH",
        "Brokoli": "BRO-5",
        "Kartofeln": "POT-10",
        # unfinished words
        "peters": "PAR-FR",
        "Wei": "FLR-25",
        # sizes, numbers, SKUs
        "Mehl 25": "FLR-25",
        "12,5 kg": "SPL-12",
        "Servietten 2000": "NAP-WH",
        "flr-25": "FLR-25",
        # English, which a German page finds as well
        "oat milk": "OTM-6",
        "napkins": "NAP-WH",
    }
    first = {text: next(iter(skus(text)), None) for text in expected}
    assert first == expected


@pytest.mark.parametrize("text", ["Käse", "Kaese", "kase", "KÄSE"])
def test_however_an_umlaut_is_typed_the_same_is_found(text):
    assert len(skus(text)) >= 7
    assert skus(text) == skus("Käse")


def test_a_german_word_is_found_from_an_english_page_where_english_has_no_such_word():
    assert "FLR-25" in skus("Mehl", language="en")
    assert skus("Hafermilch", language="en")[0] == "OTM-6"


@pytest.mark.parametrize("text", ["tee", "pees", "braed", "cofee", "choclate", "buter", "zuker"])
def test_on_an_english_page_a_word_is_corrected_to_an_english_one(text):
    with translation.override("en"):
        corrections = search(text).corrections.values()
    english = Word.objects.filter(language="en", text__in=corrections)
    assert english.count() == len(corrections)


def test_says_what_a_misspelled_word_was_taken_for():
    with translation.override("de"):
        assert search("Hafermlich").corrections == {"hafermlich": "hafermilch"}
        assert search("Zwiebel").corrections == {}


def test_a_german_stop_word_is_left_out():
    assert skus("Mehl und Zucker") == skus("Mehl Zucker") != []
    assert skus("Becher für Kaltgetränke") == skus("Becher Kaltgetränke")

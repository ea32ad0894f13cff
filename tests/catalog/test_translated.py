"""The catalog's texts in other languages: their files, and what is shown of them."""

import pytest
from django.utils import translation

from catalog import source, translated
from catalog.loader import load
from catalog.models import Category, Product
from tests.catalog.conftest import FLOUR, HEADER, MILK

GERMAN_HEADER = "sku,name,unit,description,search_words\n"
GERMAN_FLOUR = "FLR-25,Weizenmehl,Sack 25 kg,Weiß und fein.,mehl\n"
GERMAN_MILK = "MLK-1,Vollmilch,Packung 1 l,Frisch.,\n"
GERMAN = GERMAN_HEADER + GERMAN_FLOUR + GERMAN_MILK
GERMAN_CATEGORIES = "slug,name\nflour,Mehl\ndairy,Milchprodukte\n"


@pytest.fixture
def translations(files):
    """Writes the pair of files and German ones beside them (None: no such file)."""

    def write(german=GERMAN, categories=GERMAN_CATEGORIES, **options):
        paths = files(**options)
        for path, content in zip(paths, (german, categories), strict=True):
            if content is not None:
                translated.beside(path, "de").write_bytes(content.encode())
        return paths

    return write


def problems(paths) -> list[str]:
    with pytest.raises(source.BadCatalogFile) as refusal:
        source.read(*paths, ["de"])
    return [f"{p.path.name}, line {p.line}: {p.reason}" for p in refusal.value.problems]


def test_reads_the_texts_beside_the_files(translations):
    categories, (flour, milk) = source.read(*translations(), ["de"])
    assert categories[0].texts == {"de": {"name": "Mehl"}}
    assert flour.texts == {
        "de": {
            "name": "Weizenmehl",
            "unit": "Sack 25 kg",
            "description": "Weiß und fein.",
            "search_words": "mehl",
        }
    }
    assert milk.texts["de"]["search_words"] == ""


def test_a_language_without_files_has_no_texts(translations):
    categories, products = source.read(*translations(None, None), ["de"])
    assert [line.texts for line in categories + products] == [{}] * 4


@pytest.mark.parametrize(
    ("german", "reason"),
    [
        (
            GERMAN_HEADER + GERMAN_FLOUR,
            "products.csv, line 3: sku: expected MLK-1 in products.de.csv too, found it only here.",
        ),
        (
            GERMAN + GERMAN_MILK.replace("MLK-1", "MLK-2"),
            "products.de.csv, line 4: sku: expected a sku of products.csv, found 'MLK-2'.",
        ),
        (
            GERMAN + GERMAN_MILK,
            "products.de.csv, line 4: sku: expected each sku once, found 'MLK-1' of line 3 again.",
        ),
        (
            GERMAN.replace("Weizenmehl", "M" * 81),
            "products.de.csv, line 2: name: expected at most 80 characters, found 81.",
        ),
        (
            GERMAN.replace("Packung 1 l", " "),
            "products.de.csv, line 3: unit: expected a value, found nothing.",
        ),
        (
            GERMAN.replace("sku,name,unit", "sku,unit,name"),
            "products.de.csv, line 1: expected the header sku,name,unit,description,search_words, "
            "found 'sku,unit,name,description,search_words'.",
        ),
        ("", "products.de.csv, line 1: expected the header"),
    ],
    ids=["missing", "extra", "twice", "long", "blank", "header", "empty"],
)
def test_a_bad_line_is_refused_where_it_stands(translations, german, reason):
    [problem] = problems(translations(german))
    assert problem.startswith(reason)


def test_a_category_without_its_text_is_refused_too(translations):
    [problem] = problems(translations(categories="slug,name\nflour,Mehl\n"))
    assert problem == (
        "categories.csv, line 3: slug: expected dairy in categories.de.csv too, found it only here."
    )


@pytest.mark.django_db
def test_texts_are_loaded_and_follow_their_file(translations):
    load(*translations())
    assert not load(*translations()).changed
    loaded = load(*translations(GERMAN.replace("Weizenmehl", "Mehl 405")))
    assert (loaded.updated, loaded.created) == (1, 0)
    assert Product.objects.get(sku="FLR-25").texts["de"]["name"] == "Mehl 405"


@pytest.mark.django_db
def test_what_is_shown_is_in_the_active_language_and_what_is_stored_is_not(translations):
    load(*translations())
    flour, category = Product.objects.get(sku="FLR-25"), Category.objects.get(slug="flour")
    for language, shown in {
        "en": ("Plain flour", "25 kg sack", "White and soft.", "Flour & grain"),
        "de": ("Weizenmehl", "Sack 25 kg", "Weiß und fein.", "Mehl"),
        "de-at": ("Weizenmehl", "Sack 25 kg", "Weiß und fein.", "Mehl"),
        "fr": ("Plain flour", "25 kg sack", "White and soft.", "Flour & grain"),
    }.items():
        with translation.override(language):
            found = (flour.shown_name, flour.shown_unit, flour.shown_description)
            assert (*found, category.shown_name) == shown
            assert flour.foreign == ""
    assert (flour.name, flour.unit) == ("Plain flour", "25 kg sack")


@pytest.mark.django_db
def test_without_a_text_the_catalogs_own_is_shown_and_says_its_language(files):
    load(*files(HEADER + FLOUR + MILK))
    flour = Product.objects.get(sku="FLR-25")
    with translation.override("de"):
        assert (flour.shown_name, flour.shown_unit) == ("Plain flour", "25 kg sack")
        assert flour.foreign == "en"
    with translation.override("en"):
        assert flour.foreign == ""

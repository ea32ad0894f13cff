"""Reading the files: what is refused, and what the refusal says."""

from decimal import Decimal

import pytest

from catalog import source
from tests.catalog.conftest import CATEGORIES, FLOUR, HEADER, MILK


def problems(paths) -> list[str]:
    """The reasons, each as `products.csv, line 2: ...`."""
    with pytest.raises(source.BadCatalogFile) as refusal:
        source.read(*paths)
    return [f"{p.path.name}, line {p.line}: {p.reason}" for p in refusal.value.problems]


def test_reads_products_and_categories_in_their_order(files):
    categories, products = source.read(*files())
    assert [category.slug for category in categories] == ["flour", "dairy"]
    assert products[0] == source.ProductLine(
        sku="FLR-25",
        name="Plain flour",
        category="flour",
        description="White and soft.",
        unit="25 kg sack",
        price=Decimal("19.80"),
        search_words="white",
        icon="wheat",
    )


def test_reads_what_spreadsheets_write(files):
    products = HEADER + FLOUR.replace("White and soft.", '" White, ""soft"" "') + "\n"
    _, (flour,) = source.read(*files(b"\xef\xbb\xbf" + products.replace("\n", "\r\n").encode()))
    assert flour.description == 'White, "soft"'


def test_search_words_may_be_empty(files):
    _, (flour,) = source.read(*files(HEADER + FLOUR.replace(",white,", ",,")))
    assert flour.search_words == ""


def line(**values) -> str:
    """A product's line with other values than it should have."""
    good = dict(zip(HEADER.strip().split(","), FLOUR.strip().split(","), strict=True))
    return ",".join((good | values).values()) + "\n"


PRICE = "price: expected two decimals, from 0.01 to 99999.99, found"
SKU = "sku: expected a SKU such as FLR-25, found"
ICON = "icon: expected the name of a Lucide icon, found"


@pytest.mark.parametrize(
    ("bad", "reason"),
    [
        (line(price="1.5"), f"{PRICE} '1.5'."),
        (line(price="15"), f"{PRICE} '15'."),
        (line(price="1.500"), f"{PRICE} '1.500'."),
        (line(price='"1,50"'), f"{PRICE} '1,50'."),
        (line(price="€1.50"), f"{PRICE} '€1.50'."),
        (line(price="-1.50"), f"{PRICE} '-1.50'."),
        (line(price="0.00"), f"{PRICE} '0.00'."),
        (line(price="100000.00"), f"{PRICE} '100000.00'."),
        (line(price="1e9"), f"{PRICE} '1e9'."),
        (line(price="NaN"), f"{PRICE} 'NaN'."),
        (line(price="1\N{SUPERSCRIPT TWO}.00"), f"{PRICE} '1\N{SUPERSCRIPT TWO}.00'."),
        (line(price="9" * 20 + ".00"), "price: expected at most 16 characters, found 23."),
        (line(price=""), f"{PRICE} nothing."),
        (line(sku="flr-25"), f"{SKU} 'flr-25'."),
        (line(sku="FLR25"), f"{SKU} 'FLR25'."),
        (line(sku="FLR-25-B"), f"{SKU} 'FLR-25-B'."),
        (line(sku="F-25"), f"{SKU} 'F-25'."),
        (line(sku="FLOURSACK-25"), f"{SKU} 'FLOURSACK-25'."),
        (line(sku="FLR/25"), f"{SKU} 'FLR/25'."),
        (line(sku="A" * 17), "sku: expected at most 16 characters, found 17."),
        (line(sku=""), f"{SKU} nothing."),
        (line(name=" "), "name: expected a value, found nothing."),
        (line(name="n" * 81), "name: expected at most 80 characters, found 81."),
        (line(description=""), "description: expected a value, found nothing."),
        (line(description="d" * 401), "description: expected at most 400 characters, found 401."),
        (line(unit=""), "unit: expected a value, found nothing."),
        (line(unit="u" * 41), "unit: expected at most 40 characters, found 41."),
        (line(search_words="s" * 201), "search_words: expected at most 200 characters, found 201."),
        (line(category="bakery"), "category: expected a slug of categories.csv, found 'bakery'."),
        (line(category=""), "category: expected a value, found nothing."),
        (line(icon="wheatsheaf"), f"{ICON} 'wheatsheaf'."),
        (line(icon="../wheat"), f"{ICON} '../wheat'."),
        (line(icon=""), f"{ICON} nothing."),
        (line(name="Plain\x00flour"), "expected text, found the control character U+0000."),
        (line(name="Plain\tflour"), "expected text, found the control character U+0009."),
        (FLOUR.replace(",wheat", ""), "expected 8 columns, found 7."),
        (FLOUR.replace(",wheat", ",wheat,9"), "expected 8 columns, found 9."),
        (line(description="Soft, white."), "expected 8 columns, found 9."),
        (line(name='"Plain'), "expected one whole line of CSV, found unexpected end of data."),
        (line(name='"Plain" flour'), "expected one whole line of CSV, found ',' expected after"),
    ],
)
def test_a_bad_line_is_refused_with_its_number_and_the_reason(files, bad, reason):
    (problem,) = problems(files(HEADER + MILK + bad))
    assert problem.startswith(f"products.csv, line 3: {reason}")


def test_text_that_is_not_utf_8_is_refused_with_the_byte(files):
    cafe = line(name="Café flour").encode("latin-1")
    assert problems(files((HEADER + MILK).encode() + cafe)) == [
        "products.csv, line 3: expected UTF-8, found the byte 0xE9."
    ]


def test_a_spreadsheet_saved_as_utf_16_is_refused(files):
    assert "expected UTF-8, found the byte 0xFF." in problems(files(HEADER.encode("utf-16")))[0]


def test_one_sku_for_two_products_is_refused(files):
    assert problems(files(HEADER + FLOUR + MILK + line(name="Other flour"))) == [
        "products.csv, line 4: sku: expected each sku once, found 'FLR-25' of line 2 again."
    ]


@pytest.mark.parametrize(
    ("content", "found"),
    [
        ("", "an empty file"),
        ("\n\n", "an empty file"),
        (FLOUR, "'FLR-25,Plain flour,flour,White and soft.,25 kg sack,19.80,white,wheat'"),
        (HEADER.replace(",", ";"), "'sku;name;category;description;unit;price;search_words;icon'"),
        (HEADER.replace("unit,", ""), "'sku,name,category,description,price,search_words,icon'"),
        (
            HEADER.replace("sku,name", "name,sku"),
            "'name,sku,category,description,unit,price,search_words,icon'",
        ),
    ],
)
def test_another_header_is_refused(files, content, found):
    assert problems(files(content)) == [
        f"products.csv, line 1: expected the header {HEADER.strip()}, found {found}."
    ]


def test_a_file_without_products_is_refused(files):
    assert problems(files(HEADER)) == [
        "products.csv, line 2: expected at least one line below the header, found none."
    ]


@pytest.mark.parametrize(
    ("bad", "reason"),
    [
        ("Baking,Baking,cake\n", "slug: expected a slug such as dairy-eggs, found 'Baking'."),
        ("b" * 41 + ",Baking,cake\n", "slug: expected at most 40 characters, found 41."),
        ("baking,,cake\n", "name: expected a value, found nothing."),
        ("baking,Baking,bake\n", f"{ICON} 'bake'."),
        ("baking,Baking\n", "expected 3 columns, found 2."),
        ("flour,Other,cake\n", "slug: expected each slug once, found 'flour' of line 2 again."),
        ("other,Dairy,cake\n", "name: expected each name once, found 'Dairy' of line 3 again."),
    ],
)
def test_a_bad_category_is_refused(files, bad, reason):
    assert problems(files(categories=CATEGORIES + bad)) == [f"categories.csv, line 4: {reason}"]


def test_all_problems_of_both_files_are_told_at_once(files):
    found = problems(
        files(HEADER + line(price="0.00", sku="?") + MILK, CATEGORIES.replace("milk", "cow"))
    )
    assert found == [
        f"categories.csv, line 3: {ICON} 'cow'.",
        f"products.csv, line 2: {SKU} '?'.",
        f"products.csv, line 2: {PRICE} '0.00'.",
    ]


def test_a_categories_file_that_cannot_be_read_does_not_blame_the_products(files):
    assert len(problems(files(categories=""))) == 1


def test_the_message_shows_twenty_problems_and_counts_the_rest(files):
    with pytest.raises(source.BadCatalogFile) as refusal:
        source.read(*files(HEADER + line(price="0") * 30))
    told = str(refusal.value).splitlines()
    # Each line has a bad price, and all but the first a SKU that was there before.
    assert told[0] == "59 problems in the catalog's files; nothing was loaded."
    assert len(told) == 22
    assert told[-1] == "and 39 more."

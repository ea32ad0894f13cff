"""Numbers and amounts in each language, shown and typed."""

from decimal import Decimal

import pytest
from django.utils import translation

from catalog.numbers import shown_amount, shown_number, typed_number

THIN, HARD = "\N{NARROW NO-BREAK SPACE}", "\N{NO-BREAK SPACE}"


@pytest.mark.parametrize(
    ("language", "amount", "currency", "shown"),
    [
        ("en", "1234.5", "EUR", "€1,234.50"),
        ("en", "-2.5", "USD", "-$2.50"),
        ("en", "1234.5", "CHF", f"CHF{HARD}1,234.50"),
        ("de", "1234.5", "EUR", f"1.234,50{HARD}€"),
        ("de", "0", "GBP", f"0,00{HARD}£"),
        ("de", "99999999.99", "CHF", f"99.999.999,99{HARD}CHF"),
        ("de", "9999999999999999.99", "EUR", f"9.999.999.999.999.999,99{HARD}€"),
        (None, "2", "EUR", "€2.00"),
    ],
)
def test_an_amount_is_written_as_its_reader_does(language, amount, currency, shown):
    with translation.override(language):
        assert shown_amount(Decimal(amount), currency) == shown


@pytest.mark.parametrize(
    ("language", "shown"), [("en", "1,234,567"), ("de", "1.234.567"), (None, "1,234,567")]
)
def test_a_number_is_written_as_its_reader_does(language, shown):
    with translation.override(language):
        assert shown_number(1234567) == shown


@pytest.mark.parametrize(
    ("language", "typed", "number"),
    [
        ("en", "1000", 1000),
        ("en", " 1,000 ", 1000),
        ("en", "1,234,567", 1234567),
        ("en", "-1,000", -1000),
        ("de", "1.000", 1000),
        ("de", "1.234.567", 1234567),
        ("en", "1.234.567", 1234567),  # no fraction has two points
        ("de", "1 000", 1000),
        ("en", f"1{THIN}000", 1000),
        ("de", "1\N{RIGHT SINGLE QUOTATION MARK}000", 1000),
        # None of these is a whole number in any language.
        ("en", "1,00", None),
        ("de", "1.5", None),
        ("de", "1,5", None),
        ("en", "1,0000", None),
        ("en", "1,000.000", None),
        ("en", "1,000 000", None),
        ("en", ",000", None),
        ("en", "two", None),
        ("en", "", None),
        ("en", "9" * 16, None),
        ("en", "1,000,000,000,000,000,000", None),
        ("en", "\N{ARABIC-INDIC DIGIT ONE}000", None),
    ],
)
def test_a_whole_number_may_be_typed_with_the_separators_of_its_language(language, typed, number):
    with translation.override(language):
        assert typed_number(typed) == number


@pytest.mark.parametrize(
    ("language", "typed"),
    [("en", "1.000"), ("de", "1,000"), ("de", "-2,500"), (None, "1.000")],
)
def test_what_is_a_fraction_here_and_a_whole_number_elsewhere_is_no_number(language, typed):
    digits = typed.replace(".", "").replace(",", "")
    with translation.override(language), pytest.raises(ValueError, match=f"expected {digits} or"):
        typed_number(typed)

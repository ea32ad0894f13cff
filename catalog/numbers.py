"""Numbers and amounts as the active language writes them, and as people type them."""

import re
from decimal import Decimal
from functools import lru_cache

from babel.numbers import format_currency, format_decimal, get_group_symbol
from django.conf import settings
from django.utils.translation import get_language

# What stands between thousands: these in any language, a comma or a point by the language.
ANYWHERE = " \N{NO-BREAK SPACE}\N{NARROW NO-BREAK SPACE}'\N{RIGHT SINGLE QUOTATION MARK}"
GROUPED = re.compile(rf"-?[0-9]{{1,3}}([.,{ANYWHERE}])[0-9]{{3}}(?:\1[0-9]{{3}}){{0,3}}")


def shown_number(number: int) -> str:
    """12,345 in English, 12.345 in German."""
    return _number(number, _locale())


def shown_amount(amount: Decimal, currency: str) -> str:
    """€1,234.50 in English, 1.234,50 € in German; always two decimals."""
    return _amount(amount, currency, _locale())


def typed_number(text: str) -> int | None:
    """The whole number that was typed, also with separators between thousands; None for what is
    none. Raises ValueError where the active language would read a fraction and another one a
    whole number, as with 1.500 in English: nobody can know what was meant."""
    text = text.strip()
    if re.fullmatch(r"-?[0-9]{1,15}", text):
        return int(text)
    if not (grouped := GROUPED.fullmatch(text)):
        return None
    mark = grouped[1]
    elsewhere = mark not in ANYWHERE and mark != get_group_symbol(_locale())
    if elsewhere and text.count(mark) == 1:
        raise ValueError(f"expected {text.replace(mark, '')} or a fraction, got {text}")
    return int(text.replace(mark, ""))


def _locale() -> str:
    return (get_language() or settings.LANGUAGE_CODE).partition("-")[0]


@lru_cache(maxsize=4096)
def _number(number: int, locale: str) -> str:
    return format_decimal(number, locale=locale)


# A page of an order has hundreds of them, the same ones after each change.
@lru_cache(maxsize=4096)
def _amount(amount: Decimal, currency: str, locale: str) -> str:
    shown = format_currency(amount, currency, locale=locale, currency_digits=False)
    # Babel leaves out the space that a code, such as CHF, needs before a digit.
    return re.sub(r"([A-Z])(?=[0-9])", "\\1\N{NO-BREAK SPACE}", shown)

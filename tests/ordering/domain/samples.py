"""What the scenarios are made of: one order of Harbour Café, its products, and odd values."""

from decimal import Decimal
from uuid import UUID

import pytest

from ordering.domain.order import (
    Item,
    ItemAdded,
    OrderCancelled,
    OrderCompleted,
    OrderOpened,
)

NUMBER = "HC-2026-0042"
HARBOUR, NORTHGATE = 1, 2
SOURCE = UUID("11111111-2222-4333-8444-555555555555")

OPENED = OrderOpened(NUMBER, HARBOUR, "EUR", "", "", None)
COMPLETED = OrderCompleted(Decimal("18.90"), "EUR")
CANCELLED = OrderCancelled("")


def item(sku="FLR-25", quantity=1, unit_price="18.90", name="Wheat flour", currency="EUR") -> Item:
    """To be added. A `unit_price` that is no text is passed as it is."""
    price = Decimal(unit_price) if isinstance(unit_price, str) else unit_price
    return Item(sku, name, "25 kg sack", quantity, price, currency)


def added(sku="FLR-25", quantity=1, unit_price="18.90", name="Wheat flour") -> ItemAdded:
    return ItemAdded(sku, name, "25 kg sack", quantity, Decimal(unit_price))


def items(count: int) -> list[Item]:
    return [item(f"SKU-{n}") for n in range(count)]


def lines(count: int) -> list[ItemAdded]:
    return [added(f"SKU-{n}") for n in range(count)]


on_closed_orders = pytest.mark.parametrize(
    ("closing", "status"), [(COMPLETED, "completed"), (CANCELLED, "cancelled")]
)


def _short(value: object) -> str:
    huge = isinstance(value, int) and abs(value) > 10**20
    return "huge" if huge else ascii(value)[:20]


bad_quantities = pytest.mark.parametrize(
    ("quantity", "told"),
    [
        (0, "0"),
        (-1, "-1"),
        (10_000, "10000"),
        (10**12 - 1, "999999999999"),
        (10**12, "a number far too large"),
        (10**5_000, "a number far too large"),
        (-(10**5_000), "a number far too large"),
        (True, "True"),
        (False, "False"),
        (1.0, "1.0"),
        (float("nan"), "nan"),
        (Decimal(1), "1"),
        ("1", "1"),
        ("9" * 5_000, "9" * 40),
        ("\x00", "\ufffd"),
        (None, "None"),
    ],
    ids=_short,
)

bad_prices = pytest.mark.parametrize(
    ("price", "told"),
    [
        (Decimal("1.005"), "1.005"),
        (Decimal("1.000"), "1.000"),
        (Decimal("-0.01"), "-0.01"),
        (Decimal("-0.00"), "-0.00"),
        (Decimal("100000000.00"), "100000000.00"),
        (Decimal("1E+999999"), "1E+999999"),
        (Decimal("1" * 5_000), "1" * 40),
        (Decimal("NaN"), "NaN"),
        (Decimal("sNaN"), "sNaN"),
        (Decimal("Infinity"), "Infinity"),
        (Decimal("-Infinity"), "-Infinity"),
        (1.5, "1.5"),
        (float("nan"), "nan"),
        (1, "1"),
        (10**5_000, "a number far too large"),
        (True, "True"),
        (None, "None"),
    ],
    ids=_short,
)

# What is kept of a text, in a single line as in many.
good_texts = pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("", ""),
        ("   \t\r\n ", ""),
        ("  PO 9 ", "PO 9"),
        ("Cafe\u0301", "Caf\u00e9"),
        ("قهوة وخبز", "قهوة وخبز"),
        ("עוגה \u200fPO 7", "עוגה \u200fPO 7"),
        ("👩‍🍳 ☕️ 🥐", "👩‍🍳 ☕️ 🥐"),
        ("<b>{number}</b> 100 %s", "<b>{number}</b> 100 %s"),
    ],
    ids=ascii,
)

bad_characters = pytest.mark.parametrize(
    ("character", "told"),
    [
        ("\x00", "U+0000"),
        ("\x07", "U+0007"),
        ("\x1b", "U+001B"),
        ("\x7f", "U+007F"),
        ("\x85", "U+0085"),
        ("\r", "U+000D"),
        ("\ud800", "U+D800"),
        ("\udfff", "U+DFFF"),
    ],
    ids=ascii,
)

line_breaks = pytest.mark.parametrize(
    ("line_break", "told"),
    [
        ("\n", "U+000A"),
        ("\r\n", "U+000A"),
        ("\t", "U+0009"),
        ("\u2028", "U+2028"),
        ("\u2029", "U+2029"),
    ],
    ids=ascii,
)

"""The limits of an order's values, and the checks that name expected and actual."""

import unicodedata
from decimal import Decimal

from ordering.domain.refusal import Refused

MAX_LINES = 500
MAX_QUANTITY = 9_999
# A line of MAX_QUANTITY, 500 times, stays well within the 28 digits that Decimal adds exactly.
MAX_PRICE = Decimal("99999999.99")
MAX_REFERENCE = 80
MAX_NOTE = 2_000
MAX_REASON = 500

FAR_TOO_LARGE = "a number far too large"  # told instead of its digits


def check_quantity(sku: str, quantity: int) -> int:
    """A whole number from 1 to MAX_QUANTITY."""
    whole = isinstance(quantity, int) and not isinstance(quantity, bool)
    if not whole or not 1 <= quantity <= MAX_QUANTITY:
        raise Refused("quantity-out-of-range", sku=sku, limit=MAX_QUANTITY, actual=_shown(quantity))
    return quantity


def check_price(sku: str, price: Decimal) -> Decimal:
    """An exact amount from 0 to MAX_PRICE with at most two decimals; returned with just two."""
    exact = isinstance(price, Decimal) and price.is_finite() and price.as_tuple().exponent >= -2
    # Signed, and not below 0, since -0.00 would be shown as it is.
    if not exact or price.is_signed() or price > MAX_PRICE:
        raise Refused("bad-price", sku=sku, limit=str(MAX_PRICE), actual=_shown(price))
    return price.quantize(Decimal("0.01"))


def check_text(field: str, text: str, limit: int, *, multiline: bool = False) -> str:
    """Text without outer blanks, in NFC, that PostgreSQL can store and a page can show."""
    text = text.replace("\r\n", "\n").strip()
    # NFC takes minutes for hostile text, and leaves at least a quarter of the length of any.
    if len(text) <= 4 * limit:
        text = unicodedata.normalize("NFC", text)
    if len(text) > limit:
        raise Refused("text-too-long", field=field, limit=limit, actual=len(text))
    # Cc: control characters, NUL among them; Cs: half of a pair, which is not valid UTF-8;
    # Zl, Zp: Unicode's own line and paragraph ends.
    allowed = "\n\t\u2028\u2029" if multiline else ""
    for character in text:
        unfit = unicodedata.category(character) in ("Cc", "Cs", "Zl", "Zp")
        if unfit and character not in allowed:
            raise Refused("bad-text", field=field, actual=f"U+{ord(character):04X}")
    return text


def _shown(value: object) -> str:
    # A hostile number may have thousands of digits; Python refuses to print those.
    huge = isinstance(value, int) and abs(value) >= 10**12
    return FAR_TOO_LARGE if huge else str(value)[:40]

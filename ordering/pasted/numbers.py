"""Numbers as people write them."""

import re
from decimal import Decimal

from ordering.domain.values import MAX_QUANTITY
from ordering.pasted.entries import Trouble

NUMBER = re.compile(r"[-+]?\d{1,40}(?:[.,']\d{1,40}){0,9}")
THOUSANDS = re.compile(r"[1-9]\d{0,2}(?:,\d{3})+|[1-9]\d{0,2}(?:\.\d{3})+|[1-9]\d{0,2}(?:'\d{3})+")
# €19.80, 19,80 EUR, 12.-
CURRENCY = r"(?:[€£$]|EUR|GBP|USD|CHF|Euro)"
PRICE = re.compile(
    rf"{CURRENCY}\s*[-+]?\d[\d.,']*-?|[-+]?\d[\d.,']*-?\s*{CURRENCY}|\d[\d.,']*[.,]\d\d", re.I
)


def number(text: str) -> Decimal | None:
    """4, 4.0, 4,0, -4, 1,000, 1.000,00; None for what is no number."""
    text = text.strip()
    if not NUMBER.fullmatch(text):
        return None
    sign, digits = (text[0], text[1:]) if text[0] in "+-" else ("", text)
    whole, point, rest = digits, "", ""
    if not THOUSANDS.fullmatch(digits):
        whole, point, rest = _apart(digits)
    if not (whole.isdecimal() or THOUSANDS.fullmatch(whole)):
        return None
    return Decimal(sign + re.sub(r"[.,']", "", whole) + ("." if point else "") + rest)


def _apart(digits: str) -> tuple[str, str, str]:
    """Before and after the last point or comma."""
    at = max(digits.rfind("."), digits.rfind(","))
    return (digits[:at], digits[at], digits[at + 1 :]) if at >= 0 else (digits, "", "")


def is_count(text: str) -> bool:
    """Whether it looks like a number of pieces: a whole number without decimals."""
    value = number(text)
    return (
        value is not None
        and (("," not in text and "." not in text) or value >= 1000)
        and whole(value)
    )


def is_price(text: str) -> bool:
    return bool(PRICE.fullmatch(text.strip()))


def whole(value: Decimal) -> bool:
    return value == value.to_integral_value()


def quantity(text: str) -> int | Trouble:
    """The quantity that a number says, or why it is none."""
    value = number(text)
    if value is None or not whole(value):
        return Trouble("quantity-not-whole", {"actual": text.strip()[:40]})
    if not 1 <= value <= MAX_QUANTITY:
        return Trouble("quantity-out-of-range", {"actual": text.strip()[:40]})
    return int(value)

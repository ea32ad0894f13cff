"""What addresses and search fields say, as values that the database takes."""

from uuid import UUID

LAST_NUMBER = 2**63 - 1


def whole_number(text: str) -> int | None:
    """What a column of bigints can hold, else None."""
    # Not isdigit(): "²" is one, and no number.
    number = int(text) if text.isascii() and text.isdecimal() and len(text) < 20 else None
    return number if number is not None and number <= LAST_NUMBER else None


def uuid_of(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None

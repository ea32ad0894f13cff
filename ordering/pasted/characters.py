"""The many characters that mean the same, made one."""

import re
import unicodedata

# By their numbers, since most of them look alike.
DASHES = dict.fromkeys([*range(0x2010, 0x2016), 0x2043, 0x2212, 0xFE58, 0xFE63, 0xFF0D], "-")
TIMES = dict.fromkeys([ord("*"), 0x2217, 0x2715, 0x2716, 0x2A2F, 0xFF0A], "×")
DOUBLE = dict.fromkeys([0xAB, 0xBB, *range(0x201C, 0x2020), 0x2033, 0xFF02], '"')
SINGLE = dict.fromkeys([*range(0x2018, 0x201C), 0x2032], "'")
QUOTES = DOUBLE | SINGLE
UNSEEN = dict.fromkeys([0xAD, 0xFEFF, *range(0x200B, 0x2010), *range(0x202A, 0x202F), 0x2060])
SAME = DASHES | TIMES | QUOTES | UNSEEN
# 1 000 as it is set in print; a plain blank there may as well stand between a SKU and a quantity.
SET_THOUSANDS = re.compile(
    r"(?<![\w.,-])\d{1,3}"
    r"(?:[\N{NO-BREAK SPACE}\N{NARROW NO-BREAK SPACE}\N{THIN SPACE}]\d{3})+(?!\w)"
)


def plain(line: str) -> str:
    """The line with plain digits, dashes, quotes and blanks, and × for what multiplies."""
    line = SET_THOUSANDS.sub(lambda number: re.sub(r"\D", "", number[0]), line.translate(SAME))
    line = unicodedata.normalize("NFKC", line).translate(SAME)
    return "".join(c if c == "\t" or c.isprintable() else " " for c in line).strip(" ")

"""How text becomes words, the same for what products say and for what people type."""

import re
import unicodedata

LONGEST_WORD = 50
# Letters that Unicode does not take apart into a plain letter and a mark.
PLAIN = str.maketrans({"œ": "oe", "æ": "ae", "ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th"})
PIECE = re.compile(r"[^\W\d_]+|\d+(?:[.,]\d+)?")
THOUSANDS = re.compile(r",(?=\d{3}$)")
KEYED_LETTERS = 7


def fold(text: str) -> str:
    """Lower case without accents: `Crème` is `creme`."""
    # Casefolded in between: NFKD makes capitals of some signs, and casefolding makes marks.
    decomposed = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", text).casefold())
    return "".join(c for c in decomposed if not unicodedata.combining(c)).translate(PLAIN)


def split(text: str) -> list[list[str]]:
    """The words of a text, each as its runs of letters and its numbers.

    `Café FLR-25 2,5kg` is [["cafe"], ["flr", "25"], ["2.5", "kg"]]; `1,000` is [["1000"]].
    """
    words = (PIECE.findall(word) for word in fold(text).split())
    return [[_plain(piece)[:LONGEST_WORD] for piece in pieces] for pieces in words if pieces]


def _plain(piece: str) -> str:
    return THOUSANDS.sub("", piece).replace(",", ".")


def joined(pieces: list[str]) -> str:
    """A word without what separated it: ["flr", "25"] is `flr25`."""
    if len(pieces) == 1:
        return pieces[0]
    return "".join(pieces).replace(".", "")[:LONGEST_WORD]


def index_terms(text: str) -> list[str]:
    """What a text is found by: every piece, and a word of several pieces also as one."""
    terms = []
    for pieces in split(text):
        terms += pieces
        if len(pieces) > 1:
            terms.append(joined(pieces))
    return terms


def sku_terms(sku: str) -> list[str]:
    """What a SKU is found by: as one word, by its beginning, and by its end if that is a number.

    Not by letters at its end: the GR of `TEA-GR` is nobody's word.
    """
    start, end = fold(sku).split("-")
    return [start + end, start, *([end] if end.isdigit() else [])]


def misspellings(word: str) -> set[str]:
    """Keys that this word shares with its misspellings: it, with up to two letters left out.

    Two words within two typing errors of each other share a key, so an index over the keys
    finds the likely words without comparing all of them. Only the first seven letters count,
    which keeps it to at most 29 keys a word. Words with digits, and of one or two letters,
    have none: `25` is not an error for `20`.
    """
    if len(word) < 3 or not word.isalpha():
        return set()
    keys = {word[:KEYED_LETTERS]}
    for _ in range(1 if len(word) < 5 else 2):
        keys |= {key[:i] + key[i + 1 :] for key in keys for i in range(len(key))}
    return keys

"""Which parts of a text answer to what was searched for."""

import re
from dataclasses import dataclass

from django.utils.html import conditional_escape, format_html, format_html_join
from django.utils.safestring import SafeString

from catalog.words import PIECE, fold, joined, split

WORD = re.compile(r"\S+")


@dataclass(frozen=True)
class Marks:
    """What to mark, folded (catalog.words.fold): whole `words`, and `beginnings` of words."""

    words: frozenset[str] = frozenset()
    beginnings: frozenset[str] = frozenset()


def highlight(text: str, marks: Marks) -> SafeString:
    """The text, escaped, with <mark> around what answers to the marks.

    A whole word is marked whole, of a begun one what was begun: of `Crème`, `cr` marks `Cr`. A word
    of several pieces is also looked at as one: `flr2` marks `FLR-2` of `FLR-25`.
    """
    spans = _merged(span for word in WORD.finditer(text) for span in _spans(word, marks))
    if not spans:
        return conditional_escape(text)
    parts, at = [], 0
    for start, end in spans:
        parts.append(format_html("{}<mark>{}</mark>", text[at:start], text[start:end]))
        at = end
    return format_html_join("", "{}", ((part,) for part in [*parts, text[at:]]))


def _spans(word: re.Match, marks: Marks) -> list[tuple[int, int]]:
    letters, places = _folded(word)
    pieces = [(piece[0], range(*piece.span())) for piece in PIECE.finditer(letters)]
    if len(pieces) > 1:
        # What separates the pieces is not part of the word as one, and is marked all the same.
        run = [i for _, at in pieces for i in at if letters[i] not in ".,"]
        pieces.append(("".join(letters[i] for i in run), run))
    spans = []
    for piece, at in pieces:
        if any(joined(known) in marks.words for known in split(piece)):
            length = len(at)
        else:
            length = max((len(b) for b in marks.beginnings if piece.startswith(b)), default=0)
        if length:
            spans.append((places[at[0]][0], places[at[length - 1]][1]))
    return spans


def _folded(word: re.Match) -> tuple[str, list[tuple[int, int]]]:
    """The word folded, and of each of its characters where it stands in the text (start, end)."""
    letters, places = "", []
    for place, letter in enumerate(word[0], word.start()):
        plain = fold(letter)
        if not plain and places:  # an accent of its own belongs to the letter before it
            places[-1] = (places[-1][0], place + 1)
        letters += plain
        places += [(place, place + 1)] * len(plain)
    return letters, places


def _merged(spans) -> list[tuple[int, int]]:
    merged = []
    for start, end in sorted(spans):
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return merged

"""Words that are written together: Mandelmilch is a milk, and found by Milch.

Only ends are looked for: a search finds words by their beginnings anyway (catalog.vocabulary).
"""

import re
from collections.abc import Iterable

# Shorter ones stand in words that they have nothing to do with: the Ei in Weizen, the Tee in Steen.
SHORTEST = 4
ENDING = re.compile(r"(en|er|n|e|s)$")


def _bare(word: str) -> str:
    """Without what tells one from many: tomate and tomaten are the same."""
    return ENDING.sub("", word)


class Compounds:
    """Takes words apart by those that stand alone somewhere; all are folded (catalog.words)."""

    def __init__(self, words: Iterable[str]):
        self._known = {_bare(word) for word in words if len(word) >= SHORTEST and word.isalpha()}

    def ends(self, word: str) -> list[str]:
        """`mandelmilch` ends in [`milch`]; the longest end comes first."""
        ends = [word[i:] for i in range(SHORTEST, len(word) - SHORTEST + 1)]
        return [end for end in ends if _bare(end) in self._known]

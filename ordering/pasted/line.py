"""One line of plain words and numbers: where in it the quantity stands."""

import re
from dataclasses import dataclass

from ordering.pasted.entries import Reading, Trouble
from ordering.pasted.numbers import CURRENCY, NUMBER, is_count, is_price, number, quantity
from ordering.pasted.prose import is_code, without_fillers

PIECES = (
    r"(?:pcs?|pieces?|pce|units?|ea|each|boxe?s?|cases?|bags?|sacks?|packs?|packets?|bottles?|tins?|cans?|"
    r"crates?|cartons?|tubs?|trays?|jars?|rolls?|stück|stücke|stck|stk|st|säcke?|kisten?|kartons?|"
    r"flaschen?|dosen?|packung(?:en)?|pck|pkg|beutel|eimer|gläser|glas|mal)"
)
MEASURES = (
    r"(?:kg|g|gr|mg|lb|lbs|oz|l|ltr|lit(?:er|re)s?|ml|cl|dl|mm|cm|m|inch|inches|in|gramm|kilo|kilos"
    r"|%|\")"
)
AMOUNT = NUMBER.pattern
START = re.compile(rf"(?<![\w.,-])({AMOUNT})\s*(?:×\s*|x\s+|x(?=[^\W\d_]{{2,6}}-))(?=\D)", re.I)
END = re.compile(
    rf"(?:\s*×\s*|\s+x\s*|(?<=\w)\s*[=]\s*|\s*:\s*)({AMOUNT})(?:\s*{PIECES}\.?)?$", re.I
)
COUNTED = re.compile(rf"(?<![\w.,+-])({AMOUNT})\s*(?:(?:{PIECES}|x)(?![\w-])\.?|×)", re.I)
LABELLED = re.compile(
    rf"[,;(]?\s*\b(?:qty|quantity|menge|anzahl)\b\.?\s*[:=]?\s*({AMOUNT})\)?(?:\s*{PIECES}\.?)?",
    re.I,
)
MEASURED = re.compile(rf"(?<![\w.,])({AMOUNT})\s*-?\s*{MEASURES}(?!\w)", re.I)
PACK = re.compile(rf"(?<![\w-])\d[\d.,]*\s*[x×]\s*\d[\d.,]*(?:\s*{MEASURES}(?!\w))?", re.I)
PRICED = re.compile(
    rf"(?:[@à]|\b(?:at|je|a)\b)\s*{CURRENCY}?\s*\d[\d.,']*\s*{CURRENCY}?$|{CURRENCY}\s*\d[\d.,']*|\d[\d.,']*\s*{CURRENCY}(?!\w)",
    re.I,
)
LIST = re.compile(rf"(?<![\w.,-]){AMOUNT}\s*(?:×\s*|x\s+)(?=[^\W\d_])", re.I)
GROWN = re.compile(r"([^\W_]+-?[^\W_]*\d)x(\d{1,4})", re.I)
# What is left of "x 4" names no product.
NOTHING = {"", "x", "×", "of", "von"}
EDGES = " \t,;:.!?-=()[]{}'\"|/"


@dataclass(frozen=True, slots=True)
class Read:
    readings: tuple[Reading, ...] = ()
    trouble: Trouble | None = None

    @property
    def is_whole(self) -> bool:
        """Whether it says both a product and how many of it."""
        return bool(self.readings) and not self.trouble and self.readings[0].quantity is not None


def read_line(text: str) -> Read:
    """What a line orders, of the shapes `4 x FLR-25`, `FLR-25: 4 pcs`, `oat milk 2`, `FLR-25`."""
    text = PRICED.sub(" ", text).strip()
    for shape in (LABELLED, START, END, COUNTED):
        # × between numbers tells the size of a pack: case of 6 x 1 l.
        found = shape.search(_masked(text) if shape is not START else text)
        if found:
            before, after = text[: found.start()], text[found.end() :]
            return _read(found[1], f"{before} {after}")
    return _by_place(text)


def is_counted(text: str) -> bool:
    """Whether a number stands there as a quantity only does: `2 x`, `2 pcs`, `qty 2`."""
    return any(shape.search(_masked(text)) for shape in (LABELLED, START, COUNTED))


def parts(text: str) -> list[str]:
    """The orders that stand on one line: `4 x FLR-25, 2 x BUT-10 and 3 x oat milk`. One: itself."""
    starts = [found.start() for found in LIST.finditer(_masked(text))]
    if len(starts) > 1:
        return [
            text[start:end].strip(" ,;")
            for start, end in zip(starts, [*starts[1:], None], strict=True)
        ]
    cells = re.split(r"\s*[,;]\s+", text)
    if len(cells) > 1 and all(read_line(cell).is_whole for cell in cells):
        return cells
    return [text]


def _masked(text: str) -> str:
    """The text as long as it was, with sizes and packs made invisible."""
    for size in (PACK, MEASURED):
        text = size.sub(lambda found: re.sub(r"\S", "_", found[0]), text)
    return text


def _by_place(text: str) -> Read:
    """The number at the start or at the end; asked where there is more than one."""
    text = " ".join(without_fillers(text.split()))
    if grown := GROWN.fullmatch(text):
        # FLR-25x4 may be a SKU as it stands.
        many = quantity(grown[2])
        if isinstance(many, int):
            return Read((Reading(None, (text,)), _reading(many, grown[1])))
    words = [word.strip(EDGES.replace("-", "")) for word in _masked(text).split()]
    pairs = [
        (word, show) for word, show in zip(words, text.split(), strict=True) if word.strip("-")
    ]
    return _placed(pairs, text)


def _placed(pairs: list[tuple[str, str]], text: str) -> Read:
    words, shown = [word for word, _ in pairs], [show for _, show in pairs]
    lead = 1 if words and _numeric(words[0]) else 0
    tail = len(words)
    while tail > lead and _numeric(words[tail - 1]):
        tail -= 1
    middle, run = " ".join(shown[lead:tail]), words[tail:]
    if _cleaned(middle).casefold() in NOTHING:
        return Read(trouble=Trouble("no-product"))
    # 19.80 beside a whole number is a price.
    numbers = words[:lead] + run
    counts = [count for count in numbers if is_count(count)] or numbers[:1]
    lone = " " not in middle.strip() and middle.strip(EDGES).isalpha()
    if not numbers:
        if found := PACK.search(text) or MEASURED.search(text):
            return Read(trouble=Trouble("quantity-measured", {"actual": found[0].strip()}))
        return Read((_reading(None, middle),))
    if lone and run and is_count(run[0]):
        # FLR 25 4: SKUs end in numbers, and are written without their dash.
        rest = [count for count in counts if count is not run[0]]
        spaced = f"{middle} {run[0]}"
        if len(rest) == 1:
            first = quantity(rest[0])
            if isinstance(first, int):
                which = Trouble("which-quantity", {"numbers": tuple(counts)})
                return Read((Reading(first, (spaced,)),), which)
        elif not rest:
            many = quantity(run[0])
            if isinstance(many, int):
                return Read((Reading(None, (spaced,)), _reading(many, middle)))
    if len(counts) > 1:
        return Read(trouble=Trouble("which-quantity", {"numbers": tuple(counts)}))
    return _read(counts[0], middle)


def _numeric(word: str) -> bool:
    return number(word) is not None or is_price(word) or "\N{FRACTION SLASH}" in word


def _read(amount: str, rest: str) -> Read:
    rest = " ".join(without_fillers(rest.split()))
    if _cleaned(rest).casefold() in NOTHING:
        return Read(trouble=Trouble("no-product"))
    many = quantity(amount)
    if isinstance(many, Trouble):
        return Read(trouble=many)
    return Read((_reading(many, rest),))


def _reading(many: int | None, text: str) -> Reading:
    """With all that may be a SKU: what is written like one, and the text itself."""
    text = _cleaned(text)
    tokens = [token.strip(EDGES) for token in text.split()]
    codes = tuple(dict.fromkeys(token for token in tokens if is_code(token)))
    if codes == (text,):
        return Reading(many, codes)
    return Reading(many, (*codes, text) if len(text) <= 14 else codes, text)


def _cleaned(text: str) -> str:
    text = re.sub(r"\(\s*\)|\[\s*\]", " ", text)
    return (
        " ".join(text.split())
        .strip(EDGES.replace(")", "").replace("(", "").replace('"', ""))
        .strip()
    )

"""What stands around order lines in an e-mail and orders nothing, in English and German."""

import re

QUOTED = re.compile(r"(?:>\s?)+")
# A bullet, a box to tick, "1." or "2)". A dash right before a number is its sign.
BULLET = re.compile(r"(?:[-+×•·●▪■◦‣o]|->|=>|\[[ xX]?\]|[☐☑✓✔])\s+|[•·●▪■◦‣☐☑✓✔]\s*")
NUMBERING = re.compile(r"\(?\d{1,3}[.)]\s+(?=\S)")

GREETING = re.compile(
    r"(?:hi|hello|hey|dear|good (?:morning|afternoon|evening|day)|moin|hallo|guten "
    r"(?:tag|morgen|abend)|servus|grüß (?:gott|dich)|liebe[rs]?|sehr geehrte[rs]?)\b[^0-9]*",
    re.I,
)
SIGN_OFF = re.compile(
    r"(?:-- ?|(?:(?:many |with |kind |kindest |best |warm |all the )*"
    r"(?:thanks|thank you|regards|wishes|best|cheers|sincerely|yours "
    r"(?:sincerely|faithfully|truly))"
    r"|(?:mit |vielen |herzlichen |besten |freundlichen |viele |liebe |schöne |beste )*"
    r"(?:dank|danke|danke schön|gruß|grüße|grüßen)|mfg|lg|vg)(?![\w-])[^0-9]*)",
    re.I,
)
SALUTATION = re.compile(r"(?:hi|hello|hey|dear|hallo|moin)\b[^,\d×]{0,40},\s*(?=.)", re.I)
HEADING = re.compile(
    r"(?:from|to|cc|bcc|sent|date|subject|reply-to|von|an|gesendet|datum|betreff)\s*:.*"
    r"|.*\b(?:wrote|schrieb.*)\s*:|sent from my\b.*|von meinem .* gesendet"
    r"|(?:(?:sub|grand )?total|summe|gesamt|zwischensumme)\b.*|[-_=×#~.:|\s]+|[^0-9]*[:?!]",
    re.I,
)
LONGEST_NAME = 8  # words
CODE = re.compile(r"[^\W_]{2,6}-[^\W_]{1,6}")

FILLERS = frozenset(
    {
        "add",
        "also",
        "and",
        "another",
        "auch",
        "bestellen",
        "bitte",
        "brauche",
        "brauchen",
        "can",
        "could",
        "danke",
        "dazu",
        "gern",
        "gerne",
        "get",
        "have",
        "hätte",
        "hätten",
        "i",
        "ich",
        "like",
        "me",
        "more",
        "möchte",
        "möchten",
        "need",
        "noch",
        "of",
        "order",
        "please",
        "pls",
        "plz",
        "send",
        "some",
        "thank",
        "thanks",
        "the",
        "to",
        "und",
        "us",
        "von",
        "want",
        "we",
        "wir",
        "would",
        "you",
    }
)


def unmarked(line: str) -> str:
    """The line without what a mail program or a list puts before it."""
    quoted = QUOTED.match(line)
    line = line[quoted.end() :] if quoted else line
    for mark in (BULLET, NUMBERING, BULLET):
        found = mark.match(line)
        line = line[found.end() :] if found and line[found.end() :].strip() else line
    return line.strip()


def is_sign_off(line: str) -> bool:
    """ "Kind regards", "Vielen Dank!", "--": what follows are a name and an address."""
    return bool(SIGN_OFF.fullmatch(line))


def is_chatter(line: str) -> bool:
    """Whether a line, as `plain` and `unmarked` left it, orders nothing."""
    if has_code(line):
        return False
    said = any(kind.fullmatch(line) for kind in (GREETING, SIGN_OFF, HEADING))
    # Whoever writes in sentences without a number tells something else.
    words = line.split()
    return said or (
        not re.search(r"\d", line) and (line.endswith(".") or len(words) > LONGEST_NAME)
    )


def has_code(text: str) -> bool:
    return any(is_code(token) for token in re.findall(r"[\w-]+", text))


def is_code(token: str) -> bool:
    """Whether a token is written like a SKU, with its dash: FLR-25, tea-eg."""
    return bool(CODE.fullmatch(token)) and not token.replace("-", "").isdecimal()


def without_fillers(words: list[str]) -> list[str]:
    """Without "please send", "and", "bitte" at either end."""
    start, end = 0, len(words)
    while start < end and _bare(words[start]) in FILLERS:
        start += 1
    while end > start and _bare(words[end - 1]) in FILLERS:
        end -= 1
    return words[start:end]


def _bare(word: str) -> str:
    return word.strip(".,;:!").casefold()

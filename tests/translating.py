"""What tests of translation share: texts that escape it, in a template and on a page."""

import re
from html.parser import HTMLParser
from pathlib import Path

from babel.messages.mofile import write_mo
from django.template.base import Lexer, TokenType

from shop import messages

# Attributes that people are told.
TOLD = {"alt", "aria-label", "aria-description", "data-label", "placeholder", "title"}
UNSEEN = {"script", "style"}
VOID = {"br", "hr", "img", "input", "link", "meta", "col", "wbr", "path", "circle", "rect", "line"}

OPEN, CLOSE = "⟦", "⟧"
LETTER = re.compile(r"[^\W\d_]")


class Told(HTMLParser):
    """Calls `tell(text)` for each text and told attribute of a page, in their order. What is
    marked translate="no" is nobody's text, such as a name that is drawn."""

    def __init__(self):
        super().__init__()
        self.inside = []  # whether each open element is to be passed over

    def tell(self, text: str) -> None:
        raise NotImplementedError

    def tell_attribute(self, text: str) -> None:
        self.tell(text)

    def handle_starttag(self, tag, attrs):
        given = dict(attrs)
        for name, value in attrs:
            if name in TOLD and value:
                self.tell_attribute(value)
        if tag not in VOID:
            over = tag in UNSEEN or given.get("translate") == "no"
            self.inside.append((tag, over))

    def handle_endtag(self, tag):
        # A template may close in each branch what it opened once.
        for place in range(len(self.inside) - 1, -1, -1):
            if self.inside[place][0] == tag:
                del self.inside[place:]
                return

    def handle_data(self, data):
        if not any(over for _, over in self.inside):
            self.tell(data)


# --- Templates ------------------------------------------------------------------------------------

# Names, and what is typed as it is in every language.
NAMES = re.compile(r"Tandem|\b(?:API|SKU|[A-Z]{3}-\d+)\b")
PROSE = re.compile(r"[A-Z][a-z]{2}|[a-z] [a-z]")
STRING = re.compile(r"""(_\()?(?:"([^"]*)"|'([^']*)')""")
# Tags whose strings are names of things, or are translated by the tag itself.
QUIET = {"translate", "blocktranslate", "extends", "load", "url", "static", "block", "if", "elif"}


# Blocks of the admin's that stand inside an attribute: names of style classes.
CLASSES = {"bodyclass", "coltype"}


def strays_of_template(file: Path) -> list[str]:
    """What people would read of a template in one language only: "file:line: text"."""
    strays = []
    try:
        name = file.relative_to(messages.ROOT).as_posix()
    except ValueError:
        name = file.name

    class Template(Told):
        def tell(self, text):
            rest = NAMES.sub("", text)
            if LETTER.search(rest):
                before = text[: len(text) - len(text.lstrip())].count("\n")
                strays.append(f"{name}:{self.getpos()[0] + before}: {' '.join(text.split())}")

    markup, translated = [], False
    for token in Lexer(file.read_text()).tokenize():
        tag, *more = token.contents.split() if token.token_type is TokenType.BLOCK else [""]
        if tag in ("blocktranslate", "endblocktranslate"):
            translated = tag == "blocktranslate"
        if tag in ("block", "endblock"):
            translated = tag == "block" and more[0] in CLASSES
        if token.token_type is TokenType.TEXT and not translated:
            markup.append(token.contents)
            continue
        # Nothing else stands on the page as it stands here; its lines are still counted.
        markup.append("\n" * token.contents.count("\n"))
        if token.token_type in (TokenType.BLOCK, TokenType.VAR) and tag not in QUIET:
            for translates, *quoted in STRING.findall(token.contents):
                string = "".join(quoted)
                if not translates and PROSE.search(NAMES.sub("", string)):
                    strays.append(f"{name}:{token.lineno}: {string}")
    parser = Template()
    parser.feed("".join(markup))
    parser.close()
    return strays


# --- Pages, in a language that marks what is translated -------------------------------------------


def pseudo_catalogue(folder: Path, *sources: Path) -> None:
    """A catalogue of en-xa, in which each text of the sources stands between ⟦ and ⟧."""
    catalogue = messages.collect(*sources)
    catalogue.locale = "en"
    for message in catalogue:
        if isinstance(message.id, tuple):
            message.string = tuple(f"{OPEN}{text}{CLOSE}" for text in message.id)
        elif message.id:
            message.string = f"{OPEN}{message.id}{CLOSE}"
    mo = folder / "en_XA" / "LC_MESSAGES" / "django.mo"
    mo.parent.mkdir(parents=True)
    with mo.open("wb") as file:
        write_mo(file, catalogue)


def strays_of_page(page: str, *data: str) -> list[str]:
    """Texts of a page neither within ⟦ ⟧ nor one of `data`: names, notes, what was typed."""
    names = "|".join(re.escape(one) for one in sorted(data, key=len, reverse=True))
    known = re.compile(rf"(?<!\w)(?:{names})(?!\w)")
    strays = []

    class Page(Told):
        depth = 0

        def tell(self, text):
            self.depth = self.read(text, self.depth)

        def tell_attribute(self, text):
            self.read(text, 0)

        def read(self, text, depth):
            stray = False
            for part in re.split(f"([{OPEN}{CLOSE}])", text):
                depth += (part == OPEN) - (part == CLOSE)
                stray |= not depth and bool(LETTER.search(known.sub("", part)))
            if stray:
                strays.append(" ".join(text.split()))
            return depth

    parser = Page()
    parser.feed(page)
    parser.close()
    assert parser.depth == 0, "expected as many ⟦ as ⟧"
    return strays

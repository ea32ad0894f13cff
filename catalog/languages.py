"""The languages that the catalog's texts are in, and how PostgreSQL reads each of them."""

from dataclasses import dataclass

from django.conf import settings
from django.utils import translation


@dataclass(frozen=True)
class Language:
    """`config` is PostgreSQL's for full-text search. It knows stop words as they are written;
    `stop_words` are those that it no longer knows once they are folded (catalog.words).
    `compounds` says that words are written together: Mandelmilch is Milch."""

    code: str
    config: str
    stop_words: frozenset[str] = frozenset()
    compounds: bool = False


# The catalog's own language: that of its two files, of events, of the API and of exports.
BASE = Language("en", "english")
GERMAN = Language(
    "de",
    "german",
    frozenset({"fur", "fuer", "uber", "ueber", "wahrend", "waehrend", "wurde", "konnte"}),
    compounds=True,
)
LANGUAGES = {language.code: language for language in (BASE, GERMAN)}
OTHERS = tuple(language for language in LANGUAGES.values() if language is not BASE)


def current() -> Language:
    """The language that is active now; the catalog's own where it has no texts in that one."""
    code = translation.get_language() or settings.LANGUAGE_CODE
    return LANGUAGES.get(code.partition("-")[0], BASE)

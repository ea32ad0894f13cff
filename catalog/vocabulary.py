"""What a typed word means in the words of the catalog.

It stands for the words that it is, or that it begins, or, when there are neither, for the one
that it most likely misspells. Three indexes answer this (by lexeme, by beginning, by
misspelling), so the vocabulary is never read whole.
"""

from dataclasses import dataclass, field
from math import log

from django.db import connections, router
from rapidfuzz.distance import OSA, JaroWinkler

from catalog.languages import Language
from catalog.models import Word
from catalog.words import joined, misspellings

MOST_WORDS = 8
MOST_ENDINGS = 20
MOST_FORMS = 20
MOST_LIKELY_WORDS = 250
MOST_NEIGHBOURS = 3
NEAR_ENOUGH = 0.5  # of a neighbour's letters are in their places

# A word's forms are the words with its lexeme: it is known when there are any. Its endings are the
# words that it begins; codes (of weight 0) are among them only once it has a digit.
LOOK_UP = """
    SELECT typed.text,
           cardinality(lexemes) = 0,
           ARRAY (
               SELECT word.text FROM catalog_word AS word
               WHERE word.language = asked.language AND word.lexeme = ANY (lexemes) LIMIT %s
           ),
           ARRAY (
               SELECT word.text FROM catalog_word AS word
               WHERE word.language = asked.language
                 AND word.text > typed.text AND word.text < typed.text || chr(1114111)
                 AND (word.weight > 0 OR typed.text ~ '[0-9]')
               ORDER BY word.weight DESC, word.text LIMIT %s
           )
    FROM (VALUES (%s::text, %s::regconfig)) AS asked (language, config),
         unnest(%s::text[]) AS typed (text),
         LATERAL tsvector_to_array(to_tsvector(asked.config, typed.text)) AS lexemes
"""
# One key after the other: asked for all keys at once, the planner reads the whole vocabulary.
LIKELY_WORDS = """
    SELECT DISTINCT word.text, word.lexeme, word.weight
    FROM unnest(%s::varchar[]) AS typed (key)
    JOIN catalog_word AS word ON word.misspellings @> ARRAY[typed.key] AND word.language = %s
    ORDER BY word.weight DESC, word.text LIMIT %s
"""
# What is too far away to be meant may still be what somebody was after: words that begin alike.
NEIGHBOURS = """
    SELECT typed.text, word.text, word.lexeme
    FROM unnest(%s::text[]) AS typed (text), LATERAL (
        SELECT text, lexeme FROM catalog_word
        WHERE language = %s AND weight > 0
          AND text >= left(typed.text, 2) AND text < left(typed.text, 2) || chr(1114111)
        ORDER BY weight DESC, text LIMIT %s
    ) AS word
"""


@dataclass(frozen=True)
class Term:
    """A typed word: the catalog's words that it means, and those that it may yet become.

    `correction` is the one meaning of a word that was misspelled. `forms` are the words of the
    catalog, as written there, that are the same word. No meanings: a word that nothing in the
    catalog resembles.
    """

    typed: str
    meanings: list[str]
    endings: list[str]
    correction: str | None = None
    forms: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Entry:
    """What the vocabulary has for a typed word."""

    is_stop_word: bool
    forms: list[str]
    endings: list[str]

    @property
    def is_known(self) -> bool:
        return bool(self.forms)


@dataclass(frozen=True)
class Correction:
    """The word that a misspelled one most likely is, and its forms."""

    text: str
    forms: list[str]


def understand(words: list[list[str]], language: Language) -> list[Term]:
    """The first MOST_WORDS terms of a text that catalog.words.split took apart, as words of that
    language.

    Takes one query of the database, or two where something is to be corrected.
    """
    entries = _look_up(
        {*map(joined, words), *(piece for word in words for piece in word)}, language
    )
    typed = []
    for pieces in words:
        whole = entries[joined(pieces)]
        # "flr-25" is a word of the catalog, "25kg" is two.
        typed += [joined(pieces)] if whole.is_known or whole.endings else pieces
    # "salt and pepper" leaves the "and" out; a lone "on" may become "onion".
    typed = [word for word in typed if not entries[word].is_stop_word] or typed[-1:]
    typed = typed[:MOST_WORDS]

    strange = [word for word in typed if not entries[word].is_known and not entries[word].endings]
    corrections = _correct([word for word in strange if not entries[word].is_stop_word], language)
    terms = []
    for word in typed:
        entry, correction = entries[word], corrections.get(word)
        if entry.is_known:
            endings = entry.endings if word == typed[-1] else []
            terms.append(Term(word, [word], endings, forms=entry.forms))
        elif correction:
            terms.append(Term(word, [correction.text], [], correction.text, correction.forms))
        else:
            terms.append(Term(word, entry.endings, []))
    return terms


def knows(words: list[list[str]], language: Language) -> bool:
    """Whether every piece of a text stands in the vocabulary just as it was typed."""
    pieces = {piece for word in words for piece in word}
    return Word.objects.filter(language=language.code, text__in=pieces).count() == len(pieces)


def _look_up(words: set[str], language: Language) -> dict[str, Entry]:
    with connections[router.db_for_read(Word)].cursor() as cursor:
        parameters = [MOST_FORMS, MOST_ENDINGS, language.code, language.config, list(words)]
        cursor.execute(LOOK_UP, parameters)
        return {
            text: Entry(without_lexeme or text in language.stop_words, *entry)
            for text, without_lexeme, *entry in cursor.fetchall()
        }


def neighbours(words: list[str], language: Language) -> dict[str, list[str]]:
    """For words that nothing resembles, words of the catalog that begin alike, the nearest first.

    Takes one query. A word without any is left out; so are codes and numbers.
    """
    words = [word for word in words if word.isalpha() and len(word) > 2]
    if not words:
        return {}
    with connections[router.db_for_read(Word)].cursor() as cursor:
        cursor.execute(NEIGHBOURS, [words, language.code, MOST_LIKELY_WORDS])
        rows = cursor.fetchall()
    near: dict[str, dict[str, tuple[float, str]]] = {word: {} for word in words}
    for word, text, lexeme in rows:
        similarity = OSA.normalized_similarity(word, text)
        # Of "nut" and "nuts" one is enough.
        if similarity >= max(NEAR_ENOUGH, near[word].get(lexeme, (0, ""))[0]):
            near[word][lexeme] = (similarity, text)
    return {
        word: [text for _, text in sorted(found.values(), reverse=True)[:MOST_NEIGHBOURS]]
        for word, found in near.items()
        if found
    }


def _correct(words: list[str], language: Language) -> dict[str, Correction]:
    """The word of the catalog that each of these most likely misspells, where there is one."""
    keys = set().union(*map(misspellings, words))
    if not keys:
        return {}
    with connections[router.db_for_read(Word)].cursor() as cursor:
        cursor.execute(LIKELY_WORDS, [sorted(keys), language.code, MOST_LIKELY_WORDS])
        likely = cursor.fetchall()
    corrections = {}
    for word in words:
        errors = 1 if len(word) < 4 else 2 if len(word) < 9 else 3
        # Jaro-Winkler: people get the beginning of a word right more often than its end.
        near = {
            (text, lexeme): JaroWinkler.similarity(word, text) + log(weight) / 100
            for text, lexeme, weight in likely
            if OSA.distance(word, text) <= errors
        }
        if near:
            text, lexeme = max(near, key=near.get)
            forms = [other for other, its, _ in likely if its == lexeme]
            corrections[word] = Correction(text, forms)
    return corrections

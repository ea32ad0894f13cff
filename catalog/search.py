"""Finding products by what a person types, errors included.

A product must have something of every word; when none has, those with some of them are shown.

How it scales: MOST_CANDIDATES products that have the words in name, SKU or search words are
ranked, and where there are fewer, as many that have them, or words that they begin, anywhere. So
a query's time is bounded in a catalog of any size; one that broad wants another word.
"""

from collections.abc import Collection
from dataclasses import dataclass, field

from django.contrib.postgres.search import SearchQuery, SearchRank
from django.db import connections, router
from django.db.models import F, QuerySet

from catalog.highlight import Marks
from catalog.languages import LANGUAGES, Language, current
from catalog.models import Product
from catalog.vocabulary import MOST_WORDS, Term, knows, understand
from catalog.words import split

LONGEST_QUERY = 100
MOST_CANDIDATES = 200
ALL, SOME = " & ", " | "

# The limits stand outside of what is MATERIALIZED, or the planner would hope for early matches
# and read the table in its own order: long, where the products of one kind stand together.
CANDIDATES = """
    WITH asked AS (
        SELECT to_tsquery(%(config)s, %(meant)s) AS meant,
               to_tsquery(%(config)s, %(possible)s) AS possible
    ), naming AS MATERIALIZED (
        SELECT product_id AS id FROM catalog_document, asked
        WHERE language = %(language)s AND name_vector @@ meant
        AND (%(category)s::text IS NULL OR category_id = %(category)s)
        AND (%(within)s::bigint[] IS NULL OR product_id = ANY (%(within)s))
    ), mentioning AS MATERIALIZED (
        SELECT product_id AS id FROM catalog_document, asked
        WHERE language = %(language)s AND search_vector @@ possible
        AND (%(category)s::text IS NULL OR category_id = %(category)s)
        AND (%(within)s::bigint[] IS NULL OR product_id = ANY (%(within)s))
    ), named AS MATERIALIZED (
        SELECT id FROM naming LIMIT %(most)s
    )
    SELECT id FROM named UNION (
        SELECT id FROM mentioning WHERE (SELECT count(*) FROM named) < %(most)s LIMIT %(most)s
    )
"""


@dataclass(frozen=True)
class Found:
    """What a search came to.

    `products` are active ones, best first. `understood` is the query as it was searched for;
    `corrections` maps each typed word that was taken for another to that other. `missing` are
    the words that nothing in the catalog resembles: then there are no products. `partial` says
    that no product has all of the words, and these have some. `terms` are what the words mean, in
    `language`.
    """

    products: QuerySet[Product]
    understood: str
    corrections: dict[str, str] = field(default_factory=dict)
    missing: list[str] = field(default_factory=list)
    partial: bool = False
    terms: list[Term] = field(default_factory=list)
    language: Language = field(default_factory=current)
    count: int | None = None

    @property
    def known(self) -> str:
        """The query without the words that are missing; "" when all are."""
        return " ".join(term.correction or term.typed for term in self.terms if term.meanings)

    @property
    def marks(self) -> Marks:
        """What a page marks in the names of what was found."""
        whole, begun = set(), set()
        for term in self.terms:
            whole.update(term.forms, [term.correction or term.typed])
            if not term.correction and (term.endings or not term.forms):
                begun.add(term.typed)
        return Marks(frozenset(whole), frozenset(begun))


def search(text: str, category: str | None = None, within: Collection[int] | None = None) -> Found:
    """Products for `text`, best first, of the category with that slug or of all; of those that
    `within` has the primary keys of.

    A product outside of these that has all of the words keeps the search from looking for some of
    them. A blank text asks for nothing in particular: every product, by name. What stands beyond
    LONGEST_QUERY characters or MOST_WORDS words is not read.
    """
    asked, category = _printable(text[:LONGEST_QUERY]), _printable(category or "")
    if not asked:
        products = Product.objects.active()
        if category:
            products = products.filter(category=category)
        if within is not None:
            products = products.filter(pk__in=within)
        return Found(products, understood="")
    words = split(asked)[:MOST_WORDS]
    if not words:
        return Found(Product.objects.none(), understood=asked, missing=[asked], count=0)

    terms, language = _understood(words)
    corrections = {term.typed: term.correction for term in terms if term.correction}
    understood = " ".join(term.correction or term.typed for term in terms)
    missing = [term.typed for term in terms if not term.meanings]
    if missing:
        nothing = Product.objects.none()
        return Found(nothing, understood, corrections, missing, False, terms, language, 0)
    candidates = _candidates(terms, ALL, language, category, within)
    partial = len(terms) > 1 and not candidates
    if partial and (category or within is not None):
        partial = not _candidates(terms, ALL, language)
    if partial:
        candidates = _candidates(terms, SOME, language, category, within)
    return Found(
        _ranked(candidates, terms, language),
        understood,
        corrections,
        missing,
        partial,
        terms,
        language,
        len(candidates),
    )


def _understood(words: list[list[str]]) -> tuple[list[Term], Language]:
    """The words' terms in the active language, or, where it lacks one of them, in another that has
    all: `Mehl` is not a misspelled word to who shops in English."""
    active = current()
    terms = understand(words, active)
    if all(term.meanings and not term.correction for term in terms):
        return terms, active
    for other in LANGUAGES.values():
        if other is not active and knows(words, other):
            return understand(words, other), other
    return terms, active


def _printable(text: str) -> str:
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())


def _candidates(
    terms: list[Term],
    operator: str,
    language: Language,
    category: str = "",
    within: Collection[int] | None = None,
) -> list[int]:
    with connections[router.db_for_read(Product)].cursor() as cursor:
        cursor.execute(
            CANDIDATES,
            {
                "language": language.code,
                "config": language.config,
                "meant": operator.join(_meanings(terms)),
                "possible": possible(terms, operator),
                "category": category or None,
                "within": None if within is None else list(within),
                "most": MOST_CANDIDATES,
            },
        )
        return [pk for (pk,) in cursor.fetchall()]


def possible(terms: list[Term], operator: str) -> str:
    """What to_tsquery takes for the products that the words, or what they begin, are found in."""
    return operator.join(_possibilities(terms))


def _ranked(candidates: list[int], terms: list[Term], language: Language) -> QuerySet[Product]:
    # A hundredth: only among products that have the typed words alike do unfinished ones decide.
    rank = _rank(_meanings(terms), language) + 0.01 * _rank(_possibilities(terms), language)
    found = Product.objects.active().filter(pk__in=candidates, documents__language=language.code)
    return found.order_by(rank.desc(), "name", "sku")


def _rank(alternatives: list[str], language: Language) -> SearchRank:
    query = SearchQuery(" | ".join(alternatives), config=language.config, search_type="raw")
    return SearchRank(F("documents__search_vector"), query)


def _meanings(terms: list[Term]) -> list[str]:
    return [_either(term.meanings) for term in terms]


def _possibilities(terms: list[Term]) -> list[str]:
    return [_either(term.meanings + term.endings) for term in terms]


def _either(words: list[str]) -> str:
    return "(" + " | ".join(f"'{word}'" for word in words) + ")"

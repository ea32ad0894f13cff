"""What the search reads, in each language: every product's search document, and the vocabulary of
all products."""

from collections import Counter
from collections.abc import Iterator
from itertools import batched

from django.db import connection
from django.db.backends.utils import CursorWrapper

from catalog.compounds import Compounds
from catalog.languages import BASE, LANGUAGES, Language
from catalog.models import Product, Word
from catalog.words import index_terms, misspellings, sku_terms

BATCH = 5_000
# How much one mention says about a product, by the field it stands in: PostgreSQL's labels for
# ranking, and what they add to a word's weight. SKUs add nothing: a weight of 0 marks a code,
# which no misspelled word is taken for.
MENTION = {"A": 10, "B": 4, "C": 2, "D": 1}

UPSERT_DOCUMENTS = """
    INSERT INTO catalog_document (product_id, language, category_id, name_vector, search_vector)
    SELECT product.id, asked.language, product.category_id,
           document.names, document.names || document.others
    FROM (VALUES (%s::text, %s::regconfig)) AS asked (language, config),
         unnest(%s::text[], %s::text[], %s::text[], %s::text[], %s::text[])
             AS text (sku, a, b, c, d)
         JOIN catalog_product AS product ON product.sku = text.sku,
         LATERAL (
             SELECT setweight(to_tsvector(asked.config, a), 'A') ||
                    setweight(to_tsvector(asked.config, b), 'B') AS names,
                    setweight(to_tsvector(asked.config, c), 'C') ||
                    setweight(to_tsvector(asked.config, d), 'D') AS others
         ) AS document
    ON CONFLICT (product_id, language) DO UPDATE
    SET category_id = excluded.category_id,
        name_vector = excluded.name_vector, search_vector = excluded.search_vector
    WHERE (catalog_document.category_id, catalog_document.name_vector,
           catalog_document.search_vector)
          IS DISTINCT FROM (excluded.category_id, excluded.name_vector, excluded.search_vector)
"""
# Of products that were retired, and in languages that the catalog no longer has.
DELETE_OTHER_DOCUMENTS = """
    DELETE FROM catalog_document AS document USING catalog_product AS product
    WHERE product.id = document.product_id
      AND (NOT product.active OR document.language <> ALL (%s))
"""
# Words without a lexeme are stop words ("and"): nobody finds anything by them.
UPSERT_WORDS = """
    INSERT INTO catalog_word (language, text, lexeme, weight, misspellings)
    SELECT asked.language, text, lexemes[1], weight, string_to_array(misspellings, ' ')
    FROM (VALUES (%s::text, %s::regconfig)) AS asked (language, config),
         unnest(%s::text[], %s::int[], %s::text[]) AS word (text, weight, misspellings),
         LATERAL tsvector_to_array(to_tsvector(asked.config, text)) AS lexemes
    WHERE cardinality(lexemes) > 0
    ON CONFLICT (language, text) DO UPDATE
    SET lexeme = excluded.lexeme, weight = excluded.weight, misspellings = excluded.misspellings
    WHERE (catalog_word.lexeme, catalog_word.weight, catalog_word.misspellings)
          IS DISTINCT FROM (excluded.lexeme, excluded.weight, excluded.misspellings)
"""
DELETE_OTHER_WORDS = "DELETE FROM catalog_word WHERE language = %s AND text <> ALL (%s)"


def refresh() -> None:
    """Bring documents and vocabulary up to the active products. Writes only what differs."""
    with connection.cursor() as cursor:
        cursor.execute(DELETE_OTHER_DOCUMENTS, [list(LANGUAGES)])
        for language in LANGUAGES.values():  # the catalog's own first: others ask for its words
            _refresh(cursor, language)


def _refresh(cursor: CursorWrapper, language: Language) -> None:
    asked = [language.code, language.config]
    weights = Counter()
    for products in batched(_documents(language), BATCH):
        rows = []
        for sku, document in products:
            for label, terms in document.items():
                for term in terms:
                    weights[term] += MENTION[label]
            codes = sku_terms(sku)
            weights.update(dict.fromkeys(codes, 0))
            document["A"] += codes
            rows.append((sku, *(" ".join(terms) for terms in document.values())))
        columns = [list(column) for column in zip(*rows, strict=True)]
        cursor.execute(UPSERT_DOCUMENTS, [*asked, *columns])

    for words in batched(sorted(weights.items()), BATCH):
        texts, counts = zip(*words, strict=True)
        keys = [" ".join(sorted(misspellings(text))) if n else "" for text, n in words]
        cursor.execute(UPSERT_WORDS, [*asked, list(texts), list(counts), keys])
    cursor.execute(DELETE_OTHER_WORDS, [language.code, list(weights)])


def _products() -> Iterator[Product]:
    return Product.objects.active().select_related("category").iterator(chunk_size=BATCH)


def _documents(language: Language) -> Iterator[tuple[str, dict[str, list[str]]]]:
    """Each active product's SKU, and its terms by label."""
    compounds = Compounds(_naming_words(language) if language.compounds else ())
    telling = _telling_words() if language is not BASE else frozenset()
    for product in _products():
        texts = product.texts.get(language.code)
        category = product.category.texts.get(language.code, {}).get("name", product.category.name)
        own = []
        if texts is None:
            texts = _own_texts(product)
        else:
            own = index_terms(f"{product.name} {product.search_words}")
        names = _terms(texts["name"], language)
        words = _terms(texts["search_words"], language)
        yield (
            product.sku,
            {
                "A": names,
                "B": words + [end for word in names + words for end in compounds.ends(word)],
                # Who reads German may know the English word, from an invoice or another kitchen.
                "C": _terms(f"{category} {texts['unit']}", language)
                + [term for term in own if term in telling],
                "D": _terms(texts["description"], language),
            },
        )


def _own_texts(product: Product) -> dict[str, str]:
    return {
        "name": product.name,
        "unit": product.unit,
        "description": product.description,
        "search_words": product.search_words,
    }


def _terms(text: str, language: Language) -> list[str]:
    return [term for term in index_terms(text) if term not in language.stop_words]


def _telling_words() -> frozenset[str]:
    """The vocabulary of the catalog's own language, which has none of its stop words."""
    words = Word.objects.filter(language=BASE.code)
    return frozenset(words.values_list("text", flat=True))


def _naming_words(language: Language) -> Iterator[str]:
    """The words of names and search words, which other words may end in."""
    for product in _products():
        if texts := product.texts.get(language.code):
            yield from index_terms(f"{texts['name']} {texts['search_words']}")

"""What the search reads: each product's search document, and the vocabulary of all products."""

from collections import Counter
from collections.abc import Iterator
from itertools import batched

from django.db import connection

from catalog.models import Product
from catalog.words import index_terms, misspellings, sku_terms

BATCH = 5_000
# How much one mention says about a product, by the field it stands in: PostgreSQL's labels for
# ranking, and what they add to a word's weight. SKUs add nothing: a weight of 0 marks a code,
# which no misspelled word is taken for.
MENTION = {"A": 10, "B": 4, "C": 2, "D": 1}

UPDATE_DOCUMENTS = """
    UPDATE catalog_product AS product
    SET name_vector = document.names, search_vector = document.names || document.others
    FROM (
        SELECT sku,
               setweight(to_tsvector('english', a), 'A') ||
               setweight(to_tsvector('english', b), 'B') AS names,
               setweight(to_tsvector('english', c), 'C') ||
               setweight(to_tsvector('english', d), 'D') AS others
        FROM unnest(%s::text[], %s::text[], %s::text[], %s::text[], %s::text[])
             AS text (sku, a, b, c, d)
    ) AS document
    WHERE product.sku = document.sku
      AND (product.name_vector, product.search_vector)
          IS DISTINCT FROM (document.names, document.names || document.others)
"""
# Words without a lexeme are stop words ("and"): nobody finds anything by them.
UPSERT_WORDS = """
    INSERT INTO catalog_word (text, lexeme, weight, misspellings)
    SELECT text, lexemes[1], weight, string_to_array(misspellings, ' ')
    FROM unnest(%s::text[], %s::int[], %s::text[]) AS word (text, weight, misspellings),
         LATERAL tsvector_to_array(to_tsvector('english', text)) AS lexemes
    WHERE cardinality(lexemes) > 0
    ON CONFLICT (text) DO UPDATE
    SET lexeme = excluded.lexeme, weight = excluded.weight, misspellings = excluded.misspellings
    WHERE (catalog_word.lexeme, catalog_word.weight, catalog_word.misspellings)
          IS DISTINCT FROM (excluded.lexeme, excluded.weight, excluded.misspellings)
"""
DELETE_OTHER_WORDS = "DELETE FROM catalog_word WHERE text <> ALL (%s)"


def refresh() -> None:
    """Bring documents and vocabulary up to the active products. Writes only what differs."""
    weights = Counter()
    with connection.cursor() as cursor:
        for products in batched(_documents(), BATCH):
            rows = []
            for sku, document in products:
                for label, terms in document.items():
                    for term in terms:
                        weights[term] += MENTION[label]
                codes = sku_terms(sku)
                weights.update(dict.fromkeys(codes, 0))
                document["A"] += codes
                rows.append((sku, *(" ".join(terms) for terms in document.values())))
            cursor.execute(UPDATE_DOCUMENTS, [list(column) for column in zip(*rows, strict=True)])

        for words in batched(sorted(weights.items()), BATCH):
            texts, counts = zip(*words, strict=True)
            keys = [" ".join(sorted(misspellings(text))) if n else "" for text, n in words]
            cursor.execute(UPSERT_WORDS, [list(texts), list(counts), keys])
        cursor.execute(DELETE_OTHER_WORDS, [list(weights)])


def _documents() -> Iterator[tuple[str, dict[str, list[str]]]]:
    """Each active product's SKU, and its terms by label."""
    products = Product.objects.active().select_related("category")
    for product in products.iterator(chunk_size=BATCH):
        yield (
            product.sku,
            {
                "A": index_terms(product.name),
                "B": index_terms(product.search_words),
                "C": index_terms(f"{product.category.name} {product.unit}"),
                "D": index_terms(product.description),
            },
        )

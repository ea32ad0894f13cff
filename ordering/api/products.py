"""/products: the catalog."""

from django.db.models import Q
from ninja import Query, Router

from catalog.models import Category, Product
from catalog.search import search
from ordering.api import schemas
from ordering.api.answering import answer, bad_cursor, cursor_of, key_of
from ordering.api.documenting import documented
from ordering.api.problems import Problem
from ordering.api.representing import product_out

router = Router(tags=["products"])


@router.get("", response=documented(schemas.ProductsOut, 422), operation_id="list_products")
def products(request, asked: Query[schemas.ProductsAsked]):
    """Products that can be ordered: by name, or, with `q`, the best match first."""
    if asked.category and not Category.objects.filter(slug=asked.category).exists():
        raise Problem(
            422, f"Expected a category's slug, found {asked.category[:40]!a}.", code="invalid"
        )
    if asked.q.strip():
        page, more = _found(asked)
        last = ("found", page[-1].sku) if more else None
    else:
        page, more = _all(asked)
        last = (page[-1].name, page[-1].sku) if more else None
    return answer(
        {
            "items": [product_out(product) for product in page],
            "next": cursor_of(*last) if last else None,
        }
    )


@router.get("/{sku}", response=documented(schemas.ProductOut, 404), operation_id="get_product")
def product(request, sku: str):
    """Also one that cannot be ordered any more: old orders still name it."""
    found = Product.objects.filter(sku=sku).first() if sku.isprintable() else None
    if found is None:
        raise Problem(404, "There is no such product.")
    return answer(product_out(found))


def _all(asked) -> tuple[list[Product], bool]:
    rows = Product.objects.active().order_by("name", "sku")
    if asked.category:
        rows = rows.filter(category=asked.category)
    if asked.cursor:
        name, sku = key_of(asked.cursor, 2)
        rows = rows.filter(Q(name__gte=name) & (Q(name__gt=name) | Q(sku__gt=sku)))
    page = list(rows[: asked.limit + 1])
    return page[: asked.limit], len(page) > asked.limit


def _found(asked) -> tuple[list[Product], bool]:
    """A search ranks a bounded number of candidates, so all of them are at hand."""
    ranked = list(search(asked.q, category=asked.category or None).products)
    if asked.cursor:
        kind, last = key_of(asked.cursor, 2)
        places = [at for at, product in enumerate(ranked) if product.sku == last]
        if kind != "found" or not places:
            raise bad_cursor(asked.cursor)
        ranked = ranked[places[0] + 1 :]
    return ranked[: asked.limit], len(ranked) > asked.limit

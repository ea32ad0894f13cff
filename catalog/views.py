"""The catalog and its products."""

from django.core.paginator import Paginator
from django.db.models import Count, Q
from django.http import Http404
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from catalog.models import Category, Product
from catalog.search import Found, search
from catalog.shelves import shelves, stocked

PAGE = 24
MORE = 4  # neighbours shown beside a product


@never_cache
@require_safe
def catalog(request):
    q = request.GET.get("q", "").strip()
    slug = request.GET.get("category", "")
    tally = Count("products", filter=Q(products__active=True))
    categories = list(Category.objects.in_use().annotate(tally=tally).order_by("position"))
    category = next((category for category in categories if category.slug == slug), None)
    if slug and category is None:
        raise Http404
    shelf = None if q or slug else _shelf(request.GET.get("shelf", ""))
    if shelf:
        found = Found(shelf.choose(request.user), understood="")
    else:
        found = search(q, category=slug or None)
    # A page number that is none means the first page, one past the end the last.
    page = Paginator(found.products.select_related("category"), PAGE).get_page(
        request.GET.get("page")
    )
    stocks = stocked(request.user)
    at_the_entrance = not (q or category or shelf) and page.number == 1
    fragment = request.htmx and request.htmx.request_type != "full"
    return render(
        request,
        "catalog/catalog.html#shelves" if fragment else "catalog/catalog.html",
        {
            "title": q
            or getattr(category, "shown_name", "")
            or getattr(shelf, "name", _("Catalog")),
            "q": q,
            "category": category,
            "categories": categories,
            "shelf": shelf,
            "stocks": stocks,
            "featured": stocks if at_the_entrance else [],
            "found": found,
            "page": page,
        },
    )


def _title(category, shelf) -> str:
    return category.shown_name if category else getattr(shelf, "name", _("Catalog"))


def _shelf(slug):
    """The shelf with that slug; None for "". Raises Http404."""
    if slug and slug not in shelves:
        raise Http404
    return shelves.get(slug)


@never_cache
@require_safe
def product(request, sku):
    """Shown also when it has left the catalog: old orders still name it."""
    product = get_object_or_404(Product.objects.select_related("category"), sku=sku)
    return render(request, "catalog/product.html", product_context(product))


def product_context(product: Product) -> dict:
    """What the product's page shows."""
    others = Product.objects.active().filter(category=product.category_id).exclude(pk=product.pk)
    return {"product": product, "others": others.select_related("category")[:MORE]}

"""The catalog and its products."""

from dataclasses import replace

from django.core.paginator import Paginator
from django.http import Http404
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from catalog.asked import Asked, instead
from catalog.models import Category, Product
from catalog.search import Found, search
from catalog.shelves import shelves, stocked
from catalog.tallies import tally

PAGE = 24
SUGGESTED = 8
MORE = 4  # neighbours shown beside a product


@never_cache
@require_safe
def catalog(request):
    stocks = stocked(request.user)
    categories = list(Category.objects.in_use())
    asked = _asked(request, categories)
    within = None
    if asked.shelf:
        within = next((stock.categories for stock in stocks if stock.shelf == asked.shelf), ())
    found = search(asked.q, category=asked.by[0], within=within)
    if asked.shelf and not asked.q:
        products = asked.shelf.choose(request.user)  # in the shelf's own order
        if asked.category:
            products = products.filter(category=asked.category)
        found = Found(products, understood="")
    tallies = tally(found, stocks)
    if found.count is None and tallies and not asked.shelf:
        found = replace(found, count=tallies.of(asked.by[0]))
    # A page number that is none means the first page, one past the end the last.
    page = pages(found).get_page(request.GET.get("page"))
    for aisle in categories:
        aisle.tally = tallies and tallies.of(aisle.slug, asked.by[1])
    at_the_entrance = asked == Asked() and page.number == 1
    fragment = request.htmx and request.htmx.request_type != "full"
    return render(
        request,
        "catalog/catalog.html#shelves" if fragment else "catalog/catalog.html",
        {
            "title": asked.q
            or getattr(asked.category, "shown_name", "")
            or getattr(asked.shelf, "name", _("Catalog")),
            "asked": asked,
            "q": asked.q,
            "category": asked.category,
            "shelf": asked.shelf,
            "categories": categories,
            "stocks": [
                (stock, tallies and tallies.of(asked.by[0], stock.shelf.slug)) for stock in stocks
            ],
            "featured": stocks if at_the_entrance else [],
            "found": found,
            "page": page,
            "is_more": tallies is None or tallies.of(*asked.by) > page.paginator.count,
            "instead": None if page.paginator.count else instead(asked, found, tallies),
        },
    )


@never_cache
@require_safe
def suggestions(request):
    """A fragment: products for what has been typed so far, in the whole catalog; the category that
    the agent is looking at is offered beside it."""
    asked = Asked(request.GET.get("q", "").strip())
    found = search(asked.q) if asked.q else Found(Product.objects.none(), understood="")
    slug = request.GET.get("category", "").replace("\0", "")
    category = Category.objects.filter(slug=slug).first() if slug else None
    return render(
        request,
        "catalog/suggestions.html",
        {
            "asked": asked,
            "category": category,
            "narrowed": replace(asked, category=category),
            "found": found,
            "products": list(found.products.select_related("category")[:SUGGESTED]),
            "near": instead(asked, found, None).near,
        },
    )


suggestions.is_page = False


def pages(found: Found) -> Paginator:
    """The pages of what was found, which are counted at most once."""
    paginator = Paginator(found.products.select_related("category"), PAGE)
    if found.count is not None:
        paginator.count = found.count  # it would ask the database for it
    return paginator


def _asked(request, categories) -> Asked:
    """What the address asks for. Raises Http404 for a category or a shelf that there is not."""
    slug = request.GET.get("category", "")
    category = next((category for category in categories if category.slug == slug), None)
    if slug and category is None:
        raise Http404
    return Asked(request.GET.get("q", "").strip(), category, _shelf(request.GET.get("shelf", "")))


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

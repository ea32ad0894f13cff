"""The shop's addresses; a page that does nothing, what Django and the browser cost alone; and one
that asks the database once."""

from django.contrib.auth.decorators import login_not_required
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import path

from catalog.models import Product
from shop.urls import *  # noqa: F403
from shop.urls import urlpatterns as pages

BARE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Bare</title>
<meta name="viewport" content="width=device-width, initial-scale=1"></head>
<body><h1>Bare</h1><p>A page without a query, a style or a script.</p></body></html>"""


@login_not_required
def bare(request):
    return HttpResponse(BARE)


def one_query(request, sku):
    """For who is logged in, as the shop's pages are: session and agent are read before it."""
    product = get_object_or_404(Product, sku=sku)
    return HttpResponse(f"<p>{product.sku} {product.name}, {product.price}</p>")


urlpatterns = [*pages, path("bare/", bare), path("one-query/<slug:sku>/", one_query)]

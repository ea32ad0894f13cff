"""The shop's addresses, and a page that does nothing: what Django and the browser cost alone."""

from django.contrib.auth.decorators import login_not_required
from django.http import HttpResponse
from django.urls import path

from shop.urls import *  # noqa: F403
from shop.urls import urlpatterns as pages

BARE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Bare</title>
<meta name="viewport" content="width=device-width, initial-scale=1"></head>
<body><h1>Bare</h1><p>A page without a query, a style or a script.</p></body></html>"""


@login_not_required
def bare(request):
    return HttpResponse(BARE)


urlpatterns = [*pages, path("bare/", bare)]

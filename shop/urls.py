"""The sitemap."""

from django.contrib import admin
from django.urls import include, path

from ordering.api.app import urlpatterns as api_urls
from shop import scraping, views

urlpatterns = [
    path("", include("catalog.urls")),
    path("", include("ordering.urls")),
    path("admin/", admin.site.urls),
    path("api/v1/", include(api_urls)),
    path("favicon.ico", views.favicon),
    path("healthz", views.healthz, name="healthz"),
    path("metrics", scraping.metrics, name="metrics"),
]

handler400 = "shop.views.bad_request"
handler500 = "shop.views.server_error"

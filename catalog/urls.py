"""The pages of the catalog."""

from django.urls import path

from catalog import views

urlpatterns = [
    # /
    path("", views.catalog, name="catalog"),
    # /suggestions/
    path("suggestions/", views.suggestions, name="suggestions"),
    # /products/<sku>/
    path("products/<slug:sku>/", views.product, name="product"),
]

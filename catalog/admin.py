"""Products and categories, for reading: their source is the catalog's files."""

from django.contrib import admin
from django.db.models import Count, Q
from django.utils.formats import number_format
from django.utils.translation import gettext_lazy

from catalog.models import Category, Product


class ReadOnlyAdmin(admin.ModelAdmin):
    actions = None

    def has_add_permission(self, request):
        return False

    def has_change_permission(self, request, obj=None):
        return False

    def has_delete_permission(self, request, obj=None):
        return False


@admin.register(Category)
class CategoryAdmin(ReadOnlyAdmin):
    list_display = ("name", "slug", "icon", "position", "active_products")
    search_fields = ("name", "slug")
    fields = ("name", "slug", "icon", "position")

    def get_queryset(self, request):
        active = Count("products", filter=Q(products__active=True))
        return super().get_queryset(request).annotate(active_count=active)

    @admin.display(description=gettext_lazy("active products"), ordering="active_count")
    def active_products(self, category):
        return category.active_count


@admin.register(Product)
class ProductAdmin(ReadOnlyAdmin):
    list_display = ("sku", "name", "category", "unit", "net_price", "active")
    list_filter = ("active", "category")
    list_select_related = ("category",)
    list_per_page = 50
    search_fields = ("sku", "name", "search_words", "description")
    search_help_text = gettext_lazy(
        "SKU, name, search words or description, spelled as in the file."
    )
    fields = (
        "sku",
        "name",
        "category",
        "description",
        "unit",
        "net_price",
        "search_words",
        "icon",
        "active",
    )

    @admin.display(description=gettext_lazy("net price"), ordering="price")
    def net_price(self, product):
        return f"{number_format(product.price, 2)} {product.currency}"

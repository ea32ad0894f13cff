"""Products and their categories, and what the search keeps about them.

The source of all of it is the files in catalog/data; see catalog.loader.
"""

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVectorField
from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from catalog.languages import BASE, current


class Translated(models.Model):
    """Something with texts in other languages than the catalog's own.

    Its columns have the catalog's own language, which events, the API and the admin keep to.
    `texts` has the others by their code: {"de": {"name": ...}}. Pages show `shown_...`: the text
    in the active language, or the catalog's own where there is none.
    """

    texts = models.JSONField(default=dict, blank=True, editable=False)

    class Meta:
        abstract = True

    @property
    def shown_name(self) -> str:
        return self._shown("name")

    @property
    def foreign(self) -> str:
        """The language of what is shown, where it is not the active one; else empty."""
        active = current()
        return BASE.code if active is not BASE and active.code not in self.texts else ""

    def _shown(self, field: str) -> str:
        return self.texts.get(current().code, {}).get(field) or getattr(self, field)


class CategoryQuerySet(models.QuerySet):
    def in_use(self):
        """Categories with at least one active product: those that a page should offer."""
        active = Product.objects.filter(category=models.OuterRef("pk"), active=True)
        return self.filter(models.Exists(active))


class Category(Translated):
    slug = models.SlugField(_("slug"), primary_key=True, max_length=40)
    name = models.CharField(_("name"), max_length=60)
    icon = models.CharField(_("icon"), max_length=40, help_text=_("The name of a Lucide icon."))
    position = models.PositiveSmallIntegerField(
        _("position"), help_text=_("The line in the file: 1 comes first.")
    )

    objects = CategoryQuerySet.as_manager()

    class Meta:
        ordering = ("position",)
        verbose_name = _("category")
        verbose_name_plural = _("categories")

    def __str__(self):
        return self.name


class ProductQuerySet(models.QuerySet):
    def active(self):
        """Products that can be ordered now."""
        return self.filter(active=True)


class Product(Translated):
    """Something to order. `price` is net, for one `unit`, in `currency`."""

    sku = models.CharField(_("SKU"), max_length=16, unique=True)
    name = models.CharField(_("name"), max_length=80)
    category = models.ForeignKey(
        Category,
        verbose_name=_("category"),
        on_delete=models.PROTECT,
        related_name="products",
        db_index=False,
    )
    description = models.CharField(_("description"), max_length=400)
    unit = models.CharField(
        _("unit"), max_length=40, help_text=_('What one piece is, such as "5 kg sack".')
    )
    price = models.DecimalField(_("price"), max_digits=10, decimal_places=2)
    search_words = models.CharField(_("search words"), max_length=200, blank=True)
    icon = models.CharField(_("icon"), max_length=40, help_text=_("The name of a Lucide icon."))
    active = models.BooleanField(
        _("active"),
        default=True,
        help_text=_("In the file now. Orders may name products that have left it."),
    )

    objects = ProductQuerySet.as_manager()

    class Meta:
        verbose_name = _("product")
        verbose_name_plural = _("products")
        ordering = ("name", "sku")
        constraints = [
            models.CheckConstraint(condition=models.Q(price__gt=0), name="product_price_above_zero")
        ]
        indexes = [
            models.Index(fields=["name", "sku"], name="product_by_name"),
            models.Index(fields=["category", "name", "sku"], name="product_by_category"),
            # For counting them, without reading them.
            models.Index(
                fields=["category"], condition=models.Q(active=True), name="product_active"
            ),
        ]

    def __str__(self):
        return f"{self.sku} {self.name}"

    def get_absolute_url(self):
        return reverse("product", args=[self.sku])

    @property
    def currency(self) -> str:
        return settings.CURRENCY

    @property
    def shown_unit(self) -> str:
        return self._shown("unit")

    @property
    def shown_description(self) -> str:
        return self._shown("description")


class Document(models.Model):
    """What an active product is found by in one language (catalog.indexing).

    `name_vector` has name, SKU and search words, `search_vector` these with all the rest.
    """

    pk = models.CompositePrimaryKey("product_id", "language")
    product = models.ForeignKey(
        Product, on_delete=models.CASCADE, related_name="documents", db_index=False
    )
    language = models.CharField(max_length=7, db_collation="C")
    # The product's own, so that a search within a category reads one table.
    category = models.ForeignKey(
        Category, on_delete=models.CASCADE, related_name="+", db_index=False
    )
    name_vector = SearchVectorField()
    search_vector = SearchVectorField()

    class Meta:
        indexes = [
            # Without fast update: a pending list would slow every search after a large load.
            GinIndex(fields=["name_vector"], name="document_name_search", fastupdate=False),
            GinIndex(fields=["search_vector"], name="document_search", fastupdate=False),
        ]

    def __str__(self):
        return f"{self.product_id} ({self.language})"


class Word(models.Model):
    """A word of the active products: how the search knows what a typed word may mean.

    `text` is the word as written, folded (catalog.words); `lexeme` is what PostgreSQL's
    configuration for the language makes of it; `weight` says how much the products speak of it;
    `misspellings` are the keys under which a typing error finds it (catalog.words.misspellings).
    """

    pk = models.CompositePrimaryKey("language", "text")
    language = models.CharField(max_length=7, db_collation="C")
    # Collation C: a range of the primary key's index is then all words with one beginning.
    text = models.CharField(max_length=50, db_collation="C")
    lexeme = models.CharField(max_length=50, db_collation="C")
    weight = models.PositiveIntegerField()
    misspellings = ArrayField(models.CharField(max_length=7))

    class Meta:
        indexes = [
            models.Index(fields=["lexeme"], name="word_lexeme"),
            GinIndex(fields=["misspellings"], name="word_misspellings", fastupdate=False),
        ]

    def __str__(self):
        return self.text

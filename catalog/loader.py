"""Making the tables say what the catalog's files say."""

from dataclasses import asdict, dataclass
from pathlib import Path

from django.db import connection, transaction

from catalog import indexing, languages, source
from catalog.models import Category, Product

# The lock that loads take, one after the other: any number that is nobody else's here.
LOAD_LOCK = 7_264_001
PRODUCT_FIELDS = (
    "name",
    "category_id",
    "description",
    "unit",
    "price",
    "search_words",
    "icon",
    "texts",
    "active",
)
CATEGORY_FIELDS = ("name", "icon", "texts", "position")
BATCH = 5_000


@dataclass(frozen=True)
class Loaded:
    """What a load came to: the size of the catalog, and how many products it touched.

    `retired` left the file and became inactive, since orders may name them; `returned` came back.
    """

    products: int
    categories: int
    created: int = 0
    updated: int = 0
    retired: int = 0
    returned: int = 0
    categories_changed: int = 0

    @property
    def changed(self) -> bool:
        return any(
            (self.created, self.updated, self.retired, self.returned, self.categories_changed)
        )


def load(products: Path = source.PRODUCTS, categories: Path = source.CATEGORIES) -> Loaded:
    """Load both files in one transaction, with their texts in other languages where such files
    stand beside them (products.de.csv); the second time changes nothing.

    Raises source.BadCatalogFile with every problem, or OSError for a file that cannot be read,
    before anything is written.
    """
    category_lines, product_lines = source.read(
        products, categories, [language.code for language in languages.OTHERS]
    )
    with transaction.atomic():
        _take_turns()
        categories_changed = _save_categories(category_lines)
        counts = _save_products(product_lines)
        categories_changed += _delete_categories_left(category_lines)
        loaded = Loaded(
            products=len(product_lines),
            categories=len(category_lines),
            categories_changed=categories_changed,
            **counts,
        )
        indexing.refresh()
        if loaded.changed:
            with connection.cursor() as cursor:
                # The planner would judge the first searches by the tables as they were before.
                cursor.execute(
                    "ANALYZE catalog_product, catalog_document, catalog_word, catalog_category"
                )
    return loaded


def _take_turns() -> None:
    """Wait for a load that is under way. Pages go on reading what was there before."""
    with connection.cursor() as cursor:
        # Time limits are for requests; a large catalog takes longer, and so does waiting for it.
        for limit in ("lock", "transaction", "idle_in_transaction_session"):
            cursor.execute(f"SET LOCAL {limit}_timeout = 0")
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOAD_LOCK])


def _save_categories(lines: list[source.CategoryLine]) -> int:
    before = {category.slug: category for category in Category.objects.all()}
    to_save = []
    for position, line in enumerate(lines, start=1):
        category = Category(**asdict(line), position=position)
        if _differs(category, before.get(category.slug), CATEGORY_FIELDS):
            to_save.append(category)
    Category.objects.bulk_create(
        to_save, update_conflicts=True, unique_fields=["slug"], update_fields=CATEGORY_FIELDS
    )
    return len(to_save)


def _delete_categories_left(lines: list[source.CategoryLine]) -> int:
    """Delete categories that left the file, but for those that inactive products still name."""
    left = Category.objects.exclude(slug__in=[line.slug for line in lines])
    return left.filter(products=None).delete()[0]


def _save_products(lines: list[source.ProductLine]) -> dict[str, int]:
    before = {product.sku: product for product in Product.objects.iterator(chunk_size=BATCH)}
    counts = {"created": 0, "updated": 0, "returned": 0}
    to_save = []
    for line in lines:
        values = asdict(line)
        product = Product(category_id=values.pop("category"), **values)
        old = before.get(product.sku)
        if _differs(product, old, PRODUCT_FIELDS):
            to_save.append(product)
            kind = "created" if old is None else "updated" if old.active else "returned"
            counts[kind] += 1
    Product.objects.bulk_create(
        to_save,
        batch_size=BATCH,
        update_conflicts=True,
        unique_fields=["sku"],
        update_fields=PRODUCT_FIELDS,
    )
    gone = before.keys() - {line.sku for line in lines}
    retired = Product.objects.active().filter(sku__in=gone).update(active=False)
    return counts | {"retired": retired}


def _differs(new, old, names: tuple[str, ...]) -> bool:
    return old is None or any(getattr(new, name) != getattr(old, name) for name in names)

from pathlib import Path

from django.core.management.base import BaseCommand, CommandError

from catalog import source
from catalog.loader import load


class Command(BaseCommand):
    help = "Load the product catalog from its files. Bad files are refused as a whole."

    def add_arguments(self, parser):
        parser.add_argument(
            "--products",
            type=Path,
            metavar="FILE",
            default=source.PRODUCTS,
            help="CSV, one product a line (default: catalog/data/products.csv)",
        )
        parser.add_argument(
            "--categories",
            type=Path,
            metavar="FILE",
            default=source.CATEGORIES,
            help="CSV, one category a line (default: catalog/data/categories.csv)",
        )

    def handle(self, *args, products, categories, **options):
        try:
            loaded = load(products, categories)
        except source.BadCatalogFile as error:
            raise CommandError(str(error)) from error
        except OSError as error:
            raise CommandError(
                f"Expected a readable file, found {error.filename}: {error.strerror}."
            ) from error

        catalog = f"{loaded.products} products in {loaded.categories} categories"
        if not loaded.changed:
            self.stdout.write(f"Catalog unchanged: {catalog}.")
            return
        self.stdout.write(
            f"Catalog loaded: {catalog}. {loaded.created} new, {loaded.updated} changed, "
            f"{loaded.returned} back, {loaded.retired} retired."
        )

"""The catalog's search among 100,000 products and among 160, in English and German: by a common
word, a rare one, a misspelled one and so on. What a page asks the database for: the products found,
how many they are, the first 24 of them, and how many each category would have. And the page."""

import itertools
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

from benchmarks import products
from benchmarks.database import fresh, machine, manage, use
from benchmarks.table import OURS, Goal, Table

ROUNDS = 7
SEARCHES = 8  # a sample, after two that open the connection and warm it up
FEW, MANY = 160, 100_000
AMONG_FEW = f"among {FEW} products"

# name -> language, what is asked for, and the category.
ASKED = {
    "a common word": ("en", "flour", ""),
    "a rare word": ("en", "saffron", ""),
    "two words": ("en", "white flour", ""),
    "a misspelled word": ("en", "flowr", ""),
    "a beginning": ("en", "flo", ""),
    "in a category": ("en", "flour", "flour-grain"),
    "no such word": ("en", "qzxvbn", ""),
    "everything, by name": ("en", "", ""),
    "a common word in German": ("de", "mehl", ""),
    "a compound's end in German": ("de", "milch", ""),
}


def table() -> Table:
    with fresh() as few, tempfile.TemporaryDirectory(prefix="tandem-") as folder:
        many = _copy(few, "many")
        for size, url in ((FEW, few), (MANY, many)):
            made = products.write(Path(folder), size)
            options = [f"--{name}={path}" for name, path in zip(OPTIONS, made, strict=True)]
            manage("load_catalog", *options, url=url)
            _vacuum(url)
        use(few)
        found = Table(
            "search",
            f"A search among {MANY:,} products",
            "ms",
            machine=machine(few),
            goals=[
                Goal(kind.format(name), AMONG_FEW, at_most=3)
                for kind, name in itertools.product(KINDS, ASKED)
            ],
        )
        catalogs = {AMONG_FEW: few, OURS: many}
        for _, (name, asked), (contender, url) in itertools.product(
            range(ROUNDS), ASKED.items(), catalogs.items()
        ):
            _connect(url)
            for kind, way in KINDS.items():
                found.add(kind.format(name), contender, _spent(way, *asked))
        return found


OPTIONS = ("products", "categories")


def _copy(url: str, name: str) -> str:
    """A second database on that server, with the same empty tables; its URL."""
    import psycopg

    place = urlsplit(url)
    server = urlunsplit(place._replace(path="/postgres"))
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE {name} TEMPLATE "{place.path.strip("/")}"')
    return urlunsplit(place._replace(path=f"/{name}"))


def _vacuum(url: str) -> None:
    """What PostgreSQL does by itself some minutes after a load."""
    import psycopg

    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("VACUUM ANALYZE")


def _connect(url: str) -> None:
    from django.db import connection

    connection.close()
    connection.settings_dict["NAME"] = urlsplit(url).path.strip("/")


def _spent(way: Callable, language: str, text: str, category: str) -> float:
    """Milliseconds for one of SEARCHES."""
    from django.utils import translation

    with translation.override(language):
        for number in range(SEARCHES + 2):
            if number == 2:
                begun = time.perf_counter()
            way(text, category)
    return (time.perf_counter() - begun) / SEARCHES * 1000


def _search(text: str, category: str) -> None:
    from catalog.models import Category
    from catalog.search import search
    from catalog.tallies import tally
    from catalog.views import pages

    list(Category.objects.in_use())
    found = search(text, category=category)
    tallies = tally(found, [])
    if found.count is None:
        found = replace(found, count=tallies.of(category))
    list(pages(found).get_page(1))


def _suggest(text: str, category: str) -> None:
    from catalog.search import search
    from catalog.views import SUGGESTED

    list(search(text).products.select_related("category")[:SUGGESTED])


KINDS = {"{}": _search, "suggestions for {}": _suggest}

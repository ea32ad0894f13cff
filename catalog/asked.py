"""What somebody asks the catalog for, words and filters, and what else when that finds nothing."""

from dataclasses import dataclass, replace
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.translation import gettext as _

from catalog.models import Category
from catalog.search import Found
from catalog.shelves import Shelf
from catalog.tallies import Tallies
from catalog.vocabulary import neighbours


@dataclass(frozen=True)
class Asked:
    q: str = ""
    category: Category | None = None
    shelf: Shelf | None = None

    @property
    def by(self) -> tuple[str, str]:
        """The slugs of category and shelf, "" where there is none: a key of Tallies."""
        return self.category.slug if self.category else "", self.shelf.slug if self.shelf else ""

    @property
    def url(self) -> str:
        category, shelf = self.by
        named = {"q": self.q, "category": category, "shelf": shelf}
        query = urlencode({name: value for name, value in named.items() if value})
        return reverse("catalog") + (f"?{query}" if query else "")

    @property
    def chips(self) -> list[tuple[str, str]]:
        """What is set, as (what it is called, the address without it)."""
        chips = [
            (_("“%(word)s”") % {"word": self.q} if self.q else "", replace(self, q="")),
            (self.category and self.category.shown_name, replace(self, category=None)),
            (self.shelf and self.shelf.name, replace(self, shelf=None)),
        ]
        return [(name, without.url) for name, without in chips if name]


@dataclass(frozen=True)
class Instead:
    """`near`: (words, address) of what may have been meant; `without`: (what is left out, address,
    how many products that finds or None where nobody counted)."""

    near: list[tuple[str, str]]
    without: list[tuple[str, str, int | None]]


def instead(asked: Asked, found: Found, tallies: Tallies | None) -> Instead:
    """What to try where nothing was found. Takes one query when words are missing, else none."""
    if found.missing:
        return Instead(_near(asked, found), _fewer_words(asked, found))
    if tallies is None:
        return Instead([], [])
    fewer = [
        (_("In all categories"), replace(asked, category=None)),
        (
            _("Without “%(filter)s”") % {"filter": asked.shelf.name if asked.shelf else ""},
            replace(asked, shelf=None),
        ),
        (_("Without any filter"), Asked(asked.q)),
    ]
    # Leaving out one of two filters is better than leaving out both.
    ways = [(name, way.url, tallies.of(*way.by)) for name, way in fewer if way != asked]
    ways = [way for way in ways if way[2]]
    return Instead([], ways if len({url for _, url, _ in ways}) == len(ways) else ways[:1])


def _near(asked: Asked, found: Found) -> list[tuple[str, str]]:
    words = [term.correction or term.typed for term in found.terms]
    near = []
    for missing, others in neighbours(found.missing, found.language).items():
        for other in others:
            meant = " ".join(other if word == missing else word for word in words)
            near.append((meant, replace(asked, q=meant).url))
    return near


def _fewer_words(asked: Asked, found: Found) -> list[tuple[str, str, None]]:
    if not found.known:
        return []
    name = _("Search for “%(words)s”") % {"words": found.known}
    return [(name, replace(asked, q=found.known).url, None)]

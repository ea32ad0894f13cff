"""What people are told of a category's streams: the store itself knows none of their words.

Each app registers its categories in its AppConfig. The admin reads them; nothing else does, and a
stream of a category that nobody registered is shown as it is stored.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from eventstore.decider import Decider


@dataclass(frozen=True, eq=False)
class Category:
    """`types` are the stored names of its events. `titles` names streams, in one query; those that
    it does not know are left out. `find` gives the ids of streams by a text that people know them
    by, at most `limit`. `tell` says in plain words what an event did to the state before it.
    `page` is where people see the stream's aggregate, or "". `explain` says why a command was
    refused, from the refusal's code and params; `wishes` are its commands in words, after "wanted
    to", and `reasons` what those codes are called. Words may be lazy, and are told in the language
    of who reads."""

    decider: Decider
    types: frozenset[str]
    titles: Callable[[Iterable[UUID]], dict[UUID, str]]
    find: Callable[[str, int], list[UUID]]
    tell: Callable[[Any, Any], str]
    page: Callable[[UUID], str] = lambda stream_id: ""
    explain: Callable[[str, dict[str, Any]], str] = lambda code, params: code
    wishes: Mapping[str, str] = field(default_factory=dict)
    reasons: Mapping[str, str] = field(default_factory=dict)

    @property
    def name(self) -> str:
        return self.decider.category


# name -> category; filled by the apps' AppConfigs.
categories: dict[str, Category] = {}


def register_category(category: Category) -> None:
    if category.name in categories:
        raise ValueError(f"expected one category named {category.name}, found two")
    categories[category.name] = category


def titles_of(streams: Iterable[tuple[UUID, str]]) -> dict[UUID, str]:
    """The titles of streams, given as pairs of id and category: one query a category."""
    by_category: dict[str, list[UUID]] = {}
    for stream_id, name in streams:
        by_category.setdefault(name, []).append(stream_id)
    found: dict[UUID, str] = {}
    for name, ids in by_category.items():
        if category := categories.get(name):
            found |= category.titles(ids)
    return found


def find_streams(text: str, limit: int) -> list[UUID]:
    """The ids of streams that people know by `text`, at most `limit` a category."""
    return [one for category in categories.values() for one in category.find(text, limit)]

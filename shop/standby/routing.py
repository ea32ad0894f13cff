"""Which pages a standby answers, and which tables it is asked for.

Both are lists to be read: a page that is not named here, and whatever runs outside of a page, is
asked of the primary. A session, who somebody is and what they may, and who is present (an unlogged
table has nothing on a standby) are never asked of anything else.
"""

from contextvars import ContextVar
from typing import Any

from django.db import DEFAULT_DB_ALIAS, connection

STANDBY = "standby"

# By the names of their addresses, for GET and HEAD. The order's own page is not among them: agents
# work on what it shows.
PAGES = {
    "catalog",
    "suggestions",
    "product",
    "orders",
    "current_order",
    "order_history",
    "api:products",
    "api:product",
}
# A program has to say how far it must see (position.HEADER), since it need not keep cookies.
CALLS = {"api:orders", "api:order_events"}

TABLES = {
    "catalog.category",
    "catalog.product",
    "catalog.document",
    "catalog.word",
    "ordering.orderhead",
    "ordering.orderline",
    "ordering.favourite",
    "eventstore.event",
    "eventstore.snapshot",
}

# Where the page at hand reads; the middleware sets it.
reads_from: ContextVar[str] = ContextVar("reads_from", default=DEFAULT_DB_ALIAS)


class Router:
    """Django's question where to read and write, answered for the page at hand."""

    def db_for_read(self, model: Any, **hints: Any) -> str:
        here = reads_from.get()
        # Whoever has begun a transaction wants to read what it wrote, and to be locked by it.
        if here == DEFAULT_DB_ALIAS or connection.in_atomic_block:
            return DEFAULT_DB_ALIAS
        return here if model._meta.label_lower in TABLES else DEFAULT_DB_ALIAS

    def db_for_write(self, model: Any, **hints: Any) -> str:
        return DEFAULT_DB_ALIAS

    def allow_relation(self, one: Any, other: Any, **hints: Any) -> bool:
        return True  # it is one database, read in two places

    def allow_migrate(self, db: str, app_label: str, **hints: Any) -> bool:
        return db == DEFAULT_DB_ALIAS

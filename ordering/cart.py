"""An order as its page shows it: plain values, by which what is drawn is kept (catalog.kept)."""

from datetime import datetime
from decimal import Decimal
from typing import NamedTuple
from uuid import UUID

from catalog.kept import Untouched
from ordering.lines import Line
from ordering.models import OrderHead


class Head(NamedTuple):
    """Of an OrderHead, with its agents' names."""

    order_id: UUID
    version: int
    number: str
    status: str
    reference: str
    note: str
    currency: str
    line_count: int
    total: Decimal
    opened_by: str
    opened_at: datetime
    changed_by: str
    changed_at: datetime
    closed_by: str
    closed_at: datetime | None
    cancel_reason: str
    is_open: bool


class Source(NamedTuple):
    """The order that it was copied from."""

    order_id: UUID
    number: str


class Cart(NamedTuple):
    """All that is shown of it. `here`: the page's own address. The forms are those that nobody has
    typed in; what was typed is shown in their place."""

    order: Head
    lines: tuple[Line, ...]
    source: Source | None
    may_change: bool
    may_copy: bool
    here: str
    adding: Untouched
    details: Untouched
    cancellation: Untouched


def told(head: OrderHead) -> Head:
    """The head, whose agents are set (ordering.queries.with_agents)."""
    values = {name: getattr(head, name) for name in Head._fields}
    for name in ("opened_by", "changed_by", "closed_by"):
        values[name] = values[name].display_name
    return Head(**values)

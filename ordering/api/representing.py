"""Orders, products and events as JSON values, as ordering.api.schemas documents them."""

from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal
from functools import reduce
from typing import Any
from uuid import UUID

from catalog.models import Product
from eventstore.codec import codec
from eventstore.statements import Statement, run
from eventstore.store import RecordedEvent, read_stream
from ordering.domain import order as domain
from ordering.models import Agent, OrderHead
from ordering.queries import HEAD_COLUMNS, HEAD_TABLES, head_of

# What of an event is nobody's business outside: the shop's own keys.
OURS = {"customer_id"}

# One statement: a command may commit between two. Lines as texts, since an array's elements are of
# one type. Written out: Django would put it together for each call.
NOW = f"""
SELECT {HEAD_COLUMNS}, ARRAY (
           SELECT ARRAY[sku, name, unit, quantity::text, unit_price::text]
             FROM ordering_orderline AS line WHERE line.order_id = head.order_id
            ORDER BY added_version
       )
  FROM {HEAD_TABLES} WHERE head.order_id = %s AND head.customer_id = %s
"""  # noqa: S608  (of constants)


def order_now(agent: Agent, order_id: UUID) -> dict[str, Any] | None:
    """The order of the agent's customer as its read rows have it, all at one version; or None."""
    found = run(Statement(NOW, [order_id, agent.customer_id]))
    if not found:
        return None
    [(*row, lines)] = found
    head = head_of(tuple(row))
    return head_out(head) | {
        "note": head.note,
        "cancel_reason": head.cancel_reason,
        "copied_from": _text(head.copied_from),
        "lines": [
            _line(sku, name, unit, int(quantity), Decimal(price))
            for sku, name, unit, quantity, price in lines
        ],
    }


def order_as_it_was(order_id: UUID, version: int) -> dict[str, Any]:
    """The order at a version that it has reached, from its events. Raises UnreadableEvent."""
    recorded = list(read_stream(order_id, upto=version))
    order = reduce(domain.evolve, (one.event for one in recorded), domain.INITIAL)
    first, last = recorded[0], recorded[-1]
    closing = last if order.status is not domain.Status.OPEN else None
    names = names_of([first, last])
    return {
        "id": str(order_id),
        "number": order.number,
        "status": order.status.value,
        "reference": order.reference,
        "version": last.version,
        "line_count": len(order.lines),
        "total": money(order.total),
        "currency": order.currency,
        "opened_by": names[first.metadata.actor],
        "opened_at": moment(first.recorded_at),
        "changed_by": names[last.metadata.actor],
        "changed_at": moment(last.recorded_at),
        "closed_by": names[closing.metadata.actor] if closing else None,
        "closed_at": moment(closing.recorded_at) if closing else None,
        "note": order.note,
        "cancel_reason": getattr(last.event, "reason", ""),
        "copied_from": _text(first.event.copied_from),
        "lines": [
            _line(sku, line.name, line.unit, line.quantity, line.unit_price)
            for sku, line in order.lines.items()
        ],
    }


def head_out(head: OrderHead) -> dict[str, Any]:
    """`head` with its agents (ordering.queries.with_agents)."""
    return {
        "id": str(head.order_id),
        "number": head.number,
        "status": head.status,
        "reference": head.reference,
        "version": head.version,
        "line_count": head.line_count,
        "total": money(head.total),
        "currency": head.currency,
        "opened_by": head.opened_by.username,
        "opened_at": moment(head.opened_at),
        "changed_by": head.changed_by.username,
        "changed_at": moment(head.changed_at),
        "closed_by": head.closed_by.username if head.closed_at else None,
        "closed_at": moment(head.closed_at) if head.closed_at else None,
    }


def product_out(product: Product) -> dict[str, Any]:
    return {
        "sku": product.sku,
        "name": product.name,
        "category": product.category_id,
        "description": product.description,
        "unit": product.unit,
        "unit_price": money(product.price),
        "currency": product.currency,
        "active": product.active,
    }


def events_out(recorded: Iterable[RecordedEvent]) -> list[dict[str, Any]]:
    """Costs one query, for the names."""
    recorded = list(recorded)
    names = names_of(recorded)
    return [event_out(one, names) for one in recorded]


def event_out(recorded: RecordedEvent, names: dict[int | None, str | None]) -> dict[str, Any]:
    encoded = codec.encode(recorded.event)
    return {
        "version": recorded.version,
        "type": encoded.type,
        "data": {name: value for name, value in encoded.data.items() if name not in OURS},
        "actor": names[recorded.metadata.actor],
        "recorded_at": moment(recorded.recorded_at),
    }


def names_of(recorded: Iterable[RecordedEvent]) -> dict[int | None, str | None]:
    """The usernames of those who acted: {agent's id: username}, None for the shop itself."""
    ids = {one.metadata.actor for one in recorded}
    known = dict(Agent.objects.filter(pk__in=ids - {None}).values_list("pk", "username"))
    return {one: None if one is None else known.get(one, "someone") for one in ids}


def money(amount: Decimal) -> str:
    return f"{amount:.2f}"


def moment(at: datetime) -> str:
    return at.isoformat().replace("+00:00", "Z")


def _line(sku: str, name: str, unit: str, quantity: int, price: Decimal) -> dict[str, Any]:
    return {
        "sku": sku,
        "name": name,
        "unit": unit,
        "quantity": quantity,
        "unit_price": money(price),
        "line_total": money(quantity * price),
    }


def _text(value: UUID | None) -> str | None:
    return None if value is None else str(value)

"""What lies on an agent's desk: the current order, and the customer's other open ones."""

from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal
from functools import cached_property
from typing import NamedTuple
from uuid import UUID

from django.db import connection, router

from eventstore.decider import Outcome
from eventstore.statements import Statement, run
from ordering import handling
from ordering.domain.refusal import Refused
from ordering.handling import Caller
from ordering.models import Agent, OrderHead, OrderLine
from ordering.queries import with_agents

OPENING = 0x7A4D  # the family of advisory locks for agents who are opening an order
CHOICES = 12  # orders in the header's menu; the order list has the rest


class Listed(NamedTuple):
    """What the header shows of an order: plain values (catalog.kept)."""

    order_id: UUID
    version: int
    number: str
    reference: str
    line_count: int
    total: Decimal
    currency: str


class Named(NamedTuple):
    """What stays of it, whatever is done to its lines."""

    order_id: UUID
    number: str
    reference: str


# Written out, since every page asks for it: Django would put it together each time.
OPEN = f"""
SELECT {", ".join(Listed._fields)} FROM ordering_orderhead
 WHERE customer_id = %s AND status = 'open' ORDER BY opened_at DESC, order_id DESC LIMIT %s
"""  # noqa: S608


class Desk:
    """Looked up on first use: a page asks only for what it shows."""

    def __init__(self, agent: Agent) -> None:
        self.agent = agent

    @cached_property
    def _chosen(self) -> OrderHead | None:
        if not (self.agent.current_order_id and self.agent.customer_id):
            return None
        return OrderHead.objects.filter(
            pk=self.agent.current_order_id, customer=self.agent.customer_id
        ).first()

    @cached_property
    def order(self) -> Listed | None:
        """The current order. One that is closed counts as none."""
        if not (self.agent.current_order_id and self.agent.customer_id):
            return None
        if "_chosen" not in self.__dict__:
            # Most often it is one of those that the header lists anyway.
            for listed in self.open_orders:
                if listed.order_id == self.agent.current_order_id:
                    return listed
        if not (self._chosen and self._chosen.is_open):
            return None
        return Listed(*(getattr(self._chosen, name) for name in Listed._fields))

    @property
    def named(self) -> Named | None:
        """What the current order is called."""
        return self.order and Named(self.order.order_id, self.order.number, self.order.reference)

    @property
    def has_choices(self) -> bool:
        return bool(self.open_orders)

    @cached_property
    def lost(self) -> OrderHead | None:
        """The chosen order, when a colleague has closed it since."""
        if self._chosen is None or self._chosen.is_open:
            return None
        return with_agents([self._chosen], "closed_by")[0]

    @cached_property
    def open_orders(self) -> tuple[Listed, ...]:
        """The customer's open orders, newest first, at most CHOICES."""
        asked = Statement(OPEN, [self.agent.customer_id, CHOICES])
        rows = run(asked, router.db_for_read(OrderHead))
        return tuple(Listed(*row) for row in rows)

    @cached_property
    def quantities(self) -> dict[str, int]:
        """How many of each sku are in the current order."""
        if self.order is None:
            return {}
        lines = OrderLine.objects.filter(order_id=self.order.order_id)
        return dict(lines.values_list("sku", "quantity"))

    def choose(self, order_id: UUID | None) -> None:
        """Make an order the current one; None: no order."""
        self.agent.current_order_id = order_id
        Agent.objects.filter(pk=self.agent.pk).update(current_order_id=order_id)
        self.__dict__.pop("_chosen", None)
        self.__dict__.pop("order", None)
        self.__dict__.pop("lost", None)


def add_to_current_order(
    by: Caller, items: list[tuple[str, int]], *, key: str, anew: bool = False
) -> Outcome:
    """Add to the order that is the agent's current one *now*; open one when there is none.

    Raises Refused; its code is "order-closed" also when a colleague has closed the current order:
    where the items then go is the agent's to say, and `anew` says: into a new order.
    """
    # A repeated request goes where the first one went, whatever is current by now.
    order_id = handling.sent_to(by, key)
    if order_id is None and not anew:
        order_id = _current(by, items, key)
    if order_id not in (None, handling.opened_with(by, key)):
        return handling.add_items(by, order_id, items, key=key)
    with _one_at_a_time(by.agent):
        # Another tab may have opened one since.
        if order_id is None and not anew and (order_id := _current(by, items, key)):
            return handling.add_items(by, order_id, items, key=key)
        outcome = handling.open_order(by, key=key, items=items)
        Desk(by.agent).choose(outcome.stream_id)
    return outcome


def _current(by: Caller, items: list[tuple[str, int]], key: str) -> UUID | None:
    """The agent's current order as it is in the database now. Refused when somebody closed it."""
    by.agent.refresh_from_db(fields=["current_order_id"])
    desk = Desk(by.agent)
    if lost := desk.lost:
        refused = Refused("order-closed", number=lost.number, status=lost.status)
        raise handling.note_refused(by, lost.order_id, ("add", items), refused, key)
    return desk.order.order_id if desk.order else None


@contextmanager
def _one_at_a_time(agent: Agent) -> Iterator[None]:
    """Two tabs that find no current order must not open one each."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(%s, %s)", [OPENING, agent.pk])
        try:
            yield
        finally:
            # A connection that was lost has let go of the lock by itself.
            if connection.connection and not connection.connection.closed:
                cursor.execute("SELECT pg_advisory_unlock(%s, %s)", [OPENING, agent.pk])

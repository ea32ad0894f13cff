"""What a simulation does with the database itself: its agents before, the log after."""

import random
from collections.abc import Iterable
from uuid import UUID

from django.contrib.auth.hashers import make_password
from django.db.models import Max

from catalog.models import Product
from eventstore.models import Command, Event
from eventstore.store import RecordedEvent, read_stream
from ordering.domain.order import Line, Order, Status
from ordering.models import Agent, Customer, OrderHead, OrderLine
from ordering.simulation.verdict import Shown

CODE, NAME = "SIM", "Simulation"
SKUS = 8  # that all agents order: few, so that they meet on the same lines


class Unfit(Exception):
    """A database that a simulation must not or cannot use."""


def some_skus(dice: random.Random) -> list[str]:
    """Raises Unfit for an empty catalog."""
    skus = list(Product.objects.filter(active=True).order_by("sku").values_list("sku", flat=True))
    if not skus:
        raise Unfit("Expected products in the catalog, found none. Run `manage.py load_catalog`.")
    return dice.sample(skus, min(SKUS, len(skus)))


def make_agents(count: int, password: str) -> list[Agent]:
    """The first `count` agents of the simulation, with this password. Raises Unfit."""
    customer, _ = Customer.objects.get_or_create(code=CODE, defaults={"name": NAME})
    if customer.name != NAME:
        raise Unfit(f"Expected {CODE} to be the customer {NAME}, found {customer.name}.")
    agents = [
        Agent.objects.get_or_create(
            username=f"sim-{number:02d}",
            defaults={"first_name": f"Agent {number:02d}", "customer": customer},
        )[0]
        for number in range(1, count + 1)
    ]
    for agent in agents:
        if agent.customer_id != customer.pk or agent.is_staff:
            raise Unfit(f"Expected {agent} to be an agent of {NAME}, found another's.")
    set_password(agents, password)
    return agents


def set_password(agents: Iterable[Agent], password: str | None) -> None:
    """The same for all, since hashing it is slow. None: nobody can log in as them."""
    pks = [agent.pk for agent in agents]
    Agent.objects.filter(pk__in=pks).update(password=make_password(password))


def last_position() -> int:
    return Event.objects.aggregate(last=Max("position"))["last"] or 0


def read_log(
    agents: Iterable[int], since: int, known: set[UUID]
) -> tuple[list[RecordedEvent], list[Command], dict[UUID, Shown]]:
    """The whole streams that the agents changed after position `since`, and those that are `known`:
    events, commands, and what the read rows show."""
    new = Event.objects.filter(position__gt=since, metadata__actor__in=list(agents))
    orders = known | set(new.values_list("stream_id", flat=True).distinct())
    events = [recorded for order_id in orders for recorded in read_stream(order_id)]
    commands = list(Command.objects.filter(stream_id__in=orders))
    return events, commands, _read_shown(orders)


def _read_shown(orders: set[UUID]) -> dict[UUID, Shown]:
    lines: dict[UUID, dict[str, Line]] = {order_id: {} for order_id in orders}
    for row in OrderLine.objects.filter(order_id__in=orders).order_by("added_version"):
        line = Line(row.name, row.unit, row.quantity, row.unit_price)
        lines[row.order_id][row.sku] = line
    return {
        head.order_id: Shown(
            Order(
                Status(head.status),
                head.number,
                head.customer_id,
                head.currency,
                head.reference,
                head.note,
                lines[head.order_id],
            ),
            head.version,
            head.line_count,
            head.total,
        )
        for head in OrderHead.objects.filter(pk__in=orders)
    }

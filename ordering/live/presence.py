"""Whose browsers are on an order's page now, and what they have the cursor in.

A row stands for one stream. The page behind it sends a sign of life every few seconds, to whichever
process; a row without one counts no more, and is deleted soon after. Nothing of it is kept.
"""

import re
from collections.abc import Iterable
from datetime import timedelta
from typing import Any, NamedTuple
from uuid import UUID

from django.db.models.functions import Now

from ordering.models import Agent, Presence
from ordering.queries import with_agents

ALIVE = 12  # seconds after the last sign of life; pages send one every 4
PLACE = re.compile(r"[A-Za-z0-9_.-]{0,40}")

SIGNS = """
UPDATE ordering_presence AS row SET place = sign.place, seen_at = clock_timestamp()
  FROM unnest(%s::uuid[], %s::text[]) AS sign (id, place)
 WHERE row.id = sign.id
"""
ARRIVED = """
INSERT INTO ordering_presence (id, order_id, agent_id, place, seen_at)
SELECT id, order_id, agent_id, '', clock_timestamp()
  FROM unnest(%s::uuid[], %s::uuid[], %s::bigint[]) AS new (id, order_id, agent_id)
ON CONFLICT (id) DO NOTHING
"""
LEFT = "DELETE FROM ordering_presence WHERE id = ANY(%s)"
SWEEP = "DELETE FROM ordering_presence WHERE seen_at < clock_timestamp() - interval '1 minute'"
HERE = f"""
SELECT DISTINCT row.order_id, row.agent_id, row.place, username, first_name, last_name
  FROM ordering_presence AS row JOIN ordering_agent AS agent ON agent.id = row.agent_id
 WHERE row.order_id = ANY(%s)
   AND row.seen_at > clock_timestamp() - interval '{ALIVE} seconds'
 ORDER BY row.order_id, username, row.agent_id, row.place
"""  # noqa: S608  (a constant)


class Here(NamedTuple):
    """An agent who has the order open, in one tab or several."""

    agent_id: int
    name: str
    initials: str
    places: tuple[str, ...]


async def read_presence(connection: Any, order_ids: Iterable[UUID]) -> dict[UUID, tuple[Here, ...]]:
    """Who is on each of the orders' pages, by a psycopg AsyncConnection."""
    cursor = await connection.execute(HERE, [list(order_ids)])
    places: dict[tuple[UUID, int], set[str]] = {}
    agents: dict[int, Agent] = {}
    for order_id, agent_id, place, username, first_name, last_name in await cursor.fetchall():
        places.setdefault((order_id, agent_id), set()).add(place)
        if agent_id not in agents:
            agents[agent_id] = Agent(username=username, first_name=first_name, last_name=last_name)
    found: dict[UUID, tuple[Here, ...]] = {}
    for (order_id, agent_id), at in places.items():
        found[order_id] = (*found.get(order_id, ()), _here(agent_id, agents[agent_id], at))
    return found


def colleagues_on(order_id: UUID, agent: Agent) -> list[Here]:
    """Who else has the order's page open, for the page that is about to be shown."""
    alive = Presence.objects.filter(
        order_id=order_id, seen_at__gt=Now() - timedelta(seconds=ALIVE)
    ).exclude(agent=agent.pk)
    places: dict[int, set[str]] = {}
    agents: dict[int, Agent] = {}
    for row in with_agents(alive.order_by("agent_id"), "agent"):
        places.setdefault(row.agent_id, set()).add(row.place)
        agents[row.agent_id] = row.agent
    return [_here(agent_id, agents[agent_id], at) for agent_id, at in places.items()]


def _here(agent_id: int, agent: Agent, places: set[str]) -> Here:
    return Here(agent_id, agent.display_name, agent.initials, tuple(sorted(places - {""})))

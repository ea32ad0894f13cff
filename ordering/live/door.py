"""Who may open a stream, and who may keep it."""

import hashlib
from collections.abc import Iterable
from importlib import import_module
from typing import Any, NamedTuple
from uuid import UUID

from django.conf import settings
from django.contrib.auth import get_user
from django.db import close_old_connections
from django.http import HttpRequest
from django.http.cookie import parse_cookie

from ordering.models import OrderHead
from ordering.second_factor.steps import suffices

STILL_WELCOME = """
SELECT visitor.session_key, visitor.agent_id
  FROM unnest(%s::text[], %s::bigint[], %s::bigint[], %s::text[])
       AS visitor (session_key, agent_id, customer_id, proof)
  LEFT JOIN django_session AS session
    ON session.session_key = visitor.session_key AND session.expire_date > clock_timestamp()
  LEFT JOIN ordering_apitoken AS token
    ON 'token ' || token.id = visitor.session_key AND token.revoked_at IS NULL
  JOIN ordering_agent AS agent
    ON agent.id = visitor.agent_id AND agent.is_active
   AND agent.customer_id = visitor.customer_id
   AND encode(sha256(convert_to(
           agent.password || CASE WHEN token.id IS NULL THEN '-' || agent.session_round ELSE '' END,
           'UTF8')), 'hex') = visitor.proof
 WHERE session.session_key IS NOT NULL OR token.id IS NOT NULL
"""


class Visitor(NamedTuple):
    """An agent in a session; or with a token, whose session key is "token <id>". `proof` is a
    digest of the stored password, to notice a change; for a session, also of its round."""

    session_key: str
    agent_id: int
    customer_id: int
    proof: str


class TurnedAway(Exception):
    """`status`: 401 without a session; 404 for an order that is not there, or another's, which
    the agent with `agent_id` asked for."""

    def __init__(self, status: int, agent_id: int | None = None) -> None:
        self.status, self.agent_id = status, agent_id
        super().__init__(status)


def is_session_key(sent: str) -> bool:
    """Whether it may be one at all: a NUL, for one, is nothing to ask the database for."""
    return sent.isascii() and sent.isalnum()


def session_key_in(cookies: str) -> str:
    return parse_cookie(cookies).get(settings.SESSION_COOKIE_NAME, "")


def admit(cookies: str, order_id: UUID | None) -> Visitor:
    """Who asks, by the session in the request's cookies, and whether that order is theirs.

    Takes a thread and a connection while it looks. Raises TurnedAway, and OperationalError while
    the database is away.
    """
    close_old_connections()
    try:
        request = HttpRequest()
        key = session_key_in(cookies)
        if not is_session_key(key):
            raise TurnedAway(401)
        request.session = import_module(settings.SESSION_ENGINE).SessionStore(key)
        agent = get_user(request)
        if not (agent.is_authenticated and agent.customer_id):
            raise TurnedAway(401)
        if not suffices(agent, request.session):
            raise TurnedAway(401)
        if order_id is not None:
            theirs = OrderHead.objects.filter(pk=order_id, customer=agent.customer_id)
            if not theirs.exists():
                raise TurnedAway(404, agent.pk)
        return Visitor(
            request.session.session_key,
            agent.pk,
            agent.customer_id,
            digest(f"{agent.password}-{agent.session_round}"),
        )
    finally:
        close_old_connections()


def digest(proof: str) -> str:
    return hashlib.sha256(proof.encode()).hexdigest()


async def still_welcome(connection: Any, visitors: Iterable[Visitor]) -> set[tuple[str, int]]:
    """Those that are logged in still, active, and of the same customer: (session key, agent id).

    By a psycopg AsyncConnection, in one query for all.
    """
    cursor = await connection.execute(
        STILL_WELCOME, [list(column) for column in zip(*visitors, strict=True)]
    )
    return set(await cursor.fetchall())

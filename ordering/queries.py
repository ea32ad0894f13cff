"""What the order pages read."""

from collections.abc import Iterable
from datetime import UTC, datetime
from uuid import UUID

from django.db import router
from django.db.models import Count, Q
from django.http import Http404
from django.utils.translation import gettext_lazy as _

from eventstore.statements import Statement, run
from ordering.models import Agent, OrderHead
from ordering.rows import columns, made

PAGE = 20  # orders on a page of the list

# Stands where a row names an agent who is no longer there.
SOMEONE = Agent(username="someone", first_name=_("Someone"))

NAMED = ("id", "username", "first_name", "last_name")
AGENTS = f"SELECT {', '.join(NAMED)} FROM ordering_agent WHERE id = ANY(%s)"  # noqa: S608
HANDS = ("opened_by", "changed_by", "closed_by")
# An order's head with its agents, see `head_of`.
HEAD_COLUMNS = ", ".join(
    [*(f"{by}.{name}" for by in HANDS for name in NAMED), columns(OrderHead, "head")]
)
HEAD_TABLES = "ordering_orderhead AS head " + " ".join(
    f"LEFT JOIN ordering_agent AS {by} ON {by}.id = head.{by}_id" for by in HANDS
)
HEAD = f"""
SELECT {HEAD_COLUMNS} FROM {HEAD_TABLES} WHERE head.order_id = %s AND head.customer_id = %s
"""  # noqa: S608  (of constants)


def with_agents(rows: Iterable, *links: str) -> list:
    """The rows with their agents, which cost one query in all.

    Not select_related: that joins, and would lose the rows whose agent has been deleted.
    """
    rows = list(rows)
    ids = {getattr(row, f"{link}_id") for row in rows for link in links}
    agents = _agents(ids - {None})
    for row in rows:
        for link in links:
            setattr(row, link, agents.get(getattr(row, f"{link}_id"), SOMEONE))
    return rows


def _agents(ids: set[int]) -> dict[int, Agent]:
    """As they are named; the rest of them is read when it is asked for."""
    rows = run(Statement(AGENTS, [list(ids)]), router.db_for_read(OrderHead))
    return {row[0]: Agent.from_db(None, NAMED, row) for row in rows}


def order_head(agent: Agent, order_id: UUID) -> OrderHead:
    """An order of the agent's customer, with its agents. Raises Http404, alike for a missing one
    and another's."""
    asked = Statement(HEAD, [order_id, agent.customer_id])
    found = run(asked, router.db_for_read(OrderHead))
    if not found:
        raise Http404
    return head_of(found[0])


def head_of(row: tuple) -> OrderHead:
    """The head of a row of HEAD_COLUMNS; its agents as they are named."""
    named = [row[at : at + len(NAMED)] for at in range(0, len(HANDS) * len(NAMED), len(NAMED))]
    [head] = made(row[len(HANDS) * len(NAMED) :], OrderHead)
    for link, values in zip(HANDS, named, strict=True):
        known = values[0] is not None
        setattr(head, link, Agent.from_db(None, NAMED, values) if known else SOMEONE)
    return head


def order_counts(agent: Agent) -> dict[str, int]:
    """How many orders the agent's customer has: {"open", "completed", "cancelled", "all"}."""
    statuses = ("open", "completed", "cancelled")
    counts = {status: Count("pk", filter=Q(status=status)) for status in statuses}
    heads = OrderHead.objects.filter(customer=agent.customer_id)
    return heads.aggregate(**counts, all=Count("pk"))


def order_page(agent: Agent, status: str, before: str) -> tuple[list[OrderHead], str]:
    """The customer's orders, newest first, after the cursor `before`; and the next cursor or "".

    Paged by key: a page is as quick at the end as at the start, and orders that are opened
    meanwhile move nothing. A cursor that is not one of ours means the first page.
    """
    heads = OrderHead.objects.filter(customer=agent.customer_id).order_by("-opened_at", "-order_id")
    if status != "all":
        heads = heads.filter(status=status)
    if key := _key(before):
        opened_at, order_id = key
        heads = heads.filter(Q(opened_at__lt=opened_at) | Q(opened_at=opened_at, pk__lt=order_id))
    page = with_agents(heads[: PAGE + 1], *HANDS)
    more, page = len(page) > PAGE, page[:PAGE]
    return page, f"{page[-1].opened_at.isoformat()}_{page[-1].pk}" if more else ""


def _key(cursor: str) -> tuple[datetime, UUID] | None:
    opened_at, _, order_id = cursor.partition("_")
    try:
        moment = datetime.fromisoformat(opened_at)
        # In UTC: PostgreSQL knows fewer offsets than Python.
        return (moment.astimezone(UTC), UUID(order_id)) if moment.tzinfo else None
    except (ValueError, OverflowError):
        return None

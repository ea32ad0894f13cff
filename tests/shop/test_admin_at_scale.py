"""The admin on a long log: each page costs as many queries as on a short one, and none of them
walks the log. EVENTS=1000000 pytest -s, with this file, also tells what each page takes.
"""

import os
import re
import statistics
import time
from dataclasses import dataclass, field
from datetime import timedelta

import pytest
from django.apps import apps
from django.contrib.contenttypes.models import ContentType
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from eventstore import replay
from eventstore.models import Event, Refusal, Stream
from eventstore.projections import asynchronous, inline
from ordering.models import OrderHead
from tests.seeding import seed_orders

EVENTS = int(os.environ.get("EVENTS", "20000"))
TOLD = "EVENTS" in os.environ
SHORT = 2_000
ROUNDS = 5
LOOKUP = "event"  # the page that is a look-up by primary key
# With this many events, no plan that walks one of these is the best one there is.
LARGE = {"eventstore_event"}
if EVENTS >= 500_000:
    LARGE |= {"eventstore_stream", "eventstore_refusal", "ordering_orderhead"}
WALKS = re.compile(rf"Seq Scan on ({'|'.join(sorted(LARGE))})\b")


def listed(model: str, **asked):
    return reverse(f"admin:{model}_changelist", query=asked)


def one(model: str, key):
    return reverse(f"admin:{model}_change", args=[key])


def pages() -> dict[str, str]:
    """An address of each, by what it is called. Of an order that is neither first nor last."""
    head = OrderHead.objects.order_by("opened_at")[30]
    event = Event.objects.get(stream=head.pk, version=7)
    refusal = Refusal.objects.order_by("pk")[5]
    day = f"{timezone.localtime(event.recorded_at):%Y-%m-%d}"
    moment = f"{timezone.localtime(event.recorded_at):%Y-%m-%dT%H:%M}"
    correlation = event.metadata["correlation_id"]
    lists = {
        "events": ("eventstore_event", {
            "type": {"type": "QuantityChanged"},
            "category": {"category": "order"},
            "source": {"source": "seed"},
            "actor": {"actor": "bob"},
            "actor of nothing": {"actor": "charlie"},
            "shop": {"actor": "(shop)"},
            "until": {"until": moment},
            "from and until": {"from": day, "until": moment},
            "type and actor": {"type": "OrderCancelled", "actor": "alice"},
            "type, actor and time": {"type": "ItemAdded", "actor": "bob", "until": moment},
            "correlation": {"correlation": correlation},
            "stream": {"stream__id__exact": f"{head.pk}"},
            "search position": {"q": f"{event.pk}"},
            "search number": {"q": head.number},
            "search beginning": {"q": "SE-2026-1"},
            "search customer": {"q": "harbour"},
            "search miss": {"q": "no such thing"},
        }),
        "streams": ("eventstore_stream", {
            "category": {"category": "order"},
            "actor": {"actor": "bob"},
            "from": {"from": day},
            "until": {"until": day},
            "category, actor and day": {"category": "order", "actor": "alice", "from": day},
            "search number": {"q": head.number},
            "search beginning": {"q": "SE-2026-1"},
            "search customer": {"q": "harbour"},
            "search id": {"q": f"{head.pk}"[:6]},
            "search miss": {"q": "no such thing"},
        }),
        "refusals": ("eventstore_refusal", {
            "conflicts": {"kind": "conflict"},
            "rejected": {"kind": "rejected"},
            "reason": {"code": "order-closed"},
            "actor": {"actor": "bob"},
            "day": {"from": day},
            "reason, actor and day": {"code": "conflict", "actor": "alice", "from": day},
            "correlation": {"correlation": refusal.correlation_id},
            "search number": {"q": head.number},
            "search miss": {"q": "no such thing"},
        }),
        "orders": ("ordering_orderhead", {
            "status": {"status": "open"},
            "customer": {"customer": "Harbour Café"},
            "status and customer": {"status": "completed", "customer": "HC"},
            "day": {"from": day, "until": day},
            "search number": {"q": head.number},
            "search beginning": {"q": "SE-2026-1"},
            "search customer": {"q": "harbour"},
            "search id": {"q": f"{head.pk}"},
            "search miss": {"q": "no such thing"},
        }),
        "figures": ("ordering_dailyfigure", {
            "customer": {"customer": "HC"},
            "day": {"from": day, "until": day},
        }),
        "customers": ("ordering_customer", {"search": {"q": "harbour"}}),
        "agents": ("ordering_agent", {"search": {"q": "harbour"}}),
        "skips": ("eventstore_skip", {}),
    }  # fmt: skip
    found = {LOOKUP: one("eventstore_event", event.pk)}
    for name, (model, narrowed) in lists.items():
        found[name] = listed(model)
        if name in ("events", "streams", "refusals", "orders", "figures"):
            found[f"{name}, last page"] = listed(model, oldest=1)
        found |= {f"{name}, {of}": listed(model, **asked) for of, asked in narrowed.items()}
    found["events, last page of an actor"] = listed("eventstore_event", actor="bob", oldest=1)
    return found | {
        "stream": one("eventstore_stream", head.pk),
        "stream, earlier": f"{one('eventstore_stream', head.pk)}?at=7&path=/number",
        "refusal": one("eventstore_refusal", refusal.pk),
        "order": one("ordering_orderhead", head.pk),
        "projections": listed("eventstore_checkpoint"),
        "projection": one("eventstore_checkpoint", "orders"),
        "dashboard": reverse("admin:index"),
    }


@dataclass
class Cost:
    queries: list[str] = field(default_factory=list)
    milliseconds: float = 0.0


@pytest.fixture
def long_log(transactional_db, harbour, alice, bob, charlie, roles):
    """Fills the log so far, with refusals, and makes the read rows."""
    stored = 0

    def fill(events: int) -> None:
        nonlocal stored
        with connection.cursor() as cursor:
            stored += seed_orders(
                cursor,
                events - stored,
                customer=harbour.pk,
                actor=alice.pk,
                others=[bob.pk],
                after=stored,
            )
        _refuse(events // 20, [alice.pk, bob.pk])
        for projection in (inline | asynchronous).values():
            replay.replay(projection, workers=1)
            replay.drop_previous(projection)
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")

    return fill


def _refuse(count: int, actors: list[int]) -> None:
    begin = Event.objects.order_by("-pk")[0].recorded_at
    codes = ("conflict", "order-closed", "no-such-product")
    streams = list(Stream.objects.values_list("pk", flat=True)[:count])
    Refusal.objects.bulk_create(
        [
            Refusal(
                stream_id=streams[n % len(streams)],
                category="order",
                actor=actors[n % 2],
                source="web",
                correlation_id=f"refused-{n}",
                command="ChangeQuantity",
                asked={"sku": "PRD-1", "quantity": n},
                code=codes[n % 3],
                params={},
                seen=3,
                version=5,
                recorded_at=begin + timedelta(seconds=n),
            )
            for n in range(count)
        ],
        batch_size=1_000,
    )


def look(client, rounds: int = 0) -> dict[str, Cost]:
    asked = pages()
    # What a process keeps: the kinds of rows, and the hours that are over.
    ContentType.objects.get_for_models(*apps.get_models())
    client.get(asked["dashboard"])
    costs = {}
    for name, url in asked.items():
        with CaptureQueriesContext(connection) as captured:
            assert client.get(url).status_code == 200, f"{name}: {url}"
        # The next request forgets them.
        queries = [query["sql"] for query in captured.captured_queries]
        taken = [timed(client, url) for _ in range(rounds)]
        costs[name] = Cost(queries, statistics.median(taken or [0.0]))
    return costs


def timed(client, url: str) -> float:
    began = time.perf_counter()
    client.get(url)
    return 1000 * (time.perf_counter() - began)


def walks(sql: str) -> str:
    """The plan, when it reads the whole of a large table."""
    if not re.match(r"\s*(SELECT|WITH|\()", sql) or not any(table in sql for table in LARGE):
        return ""
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN {sql}".replace("%", "%%"), [])
        plan = "\n".join(line for [line] in cursor.fetchall())
    return plan if WALKS.search(plan) else ""


def test_each_page_costs_what_it_costs_on_a_short_log_and_walks_nothing(client, admin, long_log):
    client.force_login(admin)
    long_log(SHORT)
    few = {name: len(cost.queries) for name, cost in look(client).items()}
    long_log(EVENTS)
    costs = look(client, ROUNDS if TOLD else 0)

    if TOLD:
        tell(costs)
    assert {name: len(cost.queries) for name, cost in costs.items()} == few
    assert walks("SELECT max(data::text) FROM eventstore_event"), "a walk is seen"
    found = [(name, walks(sql), sql) for name, cost in costs.items() for sql in cost.queries]
    assert not [(name, plan, sql) for name, plan, sql in found if plan]


def tell(costs: dict[str, Cost]) -> None:
    lookup = costs[LOOKUP].milliseconds
    for name, cost in sorted(costs.items(), key=lambda item: -item[1].milliseconds):
        ratio = cost.milliseconds / lookup
        print(f"| {name} | {cost.milliseconds:.1f} | {len(cost.queries)} | {ratio:.2f} |")  # noqa: T201

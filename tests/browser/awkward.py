"""A shop whose every text is awkward, for pages to be looked at: long, in other directions, of
emoji, or a script. Made through the door, like everybody's."""

import json
import uuid
from pathlib import Path
from types import SimpleNamespace

from django.contrib.auth.models import Group, Permission
from django.db import connection
from django.utils import timezone

from catalog.models import Product
from eventstore import checkpoints, projections, store
from eventstore.models import Checkpoint, Event, Job, Refusal, Skip
from ordering import handling
from ordering.domain.refusal import Refused
from ordering.handling import Caller
from ordering.models import Agent
from ordering.roles import make_roles
from tests.factories import AgentFactory, CustomerFactory

LONG = "Confiserieundkonditoreibedarfsgroßhandelsgesellschaft of the Northern Harbours and Sons"
RTL = "\u05de\u05d0\u05e4\u05d9\u05d9\u05ea \u05d4\u05e0\u05de\u05dc \u202e\u05d5\u05e2\u05d5\u05d3"
EMOJI = "👩\u200d🍳🏴\u200d☠️ Naïve Café 🥐🥐🥐"
LINES = 40  # a page of 300 is as these, and takes axe half a minute
SCRIPT = "<script>document.title = 'broken'</script>"
STORED = Path(__file__).parents[1] / "ordering" / "fixtures" / "order_of_schema_1.jsonl"


def make_awkward_shop(lines: int | None = None) -> SimpleNamespace:
    """Beside what there is; the catalog must be loaded. The keys of what its pages are of. Its
    longest order has so many lines, or all that the catalog has."""
    with connection.cursor() as cursor:
        # Positions of a log that has run for years are as wide as this.
        cursor.execute(
            "SELECT setval(sequence, greatest(123456789, pg_sequence_last_value(sequence)))"
            " FROM (SELECT pg_get_serial_sequence('eventstore_event', 'position')::regclass"
            " AS sequence) AS of"
        )
    customers = [
        CustomerFactory(name=LONG, code="LON"),
        CustomerFactory(name=RTL, code="RTL"),
        CustomerFactory(name=EMOJI, code="EMO"),
        CustomerFactory(name=SCRIPT, code="SCR", is_active=False),
    ]
    first = Caller(
        AgentFactory(
            username="maximiliane.featherstonehaugh-cholmondeley@northern-harbours.example.org",
            first_name="Maximiliane Wilhelmine",
            last_name="Featherstonehaugh-Cholmondeley",
            customer=customers[0],
            last_login=timezone.now(),
        ),
        "web",
        "request-of-this-test",
    )
    second = Caller(AgentFactory(first_name=SCRIPT, customer=customers[0]), "api")
    others = [
        Caller(AgentFactory(first_name=name, customer=customer), "web")
        for name, customer in ((RTL, customers[1]), (EMOJI, customers[2]))
    ]
    order = _long_order(first, second, lines)
    for caller, text in zip(others, (RTL, EMOJI), strict=True):
        opened = handling.open_order(
            caller, key=_key(), reference=text, note=f"{text}\n{LONG}", items=[("FLR-25", 2)]
        )
        handling.cancel_order(caller, opened.stream_id, key=_key(), reason=text)
    conflict = _conflicts(first, second, others[0], order)
    old = _order_of_an_older_schema(first, second)
    _trouble(old)
    make_roles(Group, Permission)
    return SimpleNamespace(
        order=order,
        event=Event.objects.filter(stream_id=order, type="DetailsChanged").first().pk,
        old_event=old,
        conflict=conflict.pk,
        rejected=Refusal.objects.exclude(code="conflict").first().pk,
        skip=Skip.objects.first().pk,
        customer=customers[0].pk,
        agent=first.agent.pk,
        product=Product.objects.first().pk,
        category=Product.objects.first().category_id,
        group=Group.objects.first().pk,
    )


def _key() -> str:
    return uuid.uuid4().hex


def _long_order(first: Caller, second: Caller, lines: int | None) -> uuid.UUID:
    """Changed by both, with a script for a note."""
    skus = ["FLR-25", "COF-1", *Product.objects.active().exclude(sku__in=["FLR-25", "COF-1"])
            .values_list("sku", flat=True)]  # fmt: skip
    items = [(sku, 3) for sku in skus[:lines]]
    order = handling.open_order(first, key=_key(), reference=LONG[:80], items=items).stream_id
    handling.change_quantity(second, order, "FLR-25", 9_999, key=_key())
    handling.change_details(second, order, key=_key(), reference=RTL, note=f"{SCRIPT}\n{LONG * 9}")
    handling.remove_item(first, order, "COF-1", key=_key())
    return order


def _conflicts(first: Caller, second: Caller, stranger: Caller, order: uuid.UUID) -> Refusal:
    for send in (
        lambda: handling.change_quantity(first, order, "FLR-25", 3, key=_key(), seen=1),
        lambda: handling.change_details(first, order, key=_key(), note=EMOJI, seen=1),
        lambda: handling.add_items(second, order, [(LONG, 1)], key=_key()),
        lambda: handling.cancel_order(stranger, order, key=_key(), reason=RTL),
        lambda: handling.change_quantity(second, order, "FLR-25", 0, key=_key()),
    ):
        try:
            send()
        except Refused:
            continue
        raise AssertionError("expected a refusal")
    return Refusal.objects.filter(code="conflict").order_by("pk").first()


def _order_of_an_older_schema(first: Caller, second: Caller) -> int:
    """As it was stored; the position of the event that is read otherwise."""
    rows = [json.loads(line) for line in STORED.read_text().splitlines()]
    order, actors = uuid.uuid4(), {1207: first.agent.pk, 1208: second.agent.pk}
    for row in rows:
        row |= {"stream_id": f"{order}", "command_id": f"{uuid.uuid4()}"}
        row["metadata"]["actor"] = actors[row["metadata"]["actor"]]
        if "customer_id" in row["data"]:
            row["data"] |= {"customer_id": first.agent.customer_id, "number": "LON-2025-0010"}
    columns = ", ".join(rows[0])
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO eventstore_stream (id, category, version) VALUES (%s, 'order', %s)",
            [order, len(rows)],
        )
        cursor.execute(
            f"INSERT INTO eventstore_event ({columns}) SELECT {columns}"
            " FROM jsonb_populate_recordset(NULL::eventstore_event, %s::jsonb)",
            [json.dumps(rows)],
        )
    projections.apply(projections.inline["orders"], store.read_stream(order))
    return Event.objects.filter(stream_id=order).latest("version").pk


def _trouble(position: int) -> None:
    """A projection that fails, with something left out before, and a job of each outcome."""
    checkpoints.ensure_checkpoints()
    Checkpoint.objects.filter(pk="favourites").update(
        failing_position=position,
        attempts=3,
        retry_at=timezone.now(),
        error=f"ValueError: {SCRIPT} {RTL} {LONG}",
    )
    Skip.objects.create(
        subscription="favourites", position=position, skipped_by=LONG, error=f"{SCRIPT} {LONG * 4}"
    )
    at, by = timezone.now(), Agent.objects.order_by("pk").first().pk
    row = {"table": "ordering_orderhead", "key": LONG, "expected": {"note": RTL}, "actual": None}
    for number, (outcome, found) in enumerate(
        (("done", None), ("failed", None), ("differs", {"count": 1, "rows": [row]}))
    ):
        Job.objects.create(
            projection="orders", what="verify", asked_by=by, asked_at=at, started_at=at,
            finished_at=at, outcome=outcome, words=f"{number}: {LONG}", found=found,
        )  # fmt: skip

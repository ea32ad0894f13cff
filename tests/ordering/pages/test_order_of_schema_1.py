"""An order from before OrderCompleted named its currency, with its events as they were stored."""

import json
from decimal import Decimal
from pathlib import Path
from uuid import UUID

import pytest
from django.core.management import call_command
from django.db import connection
from django.urls import reverse

from eventstore import projections, store
from ordering import handling
from ordering.domain.order import OrderCompleted
from ordering.domain.refusal import Refused
from ordering.undo import undo
from tests.factories import AgentFactory, CustomerFactory
from tests.ordering.pages.conftest import FRAGMENT

FIXTURE = Path(__file__).parents[1] / "fixtures" / "order_of_schema_1.jsonl"
ROWS = [json.loads(line) for line in FIXTURE.read_text().splitlines()]
ORDER = UUID(ROWS[0]["stream_id"])
COLUMNS = ", ".join(ROWS[0])  # all but the position and the hash

pytestmark = pytest.mark.django_db


@pytest.fixture
def harbour(db):
    """The cast has the ids that the stored events name."""
    return CustomerFactory(pk=41, name="Harbour Café", code="HC", last_order_number=10)


@pytest.fixture
def alice(harbour):
    return AgentFactory(pk=1207, username="alice", customer=harbour)


@pytest.fixture
def bob(harbour):
    return AgentFactory(pk=1208, username="bob", customer=harbour)


@pytest.fixture
def log(alice, bob):
    """The stored order, without any read row."""
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO eventstore_stream (id, category, version) VALUES (%s, 'order', %s)",
            [ORDER, len(ROWS)],
        )
        cursor.execute(
            f"INSERT INTO eventstore_event ({COLUMNS}) SELECT {COLUMNS}"
            " FROM jsonb_populate_recordset(NULL::eventstore_event, %s::jsonb)",
            [json.dumps(ROWS)],
        )


@pytest.fixture
def order(log):
    """The stored order, with read rows that this code makes of it."""
    projections.apply(projections.inline["orders"], store.read_stream(ORDER))


def stored(order_id):
    """The order's events as they are in the database."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT to_jsonb(event) - 'position' - 'hash' FROM eventstore_event AS event"
            " WHERE stream_id = %s ORDER BY version",
            [order_id],
        )
        return [json.loads(row) for (row,) in cursor.fetchall()]


def test_it_is_read_with_the_currency_that_it_was_in(log):
    *_, completed = store.read_stream(ORDER)

    assert ROWS[-1]["data"] == {"total": "101.40"}
    assert completed.event == OrderCompleted(Decimal("101.40"), "EUR")


@pytest.mark.django_db(transaction=True)
def test_a_replay_makes_the_rows_that_its_page_shows(log, browser, alice, head, lines, text):
    call_command("replay_projections", "orders", "--no-input")

    call_command("replay_projections", "--verify")
    assert (head(ORDER).status, head(ORDER).total) == ("completed", Decimal("101.40"))
    assert lines(ORDER) == {"FLR-25": 3, "EGG-180": 1}
    said = text(browser(alice).get(reverse("order", args=[ORDER])))

    assert "HC-2026-0010" in said
    assert "Bob completed this order" in said
    assert "2 lines €101.40" in said


def test_its_history_is_told_to_the_end(order, browser, alice, text):
    said = text(browser(alice).get(reverse("order_history", args=[ORDER])))

    told = [
        "Bob completed the order: €101.40",
        "Alice wrote the note “Ring twice, at the back door.”",
        "Bob removed Unsalted butter, case of 10 x 1 kg; there were 1",
        "Alice set Plain wheat flour, 25 kg sack, from 2 to 3",
        "Bob added 1 × Free-range eggs, medium, box of 180",
        "Alice opened the order for “Harvest supper”, with 2 products",
    ]
    assert [said.index(words) for words in told] == sorted(said.index(words) for words in told)


@pytest.mark.parametrize(
    ("version", "status", "total"),
    [
        (1, "open", "€0.00"),
        (2, "open", "€39.60"),
        (3, "open", "€128.60"),
        (4, "open", "€170.60"),
        (5, "open", "€190.40"),
        (6, "open", "€101.40"),
        (7, "open", "€101.40"),
        (8, "completed", "€101.40"),
    ],
)
def test_it_is_shown_as_it_was(version, status, total, order, browser, alice, text):
    url = reverse("order_history", args=[ORDER])

    said = text(browser(alice).get(url, {"at": version}, headers=FRAGMENT))

    assert f"Version {version} of 8" in said
    assert f"Status {status}" in said
    assert total in said


def test_nothing_of_it_is_undone(order, browser, alice, bob, by, key):
    for agent, version, code in [(alice, 7, "order-closed"), (bob, 8, "cannot-undo")]:
        with pytest.raises(Refused) as caught:
            undo(by(agent), ORDER, version, key=key())
        assert caught.value.code == code
    history = browser(alice).get(reverse("order_history", args=[ORDER]))
    assert reverse("order_undo", args=[ORDER]) not in history.content.decode()


def test_a_copy_of_it_is_stored_in_schema_2_and_it_stays_as_it_is(
    order, browser, alice, bob, by, key, flour, text
):
    copy = handling.copy_order(by(alice), ORDER, key=key()).stream_id
    handling.complete_order(by(bob), copy, key=key())
    assert handling.complete_order(by(bob), ORDER, key=key()).events == ()

    completed = stored(copy)[-1]
    assert (completed["type"], completed["schema_version"]) == ("OrderCompleted", 2)
    assert completed["data"] == {"total": "74.70", "currency": "EUR"}
    assert stored(ORDER) == ROWS
    told = text(browser(alice).get(reverse("order_history", args=[copy])))
    assert "Bob completed the order: €74.70" in told
    call_command("check")

"""The web processes' role in the database: the shop works with it, and history is out of reach."""

import json

import pytest
from django.core.management import CommandError, call_command
from django.db import connection, transaction
from django.db.utils import ProgrammingError
from django.urls import reverse

from eventstore.models import Event, Stream
from ordering.models import OrderHead
from tests.factories import ProductFactory
from tests.ordering.pages.conftest import Browser

ROLE = "tandem_web"
pytestmark = pytest.mark.django_db


def execute(statement, params=None):
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement, params)


@pytest.fixture
def _role():
    """Who asks from here on is the application's role; it goes with the test's transaction."""
    execute(f"CREATE ROLE {ROLE}")
    call_command("grant_application", ROLE)
    execute(f"SET LOCAL ROLE {ROLE}")
    yield
    execute("RESET ROLE")


@pytest.fixture
def agent(alice):
    ProductFactory(sku="FLR-25")
    return Browser(alice)


@pytest.fixture
def order(agent):
    agent.send(reverse("current_order_items"), {"sku": "FLR-25", "quantity": 2})
    return OrderHead.objects.get()


@pytest.mark.usefixtures("_role")
def test_the_shop_is_used_as_ever(agent, order):
    here = [order.order_id]
    agent.send(reverse("order_items", args=here), {"sku": "FLR-25", "quantity": 3})
    agent.send(reverse("order_details", args=here), {"reference": "Spring", "note": ""})
    for page in ("orders", "account", "catalog", "quick_order"):
        assert agent.get(reverse(page)).status_code == 200, page
    assert agent.get(reverse("order_history", args=here)).status_code == 200
    created = agent.post(
        "/api/v1/orders", json.dumps({"reference": "By API"}), content_type="application/json"
    )
    assert created.status_code == 201
    agent.send(reverse("order_completion", args=here))
    order.refresh_from_db()
    assert (order.status, order.reference) == ("completed", "Spring")
    assert agent.post(reverse("logout")).status_code == 302


HARM = {
    "edit an event": "UPDATE eventstore_event SET data = '{}'",
    "delete events": "DELETE FROM eventstore_event",
    "empty the log": "TRUNCATE eventstore_event CASCADE",
    "switch off what guards it": (
        "ALTER TABLE eventstore_event DISABLE TRIGGER eventstore_event_append_only"
    ),
    "switch off the hashes": "ALTER TABLE eventstore_event DISABLE TRIGGER eventstore_event_chain",
    "drop what guards it": "DROP TRIGGER eventstore_event_append_only ON eventstore_event",
    "drop the log": "DROP TABLE eventstore_event CASCADE",
    "rewind the positions": (
        "SELECT setval(pg_get_serial_sequence('eventstore_event', 'position'), 1)"
    ),
    "make the hashes differently": (
        "CREATE OR REPLACE FUNCTION eventstore_hash(before bytea, event eventstore_event)"
        " RETURNS bytea LANGUAGE sql AS $$ SELECT before $$"
    ),
    "act as a replica": "SET session_replication_role = replica",
    "forget a stream": "DELETE FROM eventstore_stream",
    "change an outcome": "UPDATE eventstore_command SET after = 9",
    "forget an outcome": "DELETE FROM eventstore_command",
    "pretend a migration": "DELETE FROM django_migrations",
    "make a table": "CREATE TABLE mine ()",
}


@pytest.mark.usefixtures("order", "_role")
@pytest.mark.parametrize("harm", HARM)
def test_history_is_out_of_reach(harm):
    before = list(Event.objects.values()), list(Stream.objects.values())
    with pytest.raises(ProgrammingError, match=r"permission denied|must be owner"):
        execute(HARM[harm])
    assert (list(Event.objects.values()), list(Stream.objects.values())) == before


@pytest.mark.usefixtures("order")
def test_what_the_role_had_before_is_taken_from_it():
    execute(f"CREATE ROLE {ROLE}")
    execute(f"GRANT ALL ON ALL TABLES IN SCHEMA public TO {ROLE}")
    call_command("grant_application", ROLE)
    execute(f"SET LOCAL ROLE {ROLE}")
    with pytest.raises(ProgrammingError, match="permission denied"):
        execute(HARM["empty the log"])
    execute("RESET ROLE")


UNFIT = {
    "one that is not there": (None, "nobody_here", "found none"),
    "a superuser": ("CREATE ROLE strong SUPERUSER", "strong", "a superuser"),
    "who may become the owner": ("CREATE ROLE near IN ROLE {owner}", "near", "a member of it"),
}


@pytest.mark.parametrize("kind", UNFIT)
def test_a_role_that_is_unfit_is_refused(kind):
    make, name, said = UNFIT[kind]
    if make:
        execute(make.format(owner=connection.settings_dict["USER"] or "postgres"))
    with pytest.raises(CommandError, match=f"{said}.*Nothing was granted"):
        call_command("grant_application", name)

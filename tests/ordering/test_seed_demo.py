from io import StringIO

import pytest
from django.core.management import call_command

from eventstore.models import Event
from ordering import handling
from ordering.models import Agent, Customer, OrderHead
from tests import real_catalog

pytestmark = pytest.mark.django_db


def seed():
    out, err = StringIO(), StringIO()
    call_command("seed_demo", stdout=out, stderr=err)
    return out.getvalue().strip(), err.getvalue().strip()


@pytest.fixture(autouse=True)
def _catalog(loaded_catalog, db):
    real_catalog.fill()


def test_the_cast_can_log_in_and_orders_are_in_every_state(client):
    assert seed() == ("Demo orders: 14 made, 0 kept.", "")
    assert set(Customer.objects.values_list("name", flat=True)) == {
        "Harbour Café",
        "Northgate Bakery",
    }
    for name in ("alice", "bob", "charlie", "admin"):
        answer = client.post("/login/", {"username": name, "password": "demo"})
        assert answer["Location"] == "/"
        client.post("/logout/")
    assert set(OrderHead.objects.values_list("status", flat=True)) == {
        "open",
        "completed",
        "cancelled",
    }
    assert OrderHead.objects.count() == 14
    alice = Agent.objects.get(username="alice")
    assert alice.email == "alice@harbour.example"


def test_every_row_comes_from_a_command():
    seed()
    assert set(Event.objects.values_list("metadata__source", flat=True)) == {"console"}
    assert not Event.objects.filter(command_id=None).exists()


def test_seeding_again_changes_nothing():
    seed()
    before = list(Event.objects.values_list("position", flat=True))
    assert seed() == ("Demo orders: 0 made, 14 kept.", "")
    assert list(Event.objects.values_list("position", flat=True)) == before


def test_seeding_again_keeps_what_was_changed_since(by):
    seed()
    alice = Agent.objects.get(username="alice")
    alice.set_password("mine now")
    alice.save()
    order = OrderHead.objects.filter(status="open", customer=alice.customer).first()
    handling.cancel_order(by(alice), order.pk, key="mine")
    assert seed() == ("Demo orders: 0 made, 14 kept.", "")
    assert OrderHead.objects.get(pk=order.pk).status == "cancelled"
    assert Agent.objects.get(username="alice").check_password("mine now")


def test_an_order_changed_before_its_script_ended_is_left_and_named(by, monkeypatch):
    from ordering.management.commands import seed_demo

    scripts = list(seed_demo.ORDERS)
    monkeypatch.setattr(seed_demo, "ORDERS", [scripts[0]._replace(steps=scripts[0].steps[:1])])
    seed()
    order = OrderHead.objects.get()
    handling.cancel_order(by(order.opened_by), order.pk, key="mine")
    monkeypatch.setattr(seed_demo, "ORDERS", scripts[:1])
    out, err = seed()
    assert out == "Demo orders: 0 made, 1 kept."
    assert "Order 1 of the demo was left as it is" in err
    assert OrderHead.objects.get().status == "cancelled"

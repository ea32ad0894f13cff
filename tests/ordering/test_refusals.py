"""Refused commands of orders are kept, whoever refuses them, and told in the shop's words."""

import uuid
from typing import get_args

import pytest
from django.db import connection
from django.urls import reverse

from eventstore.models import Event, Refusal
from ordering import asking, handling, undo
from ordering.desk import add_to_current_order
from ordering.domain import order as domain
from ordering.domain.refusal import Refused
from ordering.models import OrderHead
from ordering.telling import ORDERS, WISHES

pytestmark = pytest.mark.django_db


@pytest.fixture
def kept():
    """What was kept of a command that is refused with a code."""

    def kept(code, command):
        with pytest.raises(Refused) as caught:
            command()
        assert caught.value.code == code
        return Refusal.objects.get()

    return kept


def test_a_change_of_a_closed_order_is_kept(alice, bob, by, key, order_id, kept):
    handling.complete_order(by(bob), order_id, key=key())
    refusal = kept(
        "order-closed",
        lambda: handling.change_quantity(by(alice), order_id, "FLR-25", 9, key=key(), seen=3),
    )
    assert (refusal.stream_id, refusal.actor, refusal.source) == (order_id, alice.pk, "web")
    assert (refusal.command, refusal.asked) == ("ChangeQuantity", {"sku": "FLR-25", "quantity": 9})
    assert (refusal.seen, refusal.version) == (3, 4)


def test_probes_of_other_customers_orders_are_kept(charlie, by, key, order_id, kept):
    refusal = kept(
        "no-such-order", lambda: handling.remove_item(by(charlie), order_id, "FLR-25", key=key())
    )
    assert (refusal.stream_id, refusal.actor) == (order_id, charlie.pk)


def test_an_order_that_is_nowhere_is_kept(alice, by, key, kept):
    nowhere = uuid.uuid4()
    refusal = kept("no-such-order", lambda: handling.complete_order(by(alice), nowhere, key=key()))
    assert (refusal.stream_id, refusal.version) == (nowhere, 0)


class TestBeforeTheStoreIsReached:
    def test_a_product_that_is_not_there(self, alice, by, key, order_id, kept):
        refusal = kept(
            "no-such-product",
            lambda: handling.add_items(by(alice), order_id, [("XXX", 2)], key=key()),
        )
        assert (refusal.command, refusal.asked) == ("AddItems", {"items": [["XXX", 2]]})
        assert (refusal.stream_id, refusal.version) == (order_id, None)

    def test_an_agent_who_was_deactivated(self, alice, harbour, by, key, order_id, kept):
        harbour.is_active = False
        harbour.save()
        refusal = kept(
            "inactive-agent",
            lambda: handling.cancel_order(by(alice), order_id, key=key(), reason="closing"),
        )
        assert (refusal.command, refusal.asked) == ("CancelOrder", {"reason": "closing"})

    def test_a_command_id_that_stands_for_another_command(self, alice, by, key, order_id, kept):
        same = key()
        handling.remove_item(by(alice), order_id, "FLR-25", key=same)
        kept(
            "reused-command-id",
            lambda: handling.remove_item(by(alice), order_id, "BUT-10", key=same),
        )

    def test_nothing_to_copy(self, alice, by, key, order_id, flour, butter, kept):
        for product in (flour, butter):
            product.active = False
            product.save()
        refusal = kept(
            "nothing-to-copy", lambda: handling.copy_order(by(alice), order_id, key=key())
        )
        assert refusal.asked == {"source": str(order_id)}

    def test_an_order_that_cannot_be_read(self, alice, by, key, order_id, kept):
        Event.objects.bulk_create(
            [
                Event(
                    stream_id=order_id, version=4, type="Vanished", schema_version=1, data={},
                    metadata={},
                )
            ]
        )  # fmt: skip
        with connection.cursor() as cursor:
            cursor.execute("UPDATE eventstore_stream SET version = 4 WHERE id = %s", [order_id])
        kept("unreadable-order", lambda: handling.complete_order(by(alice), order_id, key=key()))

    def test_what_cannot_be_undone(self, alice, bob, by, key, order_id, kept):
        refusal = kept("not-your-change", lambda: undo.undo(by(bob), order_id, 2, key=key()))
        assert (refusal.command, refusal.asked) == ("Restore", {"version": 2})

    def test_adding_to_the_current_order_that_a_colleague_closed(
        self, alice, bob, by, key, order_id, kept, make_current
    ):
        make_current(alice, order_id)
        handling.cancel_order(by(bob), order_id, key=key())
        refusal = kept(
            "order-closed", lambda: add_to_current_order(by(alice), [("FLR-25", 1)], key=key())
        )
        assert (refusal.stream_id, refusal.command) == (order_id, "AddItems")

    @pytest.fixture
    def make_current(self):
        def make_current(agent, order_id):
            agent.current_order_id = order_id
            agent.save()

        return make_current

    def test_a_form_that_is_not_filled_in_is_no_command(self, client, alice, order_id):
        client.force_login(alice)
        form = {"command_id": str(uuid.uuid4()), "sku": "", "quantity": ""}
        assert client.post(reverse("order_items", args=[order_id]), form).status_code == 422
        assert not Refusal.objects.exists()


class TestMeetings:
    def test_a_colleagues_change_is_a_conflict(self, alice, bob, by, key, order_id, kept):
        handling.change_quantity(by(bob), order_id, "FLR-25", 5, key=key())
        refusal = kept(
            "conflict",
            lambda: asking.send(
                by(alice), order_id, domain.ChangeQuantity("FLR-25", 7), key=key(), seen=3
            ),
        )
        assert (refusal.actor, refusal.seen, refusal.version) == (alice.pk, 3, 4)

    def test_over_ones_own_change_nothing_was_refused(self, alice, by, key, order_id):
        handling.change_quantity(by(alice), order_id, "FLR-25", 5, key=key())
        asking.send(by(alice), order_id, domain.ChangeQuantity("FLR-25", 7), key=key(), seen=3)
        assert not Refusal.objects.exists()


class TestWords:
    def test_every_command_has_words(self):
        commands = {command.__name__ for command in get_args(domain.Command)}
        assert set(WISHES) == commands == {name for name, *_ in handling.INTENTS.values()}

    @pytest.mark.parametrize(
        ("code", "params", "told"),
        [
            ("no-such-product", {"sku": "XXX"}, "The catalog has no product XXX."),
            ("conflict", {"seen": 3, "version": 5}, "after version 3, which you saw"),
            ("of-older-code", {"a": 1}, "of-older-code"),
            ("no-such-product", {"other": "of older code"}, "no-such-product"),
            ("conflict", {"code": "twice"}, "conflict"),
            ("conflict", ["no", "names"], "conflict"),
        ],
    )
    def test_why_is_told_as_the_agent_was(self, code, params, told):
        assert told in ORDERS.explain(code, params)

    def test_support_finds_it_by_the_orders_number(
        self, client, support, charlie, by, key, order_id
    ):
        with pytest.raises(Refused):
            handling.remove_item(by(charlie), order_id, "FLR-25", key=key())
        client.force_login(support)
        number = OrderHead.objects.get().number
        found = client.get(reverse("admin:eventstore_refusal_changelist"), {"q": number})
        page = found.content.decode()
        assert f"wanted to remove an item (<bdi>{number} · Harbour Café</bdi>)" in page
        assert "There is no such order." in page

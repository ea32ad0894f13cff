"""The one door: what the outside adds to a command, who may pass, and how often."""

import uuid
from decimal import Decimal

import pytest

from eventstore import store
from eventstore.models import Event, Stream
from ordering import handling
from ordering.domain import order as domain
from ordering.domain.refusal import Refused
from ordering.models import Customer, OrderHead, OrderLine
from tests.factories import ProductFactory

pytestmark = pytest.mark.django_db


def events(order_id):
    return [recorded.event for recorded in store.read_stream(order_id)]


class TestOpening:
    def test_the_order_gets_a_number_of_its_customer_and_year(self, alice, bob, by, key, settings):
        settings.TIME_ZONE = "Europe/Berlin"
        numbers = []
        for agent in (alice, bob):
            outcome = handling.open_order(by(agent), key=key())
            numbers.append(outcome.events[0].event.number)
        assert [number[:3] for number in numbers] == ["HC-", "HC-"]
        assert [number[-5:] for number in numbers] == ["-0001", "-0002"]

    def test_a_number_that_came_with_orders_from_elsewhere_is_not_given_again(
        self, alice, by, key, harbour
    ):
        drawn = [handling.open_order(by(alice), key=key()).events[0].event.number for _ in "123"]
        year = drawn[0][3:7]
        OrderHead.objects.filter(number=drawn[2]).update(number=f"HC-{year}-12345")
        OrderHead.objects.filter(number=drawn[1]).update(number="HC-odd-99999")
        Customer.objects.update(last_order_number=0)  # as where a log was imported
        alice.customer.refresh_from_db()
        again = [handling.open_order(by(alice), key=key()).events[0].event.number for _ in "12"]
        assert again == [f"HC-{year}-12346", f"HC-{year}-12347"]

    def test_items_come_in_with_the_name_and_price_of_now(self, order_id):
        opened, flour, _ = events(order_id)
        assert opened.currency == "EUR"
        assert flour == domain.ItemAdded(
            "FLR-25", "Plain wheat flour", "25 kg sack", 2, Decimal("24.90")
        )

    def test_the_same_key_opens_one_order_though_numbers_are_drawn_anew(self, alice, by, key):
        same = key()
        first = handling.open_order(by(alice), key=same, reference="Friday")
        second = handling.open_order(by(alice), key=same, reference="Friday")
        assert second.replayed
        assert second.stream_id == first.stream_id
        assert OrderHead.objects.count() == 1

    def test_two_agents_may_use_the_same_key(self, alice, charlie, by):
        first = handling.open_order(by(alice), key="mine")
        second = handling.open_order(by(charlie), key="mine")
        assert first.stream_id != second.stream_id
        assert not second.replayed


class TestRepeating:
    def test_a_key_has_one_effect(self, alice, by, key, order_id):
        same = key()
        first = handling.add_items(by(alice), order_id, [("FLR-25", 3)], key=same)
        second = handling.add_items(by(alice), order_id, [("FLR-25", 3)], key=same)
        assert (second.version, second.events) == (first.version, first.events)
        assert OrderLine.objects.get(order_id=order_id, sku="FLR-25").quantity == 5

    def test_a_key_with_other_content_is_refused(self, alice, by, key, order_id):
        same = key()
        handling.add_items(by(alice), order_id, [("FLR-25", 3)], key=same)
        for again in (
            lambda: handling.add_items(by(alice), order_id, [("FLR-25", 4)], key=same),
            lambda: handling.remove_item(by(alice), order_id, "FLR-25", key=same),
            lambda: handling.add_items(by(alice), uuid.uuid4(), [("FLR-25", 3)], key=same),
        ):
            with pytest.raises(Refused) as caught:
                again()
            assert caught.value.code == "reused-command-id"
        assert OrderLine.objects.get(order_id=order_id, sku="FLR-25").quantity == 5

    def test_the_first_outcome_stands_when_the_product_has_left_the_catalog(
        self, alice, by, key, order_id, flour
    ):
        same = key()
        handling.add_items(by(alice), order_id, [("FLR-25", 3)], key=same)
        flour.active = False
        flour.save()
        assert handling.add_items(by(alice), order_id, [("FLR-25", 3)], key=same).replayed

    def test_a_refused_command_is_refused_again_the_same_way(self, alice, by, key, order_id):
        same = key()
        for _ in range(2):
            with pytest.raises(Refused) as caught:
                handling.change_quantity(by(alice), order_id, "FLR-25", 0, key=same)
            assert caught.value.params == {"sku": "FLR-25", "limit": 9999, "actual": "0"}


class TestWhoMayPass:
    def everything(self, caller, order_id, key):
        return [
            lambda: handling.add_items(caller, order_id, [("FLR-25", 1)], key=key()),
            lambda: handling.change_quantity(caller, order_id, "FLR-25", 9, key=key()),
            lambda: handling.remove_item(caller, order_id, "FLR-25", key=key()),
            lambda: handling.change_details(caller, order_id, note="mine", key=key()),
            lambda: handling.complete_order(caller, order_id, key=key()),
            lambda: handling.cancel_order(caller, order_id, key=key()),
            lambda: handling.copy_order(caller, order_id, key=key()),
        ]

    def test_a_colleague_may_do_everything(self, bob, by, key, order_id):
        for command in self.everything(by(bob), order_id, key)[:5]:
            command()
        assert OrderHead.objects.get(pk=order_id).closed_by == bob

    def test_another_customer_is_told_the_same_as_of_an_order_that_does_not_exist(
        self, charlie, by, key, order_id
    ):
        before = Event.objects.count()
        for theirs, missing in zip(
            self.everything(by(charlie), order_id, key),
            self.everything(by(charlie), uuid.uuid4(), key),
            strict=True,
        ):
            refusals = []
            for command in (theirs, missing):
                with pytest.raises(Refused) as caught:
                    command()
                refusals.append((caught.value.code, caught.value.params, str(caught.value)))
            assert refusals[0] == refusals[1] == ("no-such-order", {}, "There is no such order.")
        assert Event.objects.count() == before

    @pytest.mark.parametrize("who", ["agent", "customer", "staff"])
    def test_who_is_deactivated_or_has_no_customer_changes_nothing(
        self, who, alice, admin, by, key, order_id, harbour
    ):
        if who == "customer":
            harbour.is_active = False
            harbour.save()
        caller = by(admin if who == "staff" else alice)
        if who == "agent":
            caller.agent.is_active = False
        before = Event.objects.count()
        for command in self.everything(caller, order_id, key):
            with pytest.raises(Refused) as caught:
                command()
            assert caught.value.code == "inactive-agent"
        assert Event.objects.count() == before


class TestProducts:
    def test_what_the_catalog_does_not_have_is_refused_by_its_sku(self, alice, by, key, order_id):
        with pytest.raises(Refused, match="no product XXX-1"):
            handling.add_items(by(alice), order_id, [("FLR-25", 1), ("XXX-1", 1)], key=key())
        assert OrderLine.objects.get(order_id=order_id, sku="FLR-25").quantity == 2

    @pytest.mark.parametrize("sku", ["", "\x00", "\ud800", "FLR-25\n", "x" * 5_000])
    def test_what_can_be_no_sku_is_refused_like_an_unknown_one(self, alice, by, key, order_id, sku):
        with pytest.raises(Refused) as caught:
            handling.add_items(by(alice), order_id, [(sku, 1)], key=key())
        assert caught.value.code == "no-such-product"

    def test_the_largest_order_there_can_be_is_kept(self, alice, by, key, order_id):
        skus = [ProductFactory(price=Decimal("99999999.99")).sku for _ in range(498)]
        handling.add_items(by(alice), order_id, [(sku, 9999) for sku in skus], key=key())
        total = OrderHead.objects.get(pk=order_id).total
        assert total == 498 * 9999 * Decimal("99999999.99") + Decimal("121.15")

    def test_what_left_the_catalog_can_no_longer_be_added(self, alice, by, key, order_id):
        ProductFactory(sku="OLD-1", active=False)
        with pytest.raises(Refused, match="no product OLD-1"):
            handling.add_items(by(alice), order_id, [("OLD-1", 1)], key=key())


class TestCopying:
    def test_a_copy_has_the_same_lines_at_todays_prices(self, bob, by, key, order_id, flour):
        flour.price = Decimal("26.00")
        flour.save()
        copy = handling.copy_order(by(bob), order_id, key=key())
        head = OrderHead.objects.get(pk=copy.stream_id)
        assert (head.copied_from, head.opened_by, head.reference) == (order_id, bob, "Friday")
        assert head.number != OrderHead.objects.get(pk=order_id).number
        lines = OrderLine.objects.filter(order_id=copy.stream_id).order_by("added_version")
        assert [(line.sku, line.quantity, line.unit_price) for line in lines] == [
            ("FLR-25", 2, Decimal("26.00")),
            ("BUT-10", 1, Decimal("71.35")),
        ]

    def test_a_closed_order_can_be_copied(self, alice, by, key, order_id):
        handling.complete_order(by(alice), order_id, key=key())
        copy = handling.copy_order(by(alice), order_id, key=key())
        assert OrderHead.objects.get(pk=copy.stream_id).is_open

    def test_what_left_the_catalog_is_left_out(self, alice, by, key, order_id, flour, butter):
        flour.active = False
        flour.save()
        copy = handling.copy_order(by(alice), order_id, key=key())
        assert OrderLine.objects.get(order_id=copy.stream_id).sku == "BUT-10"
        butter.active = False
        butter.save()
        with pytest.raises(Refused) as caught:
            handling.copy_order(by(alice), order_id, key=key())
        assert caught.value.code == "nothing-to-copy"

    def test_the_same_key_makes_one_copy(self, alice, by, key, order_id):
        same = key()
        first = handling.copy_order(by(alice), order_id, key=same)
        assert handling.copy_order(by(alice), order_id, key=same).stream_id == first.stream_id
        assert OrderHead.objects.count() == 2


def test_events_say_who_and_where_but_nothing_personal(alice, by, key, order_id):
    handling.change_quantity(by(alice, "api"), order_id, "FLR-25", 7, key=key())
    stored = Event.objects.order_by("version").last()
    assert stored.metadata == {
        "actor": alice.pk,
        "source": "api",
        "correlation_id": "request-1",
        "causation_id": "",
    }
    assert stored.data == {"sku": "FLR-25", "quantity": 7}


def test_an_order_that_cannot_be_read_is_left_as_it_is_and_the_event_is_logged(
    alice, by, key, order_id, caplog
):
    Event.objects.bulk_create(
        [
            Event(
                stream_id=order_id, version=4, type="Vanished", schema_version=1, data={},
                metadata={},
            )
        ]
    )  # fmt: skip
    Stream.objects.filter(pk=order_id).update(version=4)
    for command in (
        lambda: handling.add_items(by(alice), order_id, [("FLR-25", 1)], key=key()),
        lambda: handling.copy_order(by(alice), order_id, key=key()),
    ):
        with pytest.raises(Refused) as caught:
            command()
        assert caught.value.code == "unreadable-order"
        assert f"stream {order_id} version 4" in caplog.text
        assert "found Vanished" in caplog.text
        caplog.clear()
    assert Event.objects.filter(stream_id=order_id).count() == 4
    assert OrderLine.objects.get(order_id=order_id, sku="FLR-25").quantity == 2

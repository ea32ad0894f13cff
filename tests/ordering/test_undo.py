"""Taking back one's own change: whose, which, and until when."""

import uuid

import pytest

from eventstore import store
from ordering import handling
from ordering.domain.order import DetailsChanged, ItemAdded, ItemRemoved, QuantityChanged
from ordering.domain.refusal import Refused
from ordering.models import OrderHead, OrderLine
from ordering.undo import undo
from tests.factories import ProductFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def quantities(order_id):
    """The order's lines as {sku: quantity}, in their order."""
    return lambda: dict(
        OrderLine.objects.filter(order_id=order_id)
        .order_by("added_version")
        .values_list("sku", "quantity")
    )


def refusal(*args, **options):
    with pytest.raises(Refused) as caught:
        undo(*args, **options)
    return caught.value


def events_of(outcome):
    return [recorded.event for recorded in outcome.events]


def test_an_added_quantity_is_taken_off_again(alice, by, key, order_id, quantities):
    done = handling.add_items(by(alice), order_id, [("FLR-25", 3)], key=key())

    undone = undo(by(alice), order_id, done.version, key=key())

    assert events_of(undone) == [QuantityChanged("FLR-25", 2)]
    assert quantities() == {"FLR-25": 2, "BUT-10": 1}


def test_a_quantity_goes_back(alice, by, key, order_id, quantities):
    done = handling.change_quantity(by(alice), order_id, "FLR-25", 7, key=key())

    undo(by(alice), order_id, done.version, key=key())

    assert quantities()["FLR-25"] == 2


def test_a_removed_line_comes_back_though_the_catalog_has_it_no_more(
    alice, by, key, order_id, quantities, flour
):
    done = handling.remove_item(by(alice), order_id, "FLR-25", key=key())
    flour.delete()

    undone = undo(by(alice), order_id, done.version, key=key())

    assert events_of(undone) == [
        ItemAdded("FLR-25", "Plain wheat flour", "25 kg sack", 2, flour.price)
    ]
    assert quantities()["FLR-25"] == 2


def test_details_go_back_but_not_those_that_another_change_wrote(alice, bob, by, key, order_id):
    done = handling.change_details(by(alice), order_id, key=key(), reference="Sunday")
    handling.change_details(by(bob), order_id, key=key(), note="Ring")

    undone = undo(by(alice), order_id, done.version, key=key())

    assert events_of(undone) == [DetailsChanged("Friday", None)]
    assert OrderHead.objects.get().note == "Ring"


@pytest.mark.parametrize("back", [0, 1, 2], ids=["last", "middle", "first"])
def test_many_items_in_one_command_go_together(back, alice, by, key, order_id, quantities):
    skus = [ProductFactory().sku for _ in range(2)]
    done = handling.add_items(
        by(alice), order_id, [("FLR-25", 3), *((sku, 1) for sku in skus)], key=key()
    )

    undone = undo(by(alice), order_id, done.version - back, key=key())

    assert events_of(undone) == [QuantityChanged("FLR-25", 2), *map(ItemRemoved, skus)]
    assert quantities() == {"FLR-25": 2, "BUT-10": 1}


def test_498_lines_in_one_command_go_together(alice, by, key, order_id, quantities):
    skus = [ProductFactory().sku for _ in range(498)]
    handling.add_items(by(alice), order_id, [(sku, 1) for sku in skus], key=key())

    undone = undo(by(alice), order_id, 4, key=key())

    assert len(undone.events) == 498
    assert quantities() == {"FLR-25": 2, "BUT-10": 1}


def test_changes_elsewhere_do_not_matter(alice, bob, by, key, order_id, quantities):
    done = handling.change_quantity(by(alice), order_id, "FLR-25", 7, key=key())
    handling.change_quantity(by(bob), order_id, "BUT-10", 4, key=key())

    undo(by(alice), order_id, done.version, key=key())

    assert quantities() == {"FLR-25": 2, "BUT-10": 4}


def test_an_undo_can_be_undone(alice, by, key, order_id, quantities):
    done = handling.change_quantity(by(alice), order_id, "FLR-25", 7, key=key())
    undone = undo(by(alice), order_id, done.version, key=key())

    undo(by(alice), order_id, undone.version, key=key())

    assert quantities()["FLR-25"] == 7


@pytest.mark.parametrize("who", ["alice", "bob"])
def test_what_was_built_upon_is_refused(who, request, alice, by, key, order_id, quantities):
    done = handling.change_quantity(by(alice), order_id, "FLR-25", 7, key=key())
    builder = by(request.getfixturevalue(who))
    built = handling.change_quantity(builder, order_id, "FLR-25", 8, key=key())

    refused = refusal(by(alice), order_id, done.version, key=key())

    assert refused.code == "conflict"
    assert refused.params == {"seen": done.version, "version": built.version}
    assert quantities()["FLR-25"] == 8


def test_of_many_items_one_that_was_built_upon_keeps_them_all(
    alice, bob, by, key, order_id, quantities
):
    other = ProductFactory().sku
    done = handling.add_items(by(alice), order_id, [("FLR-25", 3), (other, 1)], key=key())
    handling.change_quantity(by(bob), order_id, other, 2, key=key())

    assert refusal(by(alice), order_id, done.version, key=key()).code == "conflict"
    assert quantities() == {"FLR-25": 5, "BUT-10": 1, other: 2}


def test_a_colleagues_change_is_theirs(alice, bob, by, key, order_id):
    done = handling.change_quantity(by(alice), order_id, "FLR-25", 7, key=key())

    assert refusal(by(bob), order_id, done.version, key=key()).code == "not-your-change"


def test_charlie_finds_no_such_order(charlie, by, key, order_id):
    assert refusal(by(charlie), order_id, 3, key=key()).code == "no-such-order"
    assert refusal(by(charlie), uuid.uuid4(), 3, key=key()).code == "no-such-order"


@pytest.mark.parametrize("version", [0, 1, 2, 3, 4, 2_000_000_000])
def test_opening_with_its_items_and_what_never_was_cannot_be_undone(
    version, alice, by, key, order_id
):
    assert refusal(by(alice), order_id, version, key=key()).code == "cannot-undo"


@pytest.mark.parametrize("close", [handling.complete_order, handling.cancel_order])
def test_closing_cannot_be_undone(close, alice, by, key, order_id):
    done = close(by(alice), order_id, key=key())

    assert refusal(by(alice), order_id, done.version, key=key()).code == "cannot-undo"


def test_on_a_closed_order_nothing_is_undone(alice, bob, by, key, order_id):
    done = handling.change_quantity(by(alice), order_id, "FLR-25", 7, key=key())
    handling.complete_order(by(bob), order_id, key=key())

    assert refusal(by(alice), order_id, done.version, key=key()).code == "order-closed"


def test_the_same_key_undoes_once(alice, by, key, order_id):
    done = handling.change_quantity(by(alice), order_id, "FLR-25", 7, key=key())
    same = key()

    first = undo(by(alice), order_id, done.version, key=same)
    second = undo(by(alice), order_id, done.version, key=same)

    assert second.replayed
    assert (second.version, second.events) == (first.version, first.events)
    assert len(list(store.read_stream(order_id))) == first.version


def test_another_key_finds_it_undone_already(alice, by, key, order_id):
    done = handling.change_quantity(by(alice), order_id, "FLR-25", 7, key=key())
    undo(by(alice), order_id, done.version, key=key())

    assert refusal(by(alice), order_id, done.version, key=key()).code == "conflict"


def test_the_same_key_for_another_change_is_refused(alice, by, key, order_id):
    first = handling.change_quantity(by(alice), order_id, "FLR-25", 7, key=key())
    other = handling.change_quantity(by(alice), order_id, "BUT-10", 7, key=key())
    same = key()
    undo(by(alice), order_id, first.version, key=same)

    assert refusal(by(alice), order_id, other.version, key=same).code == "reused-command-id"

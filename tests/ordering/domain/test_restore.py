import pytest

from ordering.domain.order import (
    DetailsChanged,
    ItemAdded,
    ItemRemoved,
    Line,
    QuantityChanged,
    Restore,
)
from tests.ordering.domain.samples import NUMBER, OPENED, added, lines, on_closed_orders
from tests.ordering.domain.scenario import given


def line(quantity=1, name="Wheat flour", like=None) -> Line:
    like = like or added(name=name)
    return Line(like.name, like.unit, quantity, like.unit_price)


def restore(*lines, reference=None, note=None) -> Restore:
    return Restore(lines, reference, note)


def test_a_line_that_was_added_goes_again():
    given(OPENED, added()).when(restore(("FLR-25", None))).then(ItemRemoved("FLR-25"))


def test_a_quantity_goes_back():
    given(OPENED, added(quantity=2), QuantityChanged("FLR-25", 5)).when(
        restore(("FLR-25", line(2)))
    ).then(QuantityChanged("FLR-25", 2))


def test_what_was_added_to_a_line_is_taken_off_again():
    given(OPENED, added(quantity=2), added(quantity=3)).when(restore(("FLR-25", line(2)))).then(
        QuantityChanged("FLR-25", 2)
    )


def test_a_removed_line_comes_back_at_the_price_that_it_had():
    given(OPENED, added(quantity=2, unit_price="17.50"), ItemRemoved("FLR-25")).when(
        restore(("FLR-25", line(2, like=added(unit_price="17.50"))))
    ).then(added(quantity=2, unit_price="17.50"))


def test_details_go_back_and_those_that_were_not_touched_stay():
    changed = given(OPENED, DetailsChanged("Friday", "Back door"))
    changed.when(restore(reference="", note="")).then(DetailsChanged("", ""))
    changed.when(restore(reference="")).then(DetailsChanged("", None))
    changed.when(restore(note="Front door")).then(DetailsChanged(None, "Front door"))


def test_lines_and_details_go_back_in_one():
    given(OPENED, added("YST-1", 5), DetailsChanged("Friday", None)).when(
        restore(("FLR-25", line(2)), ("YST-1", None), reference="")
    ).then(added(quantity=2), ItemRemoved("YST-1"), DetailsChanged("", None))


def test_restoring_again_changes_nothing():
    given(OPENED, added(quantity=2), DetailsChanged("Friday", None)).when(
        restore(("FLR-25", line(2)), ("YST-1", None), reference="Friday", note="")
    ).then()


def test_restoring_nothing_changes_nothing():
    given(OPENED, added()).when(restore()).then()


def test_500_lines_go_and_come_back():
    all_added = lines(500)
    skus = [one.sku for one in all_added]
    given(OPENED, *all_added).when(restore(*((sku, None) for sku in skus))).then(
        *(ItemRemoved(sku) for sku in skus)
    )
    back = tuple((one.sku, line(1, like=one)) for one in all_added)
    given(OPENED).when(restore(*back)).then(
        *(ItemAdded(sku, line.name, line.unit, 1, line.unit_price) for sku, line in back)
    )


def test_a_line_cannot_come_back_into_an_order_of_500():
    given(OPENED, *lines(500)).when(restore(("FLR-25", line(2)))).then_refused(
        "too-many-lines", limit=500, actual=501
    )


def test_a_line_may_take_the_place_of_another_in_an_order_of_500():
    given(OPENED, *lines(500)).when(restore(("FLR-25", line(2)), ("SKU-0", None))).then(
        added(quantity=2), ItemRemoved("SKU-0")
    )


@on_closed_orders
def test_cannot_restore_anything_on_a_closed_order(closing, status):
    given(OPENED, added(quantity=5), closing).when(restore(("FLR-25", line(2)))).then_refused(
        "order-closed", number=NUMBER, status=status
    )


@pytest.mark.parametrize("command", [restore(), restore(("FLR-25", None))])
def test_cannot_restore_an_order_that_does_not_exist(command):
    given().when(command).then_refused("no-such-order")

from ordering.domain.order import ItemRemoved, RemoveItem
from tests.ordering.domain.samples import NUMBER, OPENED, added, on_closed_orders
from tests.ordering.domain.scenario import given


def test_removes_a_line():
    given(OPENED, added(), added("YST-1")).when(RemoveItem("FLR-25")).then(ItemRemoved("FLR-25"))


def test_removes_the_whole_line_however_often_it_was_added():
    given(OPENED, added(), added()).when(RemoveItem("FLR-25")).then(ItemRemoved("FLR-25"))


def test_removing_again_changes_nothing():
    given(OPENED, added(), ItemRemoved("FLR-25")).when(RemoveItem("FLR-25")).then()


def test_removing_what_was_never_there_changes_nothing():
    given(OPENED, added()).when(RemoveItem("YST-1")).then()


@on_closed_orders
def test_cannot_remove_from_a_closed_order(closing, status):
    given(OPENED, added(), closing).when(RemoveItem("FLR-25")).then_refused(
        "order-closed", number=NUMBER, status=status
    )


@on_closed_orders
def test_a_closed_order_also_refuses_to_remove_what_is_not_there(closing, status):
    given(OPENED, added(), closing).when(RemoveItem("YST-1")).then_refused(
        "order-closed", number=NUMBER, status=status
    )


def test_cannot_remove_from_an_order_that_does_not_exist():
    given().when(RemoveItem("FLR-25")).then_refused("no-such-order")

from ordering.domain.order import CancelOrder, OrderCancelled
from tests.ordering.domain.samples import (
    CANCELLED,
    COMPLETED,
    NUMBER,
    OPENED,
    added,
    bad_characters,
    good_texts,
    line_breaks,
)
from tests.ordering.domain.scenario import given


def test_cancels_an_order_with_its_reason():
    given(OPENED, added()).when(CancelOrder("Ordered twice")).then(OrderCancelled("Ordered twice"))


def test_cancels_an_order_without_a_reason():
    given(OPENED, added()).when(CancelOrder()).then(OrderCancelled(""))


def test_an_empty_order_can_be_cancelled():
    given(OPENED).when(CancelOrder()).then(OrderCancelled(""))


@good_texts
def test_keeps_the_text_of_the_reason(text, kept):
    given(OPENED).when(CancelOrder(text)).then(OrderCancelled(kept))


def test_a_reason_has_at_most_500_characters():
    given(OPENED).when(CancelOrder("a" * 500)).then(OrderCancelled("a" * 500))
    given(OPENED).when(CancelOrder("a" * 501)).then_refused(
        "text-too-long", field="reason", limit=500, actual=501
    )


@bad_characters
def test_refuses_a_character_that_cannot_be_kept(character, told):
    given(OPENED).when(CancelOrder(f"a{character}b")).then_refused(
        "bad-text", field="reason", actual=told
    )


@line_breaks
def test_a_reason_is_a_single_line(line_break, told):
    given(OPENED).when(CancelOrder(f"a{line_break}b")).then_refused(
        "bad-text", field="reason", actual=told
    )


def test_cancelling_again_changes_nothing():
    given(OPENED, CANCELLED).when(CancelOrder()).then()


def test_cancelling_again_for_another_reason_changes_nothing():
    given(OPENED, OrderCancelled("Ordered twice")).when(CancelOrder("Too late")).then()


def test_cannot_cancel_a_completed_order():
    given(OPENED, added(), COMPLETED).when(CancelOrder("Too late")).then_refused(
        "order-closed", number=NUMBER, status="completed"
    )


def test_cannot_cancel_an_order_that_does_not_exist():
    given().when(CancelOrder()).then_refused("no-such-order")

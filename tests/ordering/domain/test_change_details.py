import pytest

from ordering.domain.order import ChangeDetails, DetailsChanged, OrderOpened
from tests.ordering.domain.samples import (
    HARBOUR,
    NUMBER,
    OPENED,
    bad_characters,
    good_texts,
    line_breaks,
    on_closed_orders,
)
from tests.ordering.domain.scenario import given

WITH_DETAILS = OrderOpened(NUMBER, HARBOUR, "EUR", "PO 7", "Ring twice", None)


def test_changes_the_reference_and_leaves_the_note():
    given(WITH_DETAILS).when(ChangeDetails(reference="PO 8")).then(DetailsChanged("PO 8", None))


def test_changes_the_note_and_leaves_the_reference():
    given(WITH_DETAILS).when(ChangeDetails(note="Knock")).then(DetailsChanged(None, "Knock"))


def test_changes_both():
    given(WITH_DETAILS).when(ChangeDetails("PO 8", "Knock")).then(DetailsChanged("PO 8", "Knock"))


def test_empty_text_clears_the_details():
    given(WITH_DETAILS).when(ChangeDetails("", " \r\n ")).then(DetailsChanged("", ""))


def test_of_two_texts_only_the_one_that_differs_is_a_change():
    given(WITH_DETAILS).when(ChangeDetails("PO 7", "Knock")).then(DetailsChanged(None, "Knock"))
    given(WITH_DETAILS).when(ChangeDetails("PO 8", "Ring twice")).then(DetailsChanged("PO 8", None))


def test_changing_to_the_details_that_are_there_changes_nothing():
    given(WITH_DETAILS).when(ChangeDetails("PO 7", "Ring twice")).then()
    given(WITH_DETAILS).when(ChangeDetails(" PO 7 ", "\r\nRing twice\r\n")).then()


def test_changing_again_changes_nothing():
    given(OPENED, DetailsChanged("Caf\u00e9", "a\nb")).when(
        ChangeDetails("Cafe\u0301", "a\r\nb")
    ).then()


def test_asking_for_no_change_changes_nothing():
    given(WITH_DETAILS).when(ChangeDetails()).then()


@good_texts
def test_keeps_the_text(text, kept):
    given(WITH_DETAILS).when(ChangeDetails(text, text)).then(DetailsChanged(kept, kept))


def test_a_note_keeps_its_lines():
    note = "Ring twice\r\n\tat the back\u2028or knock"
    given(OPENED).when(ChangeDetails(note=note)).then(
        DetailsChanged(None, "Ring twice\n\tat the back\u2028or knock")
    )


@line_breaks
def test_a_reference_is_a_single_line(line_break, told):
    given(OPENED).when(ChangeDetails(reference=f"a{line_break}b")).then_refused(
        "bad-text", field="reference", actual=told
    )


@bad_characters
def test_refuses_a_character_that_cannot_be_kept(character, told):
    given(OPENED).when(ChangeDetails(reference=f"a{character}b")).then_refused(
        "bad-text", field="reference", actual=told
    )
    given(OPENED).when(ChangeDetails(note=f"a{character}b")).then_refused(
        "bad-text", field="note", actual=told
    )


def test_a_bad_note_also_stops_a_good_reference():
    given(OPENED).when(ChangeDetails("PO 8", "a\x00b")).then_refused(
        "bad-text", field="note", actual="U+0000"
    )


def test_a_reference_has_at_most_80_characters():
    given(OPENED).when(ChangeDetails(reference="a" * 80)).then(DetailsChanged("a" * 80, None))
    given(OPENED).when(ChangeDetails(reference="a" * 81)).then_refused(
        "text-too-long", field="reference", limit=80, actual=81
    )


def test_a_note_has_at_most_2000_characters():
    given(OPENED).when(ChangeDetails(note="a" * 2_000)).then(DetailsChanged(None, "a" * 2_000))
    given(OPENED).when(ChangeDetails(note="a" * 2_001)).then_refused(
        "text-too-long", field="note", limit=2_000, actual=2_001
    )


def test_a_text_counts_as_it_is_kept():
    # Four characters that NFC makes one, and one that it makes two.
    given(OPENED).when(ChangeDetails(reference="\u03b1\u0313\u0300\u0345" * 80)).then(
        DetailsChanged("\u1f82" * 80, None)
    )
    given(OPENED).when(ChangeDetails(reference="\u0958" * 41)).then_refused(
        "text-too-long", field="reference", limit=80, actual=82
    )


@pytest.mark.parametrize("length", [8_001, 1_000_000])
def test_a_hostile_text_is_refused_before_it_is_normalised(length, monkeypatch):
    # These marks are out of order: to put a million of them in order takes many minutes.
    hostile = ("\u0301\u0327" * length)[:length]
    with monkeypatch.context() as patch:
        patch.setattr("unicodedata.normalize", lambda *_: pytest.fail("was normalised"))
        given(OPENED).when(ChangeDetails(note=hostile)).then_refused(
            "text-too-long", field="note", limit=2_000, actual=length
        )


@on_closed_orders
def test_cannot_change_the_details_of_a_closed_order(closing, status):
    given(WITH_DETAILS, closing).when(ChangeDetails("PO 8")).then_refused(
        "order-closed", number=NUMBER, status=status
    )


@on_closed_orders
def test_a_closed_order_also_refuses_the_details_that_it_has(closing, status):
    given(WITH_DETAILS, closing).when(ChangeDetails("PO 7")).then_refused(
        "order-closed", number=NUMBER, status=status
    )


def test_cannot_change_the_details_of_an_order_that_does_not_exist():
    given().when(ChangeDetails("PO 8")).then_refused("no-such-order")

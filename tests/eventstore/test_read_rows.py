import uuid

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from eventstore import read_rows
from eventstore.statements import run, write_together
from ordering.models import FavouriteContents, OrderLine
from tests.eventstore.tables import Sum, Tally

pytestmark = pytest.mark.usefixtures("engine")


def test_rows_come_back_as_they_were_saved():
    saved = Sum(stream_id=uuid.uuid4(), total=7, parts=[3, 4], closed_at=timezone.now())
    write_together(list(read_rows.of(Sum).save([saved])))
    [found] = read_rows.load({Sum: [saved.pk]})
    assert (found.pk, found.total, found.parts, found.closed_at) == (
        saved.pk, 7, [3, 4], saved.closed_at,
    )  # fmt: skip
    assert not found._state.adding


def test_json_comes_back_as_it_was_saved():
    saved = FavouriteContents(
        order_id=uuid.uuid4(), customer_id=1, currency="EUR", quantities={"FLR-25": 3}
    )
    write_together(list(read_rows.of(FavouriteContents).save([saved])))
    [found] = read_rows.load({FavouriteContents: [saved.pk]})
    assert found.quantities == {"FLR-25": 3}


def test_one_row_of_each_table_takes_one_statement_and_a_missing_one_is_left_out():
    stream_id = uuid.uuid4()
    write_together(list(read_rows.of(Sum).save([Sum(stream_id=stream_id)])))
    with CaptureQueriesContext(connection) as captured:
        found = read_rows.load({Tally: [1], Sum: [stream_id]})
    assert found == [Sum(stream_id=stream_id)]
    assert len(captured) == 1


def test_many_rows_take_one_statement_a_table():
    rows = [Tally(number=number, marks="|" * number) for number in range(5)]
    write_together(list(read_rows.of(Tally).save(rows)))
    with CaptureQueriesContext(connection) as captured:
        found = read_rows.load({Tally: [1, 2, 99], Sum: [uuid.uuid4(), uuid.uuid4()]})
    assert sorted(row.marks for row in found) == ["|", "||"]
    assert len(captured) == 2


def test_keys_of_several_columns_find_their_rows(alice):
    order_id = uuid.uuid4()
    about = {"name": "Flour", "unit": "25 kg", "quantity": 1, "unit_price": "18.40"}
    who = {"added_version": 1, "added_by": alice, "changed_version": 1, "changed_by": alice}
    when = {"added_at": timezone.now(), "changed_at": timezone.now()}
    rows = [
        OrderLine(order_id=order_id, sku=sku, **about, **who, **when) for sku in ("A", "B", "C")
    ]
    write_together(list(read_rows.of(OrderLine).save(rows)))
    keys = [(order_id, "A"), (order_id, "C"), (uuid.uuid4(), "B")]
    assert {row.sku for row in read_rows.load({OrderLine: keys})} == {"A", "C"}
    write_together(list(read_rows.of(OrderLine).delete(keys)))
    assert {row.sku for row in read_rows.load({OrderLine: [(order_id, s) for s in "ABC"]})} == {"B"}


def test_more_rows_than_a_statement_has_room_for_are_saved(monkeypatch):
    monkeypatch.setattr(read_rows, "MOST_PARAMS", 5)
    rows = [Tally(number=number, marks="") for number in range(5)]
    for statement in read_rows.of(Tally).save(rows):
        run(statement)
    assert Tally.objects.count() == 5

"""The judges of the other tests: each finds what it is for."""

import re
import uuid
from dataclasses import replace

import pytest
from django.db import connection

from ordering import handling
from tests.factories import ProductFactory
from tests.faults import judging
from tests.faults.client import Intent
from tests.faults.judging import Store, command_id, folded, lost_or_doubled, out_of_time

ALICE = 7
ORDER = str(uuid.UUID(int=1))


def intent(key, kind="add", quantity=2, *, etag, began, ended, sku="FLR-25"):
    return Intent(key, ORDER, kind, sku, quantity, 200, etag, began, ended)


INTENTS = [
    intent("a", etag=2, began=0.0, ended=1.0),
    intent("b", "set", 5, etag=3, began=2.0, ended=3.0),
    intent("c", "remove", 1, etag=4, began=4.0, ended=5.0, sku="YST-1"),  # there was none
]


class Told:
    """A store that has what was acknowledged."""

    def __init__(self):
        stream = uuid.UUID(ORDER)
        self.ids = [command_id(ALICE, one.key) for one in INTENTS]
        self.kept = {
            self.ids[0]: (stream, 1, 2, None),
            self.ids[1]: (stream, 2, 3, None),
            self.ids[2]: (stream, 3, 3, None),
        }
        self.log = {
            self.ids[0]: [(stream, 2, "ItemAdded", {"sku": "FLR-25", "quantity": 2})],
            self.ids[1]: [(stream, 3, "QuantityChanged", {"sku": "FLR-25", "quantity": 5})],
        }

    def outcomes(self):
        return self.kept

    def events(self):
        return self.log


@pytest.fixture
def told():
    return Told()


def test_nothing_is_wrong_with_what_was_done_once_and_in_order(told):
    assert lost_or_doubled(told, ALICE, INTENTS) == []
    assert out_of_time(told, ALICE, INTENTS) == []
    assert folded(told, ALICE, INTENTS) == {ORDER: {"FLR-25": 5}}


def test_a_lost_command_is_found(told):
    del told.kept[told.ids[1]]
    assert "found none" in lost_or_doubled(told, ALICE, INTENTS)[0]


def test_a_lost_event_is_found(told):
    del told.log[told.ids[1]]
    assert "found []" in lost_or_doubled(told, ALICE, INTENTS)[0]


def test_another_quantity_is_found(told):
    told.log[told.ids[0]][0][3]["quantity"] = 3
    assert "('FLR-25', 3)" in lost_or_doubled(told, ALICE, INTENTS)[0]


def test_what_was_done_twice_is_found(told):
    told.log[told.ids[0]] *= 2
    assert len(lost_or_doubled(told, ALICE, INTENTS)) == 1


def test_what_nobody_was_told_of_is_found(told):
    assert "nobody was told" in lost_or_doubled(told, ALICE, INTENTS[1:])[0]


def test_an_answer_older_than_its_own_command_is_found(told):
    stale = [replace(INTENTS[0], etag=1), *INTENTS[1:]]
    assert "at least version 2" in lost_or_doubled(told, ALICE, stale)[0]


def test_a_version_smaller_than_one_acknowledged_before_is_found(told):
    late = [replace(INTENTS[0], began=6.0, ended=7.0), *INTENTS[1:]]
    assert "began at 1" in out_of_time(told, ALICE, late)[0]


def test_commands_that_overlap_may_have_any_order(told):
    beside = [replace(INTENTS[0], began=2.5, ended=7.0), *INTENTS[1:]]
    assert out_of_time(told, ALICE, beside) == []


# What makes each of judging.BROKEN true of a store with one order.
BREAKING = (
    "UPDATE eventstore_stream SET version = version + 1",
    "DELETE FROM eventstore_command",
    "UPDATE eventstore_command SET after = after + 1",
    "UPDATE ordering_orderhead SET version = version - 1",
    "DELETE FROM ordering_orderline",
    """INSERT INTO eventstore_event
              (position, stream_id, version, type, schema_version, data, metadata)
       OVERRIDING SYSTEM VALUE
       SELECT -1, stream_id, version + 1, type, schema_version, data, metadata
         FROM eventstore_event ORDER BY position DESC LIMIT 1""",
)


@pytest.mark.parametrize("number", range(len(BREAKING)))
def test_what_must_not_be_in_a_store_is_found(alice, number):
    [(fault, query)] = [*judging.BROKEN.items()][number : number + 1]
    sku = ProductFactory().sku
    handling.open_order(handling.Caller(alice, "console"), key="opened", items=[(sku, 2)])
    with connection.cursor() as cursor:
        store = Store(cursor)
        store.is_sound()
        cursor.execute(BREAKING[number])
        with pytest.raises(AssertionError, match=re.escape(fault)):
            assert store.ask(query) == [], fault


def test_each_of_them_is_broken_once():
    assert len(BREAKING) == len(judging.BROKEN)

"""Each way in which a run can lose something: what has to be otherwise, and what the verdict then
says."""

from dataclasses import replace
from decimal import Decimal
from uuid import UUID

from ordering.domain.order import (
    INITIAL,
    DetailsChanged,
    ItemRemoved,
    OrderCancelled,
    OrderCompleted,
    QuantityChanged,
)
from ordering.simulation.verdict import Answer, Shown
from tests.ordering.domain.samples import added
from tests.ordering.simulation.a_run import ALICE, BOB, ORDER, OTHER, SET_5


def forgotten(run):
    run.asks(BOB, "quantity", **SET_5, seen=2)
    return "expected an accepted command in the store, found none"


def refused_by_the_store(run):
    run.sends(BOB, "quantity", **SET_5, seen=2)
    run.commands[-1].refusal = {"code": "conflict", "params": {}}
    return "expected an accepted command in the store, found none"


def remembered_without_an_event(run):
    run.sends(BOB, "quantity", **SET_5, seen=2)
    return "QuantityChanged(sku='FLR-25', quantity=5)] as versions [], found nothing"


def nothing_to_add(run):
    run.sends(BOB, "add", **SET_5, seen=2)
    return "quantity=5, unit_price=Decimal('0'))] as versions [], found nothing"


def another_quantity(run):
    run.sends(BOB, "quantity", QuantityChanged("FLR-25", 6), **SET_5, seen=2)
    return "found QuantityChanged(sku='FLR-25', quantity=6) at version 3 by agent 2"


def another_line(run):
    run.sends(BOB, "remove", ItemRemoved("FLR-25"), sku="YST-1", seen=2)
    return "expected [] as versions [3], found ItemRemoved(sku='FLR-25')"


def another_quantity_added(run):
    run.sends(BOB, "add", added("FLR-25", 4), **SET_5, seen=2)
    return "quantity=4"


def a_detail_that_was_not_touched(run):
    run.sends(
        BOB,
        "details",
        DetailsChanged("Friday", "Ring"),
        note="Ring",
        seen=2,
    )
    return "found DetailsChanged(reference='Friday', note='Ring')"


def another_total(run):
    run.sends(BOB, "complete", OrderCompleted(Decimal("1.00"), "EUR"), seen=2)
    return "found OrderCompleted(total=Decimal('1.00'), currency='EUR')"


def another_reason(run):
    run.sends(BOB, "cancel", OrderCancelled(""), reason="Ill", seen=2)
    return "found OrderCancelled(reason='')"


def more_than_was_meant(run):
    run.sends(BOB, "add", added("FLR-25", 5), added("FLR-25", 5), **SET_5, seen=2)
    return "as versions [3, 4], found"


def at_another_version(run):
    run.sends(BOB, "add", added("FLR-25", 5), **SET_5, seen=2)
    run.commands[-1].after += 1
    return "as versions [3, 4], found ItemAdded"


def done_twice(run):
    intent = run.sends(BOB, "add", added("FLR-25", 5), **SET_5, seen=2)
    run.accepts(intent.command_ids[1], added("FLR-25", 5), agent=BOB)
    return "expected one command in the store, found 2"


def elsewhere(run):
    run.sends(BOB, "add", added("FLR-25", 5), **SET_5, seen=2, order=OTHER)
    return f"expected it in this order, found it in order {ORDER}"


def on_a_closed_order(run):
    run.sends(ALICE, "complete", OrderCompleted(2 * added().unit_price, "EUR"), seen=2)
    run.sends(BOB, "add", added("FLR-25", 5), **SET_5, seen=2)
    return "expected no change of a completed order"


def asked_and_done(run):
    intent = run.sends(BOB, "quantity", QuantityChanged("FLR-25", 5), **SET_5, seen=2)
    run.intents[-1] = replace(intent, answer=Answer.ASKED)
    return "asked, but the log has QuantityChanged"


def refused_and_done(run):
    intent = run.sends(BOB, "quantity", QuantityChanged("FLR-25", 5), **SET_5, seen=2)
    run.intents[-1] = replace(intent, answer=Answer.REFUSED)
    return "refused, but the log has QuantityChanged"


def quantity_over_a_colleagues(run):
    run.sends(ALICE, "add", added("FLR-25", 1), sku="FLR-25", quantity=1, seen=2)
    run.sends(BOB, "quantity", QuantityChanged("FLR-25", 5), **SET_5, seen=2)
    return "expected a question, found it done over ItemAdded(sku='FLR-25'"


def removal_over_a_colleagues(run):
    run.sends(ALICE, "quantity", QuantityChanged("FLR-25", 5), **SET_5, seen=2)
    run.sends(BOB, "remove", ItemRemoved("FLR-25"), sku="FLR-25", seen=2)
    return "expected a question, found it done over QuantityChanged(sku='FLR-25', quantity=5)"


def note_over_a_colleagues(run):
    run.sends(ALICE, "details", DetailsChanged(None, "Ring"), note="Ring", seen=2)
    run.sends(BOB, "details", DetailsChanged(None, "Gate"), note="Gate", seen=2)
    return "expected a question, found it done over DetailsChanged(reference=None, note='Ring')"


def completion_over_a_colleagues_change(run):
    run.sends(ALICE, "add", added("YST-1", 1), sku="YST-1", quantity=1, seen=2)
    total = 2 * added().unit_price + added("YST-1").unit_price
    run.sends(BOB, "complete", OrderCompleted(total, "EUR"), seen=2)
    return "expected a question, found it done over ItemAdded(sku='YST-1'"


def out_of_the_log(run):
    run.sends(BOB, "add", added("YST-1", 5), sku="YST-1", quantity=5, seen=2)
    run.sends(BOB, "quantity", QuantityChanged("YST-1", 6), sku="YST-1", quantity=6, seen=3)
    run.shows()
    del run.events[-2]
    return "expected versions 1 to 3, found [1, 2, 4]"


def what_it_was_built_on(run):
    run.sends(BOB, "quantity", QuantityChanged("YST-1", 6), sku="YST-1", quantity=6, seen=2)
    run.rows = {ORDER: Shown(INITIAL, 3, 1, Decimal(0))}
    return "there is no line for QuantityChanged(sku='YST-1', quantity=6) at version 3 by agent 2"


def the_whole_order(run):
    run.sends(BOB, "quantity", QuantityChanged("FLR-25", 5), **SET_5, seen=2)
    run.events.clear()
    return "as versions [3], found nothing"


def nobodys(run):
    run.accepts(UUID(int=99), QuantityChanged("FLR-25", 5), agent=BOB)
    return "nobody meant QuantityChanged(sku='FLR-25', quantity=5) at version 3 by agent 2"


def someone_elses(run):
    run.sends(BOB, "add", added("FLR-25", 5), **SET_5, seen=2)
    run.intents[-1] = replace(run.intents[-1], agent=ALICE)
    return "nobody meant ItemAdded"


def rows_with_another_line(run):
    run.shows(order=replace(INITIAL, lines={}))
    return "expected its rows to show lines as [('FLR-25', Line("


def rows_of_an_earlier_version(run):
    run.shows(version=1)
    return "expected its rows to show version as 2, found 1"


def rows_with_another_total(run):
    run.shows(total=Decimal(0))
    return "expected its rows to show total as "


def no_rows(run):
    run.rows = {OTHER: None}
    return "expected its rows to show status as <Status.OPEN: 'open'>, found None"


LOST = [
    forgotten,
    refused_by_the_store,
    remembered_without_an_event,
    nothing_to_add,
    another_quantity,
    another_line,
    another_quantity_added,
    a_detail_that_was_not_touched,
    another_total,
    another_reason,
    more_than_was_meant,
    at_another_version,
    done_twice,
    elsewhere,
    on_a_closed_order,
    asked_and_done,
    refused_and_done,
    quantity_over_a_colleagues,
    removal_over_a_colleagues,
    note_over_a_colleagues,
    completion_over_a_colleagues_change,
    out_of_the_log,
    what_it_was_built_on,
    the_whole_order,
    nobodys,
    someone_elses,
    rows_with_another_line,
    rows_of_an_earlier_version,
    rows_with_another_total,
    no_rows,
]

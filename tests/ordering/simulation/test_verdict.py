"""A run that went well, and what the verdict says when one thing in it is otherwise."""

from dataclasses import replace
from decimal import Decimal
from functools import reduce
from uuid import UUID

import pytest

from eventstore.models import Command
from eventstore.store import Metadata, RecordedEvent
from ordering.domain.order import (
    INITIAL,
    DetailsChanged,
    ItemRemoved,
    OrderCancelled,
    OrderCompleted,
    QuantityChanged,
    evolve,
)
from ordering.simulation.verdict import Answer, Intent, Shown, judge
from tests.ordering.domain.samples import OPENED, added

ALICE, BOB = 1, 2
ORDER, OTHER = UUID(int=1), UUID(int=2)


class Run:
    """Intents and what the store made of them. It begins with Alice's order of 2 x FLR-25."""

    def __init__(self):
        self.intents, self.events, self.commands = [], [], []
        self.rows = {}
        self.since = 0
        self.sends(ALICE, "open", OPENED, reference=OPENED.reference)
        self.sends(ALICE, "add", added("FLR-25", 2), sku="FLR-25", quantity=2, seen=1)

    @property
    def version(self):
        return len(self.events)

    def asks(self, agent, kind, answer=Answer.ACCEPTED, **said):
        """An intent of which the store knows nothing."""
        key = UUID(int=len(self.intents))
        said = {"order": ORDER, **said}
        self.intents.append(Intent(agent=agent, key=key, kind=kind, answer=answer, **said))
        return self.intents[-1]

    def sends(self, agent, kind, *events, over_own=False, **said):
        """An intent that the store accepted, and its events."""
        intent = self.asks(agent, kind, **said)
        self.accepts(intent.command_ids[over_own], *events, agent=agent)
        return intent

    def accepts(self, command_id, *events, agent=ALICE, stream=ORDER):
        before = self.version
        self.commands.append(
            Command(id=command_id, stream_id=stream, before=before, after=before + len(events))
        )
        for version, event in enumerate(events, before + 1):
            self.events.append(
                RecordedEvent(
                    version, stream, version, event, Metadata(agent), command_id, recorded_at=None
                )
            )

    def shows(self, **otherwise):
        """The order's rows, of the events so far."""
        order = reduce(evolve, (recorded.event for recorded in self.events), INITIAL)
        shown = Shown(order, self.version, len(order.lines), order.total)
        self.rows[ORDER] = replace(shown, **otherwise)

    def judged(self):
        if not self.rows:
            self.shows()
        return judge(self.intents, self.events, self.commands, self.rows, since=self.since)


@pytest.fixture
def run():
    return Run()


SET_5 = {"sku": "FLR-25", "quantity": 5}
FINE = {
    "a quantity": lambda run: run.sends(
        BOB, "quantity", QuantityChanged("FLR-25", 5), **SET_5, seen=2
    ),
    "a quantity that is so": lambda run: run.sends(
        BOB, "quantity", sku="FLR-25", quantity=2, seen=2
    ),
    "a removal": lambda run: run.sends(BOB, "remove", ItemRemoved("FLR-25"), sku="FLR-25", seen=2),
    "a removal of nothing": lambda run: run.sends(BOB, "remove", sku="YST-1", seen=2),
    "both details": lambda run: run.sends(
        BOB, "details", DetailsChanged("Sunday", "Ring"), reference="Sunday", note="Ring", seen=2
    ),
    "a detail": lambda run: run.sends(
        BOB, "details", DetailsChanged(None, "Ring"), note="Ring", seen=2
    ),
    "no new detail": lambda run: run.sends(BOB, "details", seen=2),
    "a completion": lambda run: run.sends(
        BOB, "complete", OrderCompleted(2 * added().unit_price, "EUR"), seen=2
    ),
    "a cancellation": lambda run: run.sends(
        BOB, "cancel", OrderCancelled("Ill"), reason="Ill", seen=2
    ),
    "a change over one's own": lambda run: run.sends(
        ALICE, "quantity", QuantityChanged("FLR-25", 5), over_own=True, **SET_5, seen=1
    ),
}


@pytest.mark.parametrize("change", FINE)
def test_what_is_in_the_log_as_it_was_meant_is_not_lost(change, run):
    FINE[change](run)
    verdict = run.judged()
    assert (verdict.problems, verdict.accepted, verdict.merged) == ([], 3, 0)


def test_an_item_for_a_new_order_is_an_order_with_the_item():
    run = Run()
    run.intents, run.events, run.commands = [], [], []
    run.sends(BOB, "anew", OPENED, added("FLR-25", 2), **SET_5 | {"quantity": 2})
    assert run.judged().problems == []


def test_every_answer_is_counted(run):
    run.asks(BOB, "quantity", Answer.ASKED, **SET_5, seen=2)
    run.asks(BOB, "quantity", Answer.ASKED, **SET_5, seen=2)
    run.asks(BOB, "add", Answer.REFUSED, **SET_5, seen=2)
    run.asks(BOB, "add", Answer.UNKNOWN, **SET_5, seen=2)
    verdict = run.judged()
    assert (verdict.accepted, verdict.asked, verdict.refused, verdict.unknown) == (2, 2, 1, 1)
    assert (verdict.merged, verdict.lost) == (0, 0)


@pytest.mark.parametrize(
    ("kind", "event", "said"),
    [
        ("add", added("FLR-25", 5), SET_5),
        ("quantity", QuantityChanged("FLR-25", 5), SET_5),
        ("remove", ItemRemoved("FLR-25"), {"sku": "FLR-25"}),
    ],
)
def test_what_was_accepted_beside_a_colleagues_unseen_change_has_merged(kind, event, said, run):
    run.sends(ALICE, "add", added("YST-1", 1), sku="YST-1", quantity=1, seen=2)
    run.sends(BOB, kind, event, **said, seen=2)
    assert (run.judged().merged, run.judged().problems) == (1, [])


def test_a_detail_that_the_agent_left_alone_is_not_theirs_to_change(run):
    run.sends(ALICE, "details", DetailsChanged("Friday", None), reference="Friday", seen=2)
    run.sends(BOB, "details", DetailsChanged(None, "Ring"), reference="", note="Ring", seen=2)
    assert (run.judged().merged, run.judged().problems) == (1, [])


def test_a_detail_that_has_come_true_already_is_not_changed(run):
    run.sends(ALICE, "details", DetailsChanged("Friday", None), reference="Friday", seen=2)
    run.sends(BOB, "details", DetailsChanged(None, "Ring"), reference="Friday", note="Ring", seen=2)
    assert (run.judged().merged, run.judged().problems) == (1, [])


def test_ones_own_unseen_change_is_nothing_to_merge_with(run):
    run.sends(ALICE, "add", added("YST-1", 1), sku="YST-1", quantity=1, seen=2)
    run.sends(ALICE, "add", added("YST-1", 1), sku="YST-1", quantity=1, seen=2)
    assert run.judged().merged == 0


def test_a_lost_answer_may_have_been_a_change(run):
    intent = run.sends(BOB, "quantity", QuantityChanged("FLR-25", 5), **SET_5, seen=2)
    run.intents[-1] = replace(intent, answer=Answer.UNKNOWN, order=None)
    assert (run.judged().unknown, run.judged().problems) == (1, [])


def test_what_was_there_before_the_run_needs_nobody_who_meant_it(run):
    run.intents.clear()
    assert run.judged().lost == 2
    run.since = run.events[-1].position
    assert run.judged().problems == []


# --- Each way of being lost ------------------------------------------------------------------


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


@pytest.mark.parametrize("lose", LOST, ids=lambda lose: lose.__name__)
def test_whatever_is_lost_is_named(lose, run):
    problem = lose(run)
    verdict = run.judged()
    assert verdict.lost
    assert any(problem in line for line in verdict.problems), verdict.problems


def test_a_problem_says_who_wanted_what_where_and_when_they_looked(run):
    run.asks(BOB, "quantity", **SET_5, seen=2)
    [problem] = run.judged().problems
    assert problem.startswith(
        f"order {ORDER}: quantity FLR-25 5 of agent 2, who saw version 2 (key {UUID(int=2)}): "
    )

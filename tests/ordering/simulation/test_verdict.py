"""A run that went well, and what the verdict says when one thing in it is otherwise."""

from dataclasses import replace
from uuid import UUID

import pytest

from ordering.domain.order import (
    DetailsChanged,
    ItemRemoved,
    OrderCancelled,
    OrderCompleted,
    QuantityChanged,
)
from ordering.simulation.verdict import Answer
from tests.ordering.domain.samples import OPENED, added
from tests.ordering.simulation.a_run import ALICE, BOB, ORDER, SET_5, Run
from tests.ordering.simulation.losses import LOST


@pytest.fixture
def run():
    return Run()


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

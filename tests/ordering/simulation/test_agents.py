"""Simulated agents in the real shop, one click after the other."""

import random
from dataclasses import replace

import pytest

from eventstore.models import Event
from ordering import handling
from ordering.models import OrderHead, OrderLine
from ordering.simulation import agents, database
from ordering.simulation.browser import Failed, Page
from ordering.simulation.verdict import Answer, judge

pytestmark = pytest.mark.django_db


def judged(board, crew):
    known = {intent.order for intent in board.intents if intent.order}
    return judge(board.intents, *database.read_log([agent.pk for agent in crew], 0, known))


@pytest.fixture
def order_id(crew, board):
    return board.orders[0]


@pytest.fixture
def alice(crew, order_id):
    """With the order open in the browser, as it is now."""
    crew[0].look(f"/orders/{order_id}/")
    return crew[0]


@pytest.fixture
def bob(crew, order_id):
    crew[1].look(f"/orders/{order_id}/")
    return crew[1]


@pytest.fixture
def does(order_id):
    """An agent sends a form of the page that they have open; returns the intent."""

    def does(agent, kind, **typed):
        form = next(form for form in agent.pages[order_id].forms if agents._kind(form) == kind)
        agent.keep(order_id, agent.send(form.filled(**typed)))
        return agent.board.intents[-1]

    return does


@pytest.fixture
def asked(alice, bob, does, order_id):
    """Bob, who is asked since he and Alice wanted more of the same product."""
    does(alice, "quantity", quantity="20")
    assert does(bob, "quantity", quantity="30").answer is Answer.ASKED
    return bob


def first_line(order_id):
    return OrderLine.objects.filter(order_id=order_id).order_by("added_version").first()


def test_who_has_another_password_is_not_let_in(hire):
    assert not hire().log_in("guess")


def test_an_opened_order_has_lines_and_is_what_was_put_down(crew, board, order_id):
    assert OrderHead.objects.get(pk=order_id).line_count == agents.LINES
    assert [intent.kind for intent in board.intents] == ["open", *["add"] * agents.LINES]
    assert {intent.order for intent in board.intents} == {order_id}
    assert judged(board, crew).problems == []


def test_what_is_put_down_is_what_the_form_said(bob, does, order_id):
    before = OrderHead.objects.get(pk=order_id)
    intent = does(bob, "details", note="Ring\r\ntwice ")
    assert (intent.agent, intent.kind, intent.answer) == (bob.pk, "details", Answer.ACCEPTED)
    assert (intent.reference, intent.note, intent.seen) == (
        before.reference,
        "Ring\ntwice",
        before.version,
    )
    intent = does(bob, "quantity", quantity="7")
    assert (intent.sku, intent.quantity, intent.seen) == (
        first_line(order_id).sku,
        7,
        before.version + 1,
    )


def test_the_page_is_as_it_was_last_seen(alice, bob, does, order_id):
    does(alice, "quantity", quantity="20")
    assert does(bob, "add", sku="YST-1", quantity="1").seen == agents.LINES + 1


@pytest.mark.parametrize(("way", "quantity"), [(0, 20), (1, 30)])
def test_who_is_asked_goes_one_of_the_ways(way, quantity, asked, board, crew, order_id):
    asked.dice.choice = lambda ways: ways[way]
    asked.turn()
    assert first_line(order_id).quantity == quantity
    assert not asked.pages[order_id].ways
    assert judged(board, crew).problems == []


def test_both_is_a_way_too(asked, board, crew, order_id):
    before = Event.objects.filter(stream_id=order_id, type="ItemAdded").first().data["quantity"]
    asked.dice.choice = lambda ways: ways[2]
    asked.turn()
    assert first_line(order_id).quantity == 20 + 30 - before
    assert judged(board, crew).problems == []


def test_a_question_comes_before_anything_else(asked, board):
    asked.dice.choice = lambda ways: ways[1]
    asked.turn()
    assert board.intents[-1].kind == "quantity"
    assert board.intents[-1].seen == board.intents[-2].seen + 1


def test_over_ones_own_change_it_is_found_under_its_other_command_id(
    alice, does, board, crew, order_id
):
    another_tab = alice.pages[order_id]
    alice.look(f"/orders/{order_id}/")
    does(alice, "quantity", quantity="20")
    alice.pages[order_id] = another_tab
    intent = does(alice, "quantity", quantity="30")
    assert intent.answer is Answer.ACCEPTED
    assert Event.objects.filter(command_id=intent.command_ids[1]).exists()
    assert judged(board, crew).problems == []


def test_an_item_for_a_closed_order_goes_into_a_new_one(alice, bob, does, board, crew, order_id):
    bob.dice = random.Random(0)
    bob.dice.random = lambda: 0.0
    bob.dice.choices = lambda *_: ["add"]
    does(alice, "complete")
    board.orders = [order_id]
    bob.turn()
    refused, anew = [intent for intent in board.intents if intent.agent == bob.pk]
    assert (refused.answer, refused.order) == (Answer.REFUSED, order_id)
    assert (anew.kind, anew.answer) == ("anew", Answer.ACCEPTED)
    assert (anew.sku, anew.quantity) == (refused.sku, refused.quantity)
    assert OrderHead.objects.get(pk=anew.order).line_count == 1
    assert judged(board, crew).problems == []


def test_in_the_place_of_a_closed_order_one_agent_opens_another(alice, bob, does, board, order_id):
    does(alice, "cancel", reason="Ill")
    [new] = board.orders
    assert (new != order_id, OrderHead.objects.get(pk=new).is_open) == (True, True)
    bob.look(f"/orders/{order_id}/")
    assert board.orders == [new]
    assert order_id not in bob.pages


def test_when_the_new_order_could_not_be_opened_the_next_agent_tries(
    alice, bob, does, board, order_id, monkeypatch
):
    def fail():
        raise Failed("expected an answer, found none")

    monkeypatch.setattr(alice, "open_order", fail)
    with pytest.raises(Failed):
        does(alice, "cancel")
    assert board.orders == [order_id]
    bob.look(f"/orders/{order_id}/")
    assert board.orders != [order_id]


def test_after_an_error_the_intent_is_unknown_and_the_page_is_gone(
    bob, does, board, crew, order_id, monkeypatch
):
    def fail(form):
        raise Failed("expected 200, found 500")

    monkeypatch.setattr(bob.browser, "sends", fail)
    with pytest.raises(Failed):
        does(bob, "quantity", quantity="7")
    assert board.intents[-1].answer is Answer.UNKNOWN
    assert order_id not in bob.pages
    assert judged(board, crew).problems == []


@pytest.mark.parametrize("status", [200, 409, 422])
def test_a_page_that_is_no_answer_is_an_error(status):
    with pytest.raises(Failed, match=f"found another page with status {status}"):
        agents.answer_of(Page("http://testserver/", status, "<p>Welcome</p>"))


def work(crew, turns):
    dice = random.Random(7)
    for _ in range(turns):
        dice.choice(crew).turn()


def test_whatever_they_do_nothing_is_lost(crew, board):
    work(crew, 80)
    verdict = judged(board, crew)
    assert verdict.problems == []
    assert min(verdict.accepted, verdict.merged, verdict.asked) > 0


def test_a_shop_that_never_asks_is_found_out(crew, board, monkeypatch):
    monkeypatch.setattr(handling, "ORDER", replace(handling.ORDER, collide=None))
    work(crew, 80)
    verdict = judged(board, crew)
    assert verdict.lost
    assert all("expected a question, found it done over" in line for line in verdict.problems)


def test_a_shop_that_answers_before_it_has_done_anything_is_found_out(
    crew, board, does, alice, monkeypatch
):
    def forget(decider, stream_id, command, **_):
        _, version = decider.load(stream_id)
        return handling.Outcome(stream_id, version, ())

    monkeypatch.setattr(handling, "handle", forget)
    does(alice, "quantity", quantity="20")
    [problem] = judged(board, crew).problems
    assert "expected an accepted command in the store, found none" in problem


def test_a_shop_that_shows_what_is_not_in_the_log_is_found_out(crew, board, order_id):
    OrderLine.objects.filter(order_id=order_id).update(quantity=77)
    [problem] = judged(board, crew).problems
    assert "expected its rows to show lines as" in problem

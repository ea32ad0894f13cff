"""What has happened to a customer's orders lately."""

import uuid

import pytest

from ordering.live.board import Board
from tests.ordering.live.conftest import events_of

FIRST, SECOND, THIRD = (uuid.UUID(int=n) for n in (1, 2, 3))


@pytest.fixture
def board():
    """Three orders, noted at 10, 20 and 30 s."""
    board = Board()
    for order_id, at in ((FIRST, 10.0), (SECOND, 20.0), (THIRD, 30.0)):
        board.note(order_id, 1, at)
    return board


def told(board, number):
    return [
        (data["order"], data["version"])
        for _, data in events_of(b"".join(board.after(number)).decode())
    ]


def test_it_tells_what_came_after_an_entry(board):
    assert told(board, 1) == [(str(SECOND), 1), (str(THIRD), 1)]
    assert told(board, board.last) == []


def test_an_order_that_changes_again_stands_there_once_and_last(board):
    board.note(FIRST, 2, 40.0)
    assert told(board, 0) == [(str(SECOND), 1), (str(THIRD), 1), (str(FIRST), 2)]


def test_an_event_says_when_it_was_noted(board):
    assert board.after(2) == [
        b'id: 30000\nevent: version\ndata: {"order":"%s","version":1}\n\n' % str(THIRD).encode()
    ]


@pytest.mark.parametrize(("moment", "number"), [(5, 0), (20, 1), (20.1, 2), (99, 3)])
def test_it_knows_what_had_happened_at_a_moment(moment, number, board):
    assert board.number_at(moment) == number


def test_what_is_forgotten_is_not_passed_over(board):
    board.forget(before=15.0)
    assert board.after(0) is None
    assert told(board, 1) == [(str(SECOND), 1), (str(THIRD), 1)]
    assert board.number_at(5) == 1


def test_it_may_forget_everything(board):
    board.forget(before=99.0)
    assert not board
    assert board.after(2) is None
    assert told(board, 3) == []


def test_a_clock_that_was_put_back_hides_nothing(board):
    board.note(FIRST, 2, 12.0)
    assert board.number_at(25) == 2


def test_with_a_standby_each_event_says_how_far_its_reader_must_see():
    board = Board(position=7)
    board.note(FIRST, 1, 10.0)
    board.position = 9
    board.note(SECOND, 1, 20.0)
    said = [data["position"] for _, data in events_of(b"".join(board.after(0)).decode())]
    assert said == [7, 9]
    assert board.placed() == {"position": 9}


def test_without_one_nothing_is_said_of_it(board):
    assert board.placed() == {}

"""Whom the hub of a process tells what, and when."""

import contextlib
import time
import uuid

import pytest

from ordering.live import hub as module
from ordering.live.door import Visitor
from ordering.live.hub import Hub
from tests.concurrency import in_a_loop

ALICE, CHARLIE = Visitor("hers", 1, 10, ""), Visitor("his", 3, 30, "")
ORDER, OTHER = uuid.uuid4(), uuid.uuid4()


@pytest.fixture
def story():
    """Runs a story with a hub that knows all that has happened so far."""

    def run(story):
        async def within():
            hub = Hub()
            hub._reaches_back_to = 0
            return story(hub)

        return in_a_loop(within())

    return run


def open_pages(hub, count, visitor=ALICE, order_id=OTHER):
    return [hub.open(visitor, order_id, since=time.time()) for _ in range(count)]


def changes(hub, order_id=ORDER):
    hub._tell(order_id, ALICE.customer_id, 7, time.time())


def woken(streams):
    return sum(stream._news.is_set() for stream in streams)


def test_the_pages_of_an_order_are_told_at_once_and_the_others_in_turn(story, monkeypatch):
    monkeypatch.setattr(module, "IN_TURN", 2)

    def run(hub):
        own, others = open_pages(hub, 3, order_id=ORDER), open_pages(hub, 4)
        changes(hub)
        seen = [(woken(own), woken(others))]
        for stream in own:
            stream._take()  # as its reader does, soon
        for _ in range(4):
            hub._tell_in_turn()
            seen.append(woken(others))
        return seen

    # Two turns are of those who have heard it already.
    assert story(run) == [(3, 0), 0, 1, 3, 4]


def test_who_waits_longest_comes_first_however_much_happens(story, monkeypatch):
    monkeypatch.setattr(module, "IN_TURN", 1)

    def run(hub):
        pages = open_pages(hub, 3)
        for _ in pages:
            changes(hub)
            hub._tell_in_turn()
        return woken(pages)

    assert story(run) == 3


def test_nobody_waits_for_another_customers_changes(story):
    def run(hub):
        his = open_pages(hub, 1, CHARLIE)
        changes(hub)
        hub._tell_in_turn()
        return woken(his), hub._waiting

    assert story(run) == (0, {})


def test_who_has_left_is_not_kept(story):
    def run(hub):
        for stream in open_pages(hub, 3, order_id=ORDER):
            changes(hub)
            hub.leave(stream)
        hub._forget(time.time() + 60)
        return [hub.streams, hub._waiting, hub._watching, hub._pages, hub._boards]

    assert not any(story(run))


def test_a_page_hears_what_had_not_happened_when_it_was_made(story, monkeypatch):
    monkeypatch.setattr(module, "MARGIN", 0.0)

    def run(hub):
        made = time.time()
        hub._tell(OTHER, ALICE.customer_id, 2, made - 1)
        hub._tell(ORDER, ALICE.customer_id, 7, made + 1)
        return woken([hub.open(ALICE, None, since=made), hub.open(ALICE, None, since=made + 2)])

    assert story(run) == 1


def test_only_who_has_moved_is_written_down_at_once(story):
    def run(hub):
        seen = []
        for place in ("", "", "details", "details"):
            hub._moved = False
            hub.sign_of_life(ORDER, place)
            hub._places |= hub._signs  # as it is written
            seen.append(hub._moved)
        return seen

    assert story(run) == [True, False, True, False]


class Database:
    """A primary whose log ends at 41, then at 42, and so on."""

    end = 40

    async def execute(self, sql):
        assert "pg_current_wal_insert_lsn" in sql
        self.end += 1
        return self

    async def fetchone(self):
        return [self.end]


@pytest.mark.parametrize(
    ("routers", "said"),
    [([], [{}, {}]), (["shop.standby.routing.Router"], [{"position": 42}, {"position": 42}])],
    ids=["without a standby", "with one"],
)
def test_a_page_that_looks_again_is_told_how_far_it_must_see(story, settings, routers, said):
    settings.DATABASE_ROUTERS = routers

    database = Database()

    def run(hub):
        [early] = open_pages(hub, 1)
        for _ in range(2):
            with contextlib.suppress(StopIteration):
                hub._note_position(database).send(None)
        [late] = open_pages(hub, 1, visitor=CHARLIE)
        return [stream._board.placed() for stream in (early, late)]

    assert story(run) == said

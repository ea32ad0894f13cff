"""The log of refused commands: what it keeps, how much of it, and that it harms nobody."""

import threading
import uuid
from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.db.models import F
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from eventstore import decider, refusals
from eventstore.models import Command, Event, Refusal
from eventstore.runner import Runner
from eventstore.store import Metadata
from tests.eventstore.counter import COUNTER, Add, Close, Refused
from tests.shop.processes import wait_until

pytestmark = pytest.mark.django_db


@pytest.fixture
def refused(send):
    """Send a command that is refused."""

    def refused(command=None, **options):
        with pytest.raises(Refused):
            send(command or Add((1,)), **options)

    return refused


@pytest.fixture
def note():
    """Note a refusal of an actor, of a stream of its own unless one is named."""

    def note(actor=7, code="closed", asked=None, stream_id=None):
        refusals.note(
            Refused(code),
            "counter",
            stream_id or uuid.uuid4(),
            "Add",
            asked or {},
            Metadata(actor, "test"),
        )

    return note


def test_a_refused_command_is_kept_with_who_what_why_and_where(send, refused, stream_id):
    send(Add((1, 2)))
    send(Close())
    command_id = uuid.uuid4()
    refused(Add((4, 5)), command_id=command_id, seen=2)

    kept = Refusal.objects.get()
    assert (kept.stream_id, kept.category, kept.command_id) == (stream_id, "counter", command_id)
    assert (kept.actor, kept.source, kept.correlation_id) == (7, "test", "request-1")
    assert (kept.command, kept.asked) == ("Add", {"by": [4, 5]})
    assert (kept.code, kept.params) == ("closed", {"total": 3})
    assert (kept.seen, kept.version, kept.unseen) == (2, 3, 1)
    assert abs(timezone.now() - kept.recorded_at) < timedelta(minutes=1)


def test_a_conflict_is_kept_with_what_the_sender_had_not_seen(send, refused):
    send(Add((1, 2, 3)))
    refused(Close(), seen=1)
    kept = Refusal.objects.get()
    assert (kept.code, kept.seen, kept.version, kept.unseen) == ("conflict", 1, 3, 2)


def test_a_version_from_the_future_leaves_nothing_unseen(send, refused):
    send(Add((1,)))
    refused(Close(), seen=9)
    assert Refusal.objects.get().unseen == 0


@pytest.mark.parametrize(("seen", "kept"), [(10**30, 2**31 - 1), (-1, 0)])
def test_a_version_that_no_column_holds_loses_no_refusal(db, stream_id, seen, kept):
    refusals.note(
        Refused("unknown-version", actual=seen), "counter", stream_id, "Add", {},
        Metadata(7, "test"), seen=seen, version=1,
    )  # fmt: skip
    refusal = Refusal.objects.get()
    assert (refusal.seen, refusal.params) == (kept, {"actual": seen})


def test_what_the_guard_refuses_is_kept_though_there_is_no_such_stream(stream_id):
    def guard(count):
        raise Refused("no-such-counter")

    with pytest.raises(Refused):
        decider.handle(COUNTER, stream_id, Add((1,)), metadata=Metadata(), guard=guard)
    kept = Refusal.objects.get()
    assert (kept.stream_id, kept.version, kept.actor) == (stream_id, 0, None)


def test_the_stored_refusal_of_a_repeated_command_is_told_again_and_kept_once(send, refused):
    send(Close())
    command_id = uuid.uuid4()
    refused(command_id=command_id)
    Refusal.objects.update(recorded_at=timezone.now() - timedelta(hours=1))
    refused(command_id=command_id)
    assert Refusal.objects.get().repeats == 0


def test_an_accepted_command_asks_the_database_nothing_about_refusals(send):
    with CaptureQueriesContext(connection) as asked:
        send(Add((1,)), command_id=uuid.uuid4(), seen=0)
    assert len(asked) > 3
    assert not [query for query in asked if "eventstore_refusal" in query["sql"]]


def test_a_refusal_that_cannot_be_kept_is_a_refusal_still(send, refused, monkeypatch, caplog):
    send(Close())
    monkeypatch.setattr(refusals, "NOTE", "SELECT nonsense {actor}")
    command_id = uuid.uuid4()
    refused(command_id=command_id)
    assert Command.objects.get().refusal["code"] == "closed", "the outcome is remembered"
    assert "Not kept that Add was refused (closed)" in caplog.text
    monkeypatch.undo()
    send(Add((1,)), stream_id=uuid.uuid4())


def test_what_is_no_json_is_kept_as_text(note):
    note(asked={"day": timezone.now().date(), "nothing": None, "yes": True})
    assert Refusal.objects.get().asked == {
        "day": f"{timezone.now().date()}", "nothing": None, "yes": True,
    }  # fmt: skip


def test_text_that_postgresql_cannot_hold_is_kept_without_it(note):
    note(asked={"note": "a\x00b\ud800c", "rtl": "שלום 🥐"})
    assert Refusal.objects.get().asked == {"note": "a\ufffdb\ufffdc", "rtl": "שלום 🥐"}


def test_what_is_endless_is_cut(note):
    note(asked={"note": "x" * 100_000, "items": [["FLR-25", 1]] * 500})
    kept = Refusal.objects.get().asked
    assert kept["note"] == "x" * 500 + "…"
    assert len(kept["items"]) == 21
    assert kept["items"][-1] == "… and 480 more"


class TestFlood:
    def test_the_same_again_within_a_minute_is_counted(self, send, refused):
        send(Close())
        for _ in range(3):
            refused(command_id=uuid.uuid4())
        assert Refusal.objects.get().repeats == 2

    @pytest.mark.parametrize("different", [{"code": "other"}, {"asked": {"by": 2}}, {"actor": 8}])
    def test_what_differs_is_kept_apart(self, note, stream_id, different):
        note(stream_id=stream_id)
        note(stream_id=stream_id, **different)
        assert Refusal.objects.count() == 2

    def test_the_same_a_minute_later_is_kept_again(self, note, stream_id):
        note(stream_id=stream_id)
        Refusal.objects.update(recorded_at=timezone.now() - timedelta(seconds=61))
        note(stream_id=stream_id)
        assert Refusal.objects.count() == 2

    def test_the_shop_itself_is_counted_too(self, note, stream_id):
        for _ in range(2):
            note(actor=None, stream_id=stream_id)
        assert Refusal.objects.get().repeats == 1

    def test_of_one_actor_so_many_a_minute_are_kept_and_the_rest_counted(self, note, monkeypatch):
        monkeypatch.setattr(refusals, "MOST_A_MINUTE", 5)
        for _ in range(9):
            note()
        note(actor=8)
        assert Refusal.objects.filter(actor=7).count() == 5
        assert Refusal.objects.filter(actor=7).order_by("id").last().unkept == 4
        assert Refusal.objects.get(actor=8).unkept == 0, "others are kept all the same"


@pytest.mark.django_db(transaction=True)
def test_noting_waits_for_nobody(send, note, stream_id):
    """A row that somebody holds is not waited for: the lock timeout would turn this red."""
    note(stream_id=stream_id)
    other = connection.copy()
    try:
        with transaction.atomic(), other.cursor() as cursor:
            Refusal.objects.select_for_update().get()
            cursor.execute("SET lock_timeout = '1ms'")
            cursor.execute(
                refusals.NOTE.format(actor="actor = %(actor)s"),
                {
                    "stream_id": stream_id, "category": "counter", "actor": 7, "source": "test",
                    "correlation_id": "", "command_id": None, "command": "Add", "asked": "{}",
                    "code": "closed", "params": "{}", "seen": None, "version": None, "most": 60,
                },
            )  # fmt: skip
    finally:
        other.close()
    assert Refusal.objects.count() == 2


class TestForgetting:
    def test_what_was_done_otherwise_is_taken_back(self, send, refused):
        send(Add((1, 2)))
        command_id = uuid.uuid4()
        refused(Close(), seen=1, command_id=command_id)
        refusals.forget(7, command_id, "conflict")
        assert not Refusal.objects.exists()

    @pytest.mark.parametrize("other", [{"actor": 8}, {"command_id": uuid.uuid4()}, {"code": "x"}])
    def test_nothing_else_is(self, send, refused, other):
        send(Add((1, 2)))
        command_id = uuid.uuid4()
        refused(Close(), seen=1, command_id=command_id)
        refusals.forget(**{"actor": 7, "command_id": command_id, "code": "conflict"} | other)
        assert Refusal.objects.count() == 1


class TestPurging:
    @pytest.fixture
    def aged(self, note):
        """Refusals of 89, 90 and 91 days ago."""
        for days in (89, 90, 91):
            note(actor=days)
            Refusal.objects.filter(actor=days).update(
                recorded_at=timezone.now() - timedelta(days=days, seconds=1)
            )

    def test_they_are_kept_for_90_days(self, aged):
        assert not refusals.purge()
        assert [kept.actor for kept in Refusal.objects.all()] == [89]

    def test_it_deletes_in_batches_and_says_whether_there_may_be_more(self, aged, monkeypatch):
        monkeypatch.setattr(refusals, "BATCH", 1)
        assert refusals.purge()
        assert Refusal.objects.count() == 2
        assert refusals.purge()
        assert not refusals.purge()

    def test_no_more_than_so_many_are_kept_in_all(self, note, monkeypatch):
        monkeypatch.setattr(refusals, "MOST", 3)
        for actor in range(5):
            note(actor=actor)
        refusals.purge()
        assert [kept.actor for kept in Refusal.objects.order_by("id")] == [2, 3, 4]

    def test_an_empty_log_is_purged_too(self):
        assert not refusals.purge()

    @pytest.mark.usefixtures("engine")
    def test_the_runner_purges(self, note):
        note()
        Refusal.objects.update(recorded_at=F("recorded_at") - timedelta(days=91))
        Runner().catch_up()
        assert not Refusal.objects.exists()
        assert not Event.objects.exists()

    @pytest.mark.usefixtures("engine")
    def test_a_runner_purges_while_it_follows_the_log(self, note):
        note()
        Refusal.objects.update(recorded_at=F("recorded_at") - timedelta(days=91))
        runner = Runner()
        thread = threading.Thread(target=runner.run)
        thread.start()
        try:
            wait_until(lambda: not Refusal.objects.exists())
        finally:
            runner.stop.set()
            thread.join()

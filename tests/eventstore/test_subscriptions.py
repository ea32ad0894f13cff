"""The gate: the log is read whole, while it is written."""

import random
import threading
import time
import uuid
from collections import defaultdict
from types import SimpleNamespace

import pytest
from django.db import connection, transaction

from eventstore import store, subscriptions
from eventstore.models import Event
from eventstore.store import Metadata
from eventstore.subscriptions import Stalled, read_rows, settled
from tests.concurrency import at_once
from tests.eventstore.counter import COUNTER, Add

pytestmark = pytest.mark.django_db(transaction=True)

WRITERS = 32
COMMANDS = 40  # of each writer, up to three events a command


def positions(after=0, upto=2**62):
    return [row[0] for row in read_rows(after=after, upto=upto, limit=10**6)]


@pytest.fixture
def appending():
    """Another session that has appended an event, and not committed it."""

    class Appending(threading.Thread):
        def __init__(self):
            super().__init__(daemon=True)
            self.drawn, self.end = threading.Event(), threading.Event()
            self.position = None

        def run(self):
            try:
                with transaction.atomic():
                    [recorded] = store.append(
                        uuid.uuid4(), "counter", 0, COUNTER.decide(Add((1,)), COUNTER.initial),
                        Metadata(),
                    )  # fmt: skip
                    self.position = recorded.position
                    self.drawn.set()
                    self.end.wait()
            finally:
                connection.close()

        def __enter__(self):
            self.start()
            assert self.drawn.wait(30)
            return self

        def __exit__(self, *error):
            self.end.set()
            self.join()

    return Appending


def test_a_quiet_log_is_settled_to_its_end(send):
    send(Add((1, 2, 3)))
    assert settled() == Event.objects.order_by("position").last().position


def test_an_empty_log_is_settled():
    assert settled() >= 0
    assert positions() == []


def test_it_waits_for_who_has_drawn_an_earlier_position(send, appending):
    with appending() as slow:
        send(Add((1,)))
        later = Event.objects.order_by("position").last().position
        assert later > slow.position
        with pytest.raises(Stalled):
            settled(patience=0)
        slow.end.set()
        slow.join()
        assert settled() == later
        assert positions() == [slow.position, later]


def test_it_does_not_wait_for_who_came_after_it_looked(send, appending, monkeypatch):
    send(Add((1,)))
    seen, waits = [], threading.Event()
    looking = threading.Thread(target=lambda: (seen.append(settled()), connection.close()))
    clock = SimpleNamespace(monotonic=time.monotonic, sleep=lambda seconds: waits.set())
    monkeypatch.setattr(subscriptions, "time", clock)
    with appending() as first:
        looking.start()
        assert waits.wait(30)
        with appending():
            first.end.set()
            looking.join(30)
            assert not looking.is_alive()
    assert len(seen) == 1


def test_it_does_not_wait_for_who_only_reads_or_idles(send):
    send(Add((1,)))
    held, done = threading.Event(), threading.Event()

    def read():
        try:
            with transaction.atomic(), connection.cursor() as cursor:
                cursor.execute("SELECT count(*) FROM eventstore_event")
                cursor.execute("SELECT pg_current_xact_id()")
                held.set()
                done.wait()
        finally:
            connection.close()

    thread = threading.Thread(target=read)
    thread.start()
    assert held.wait(30)
    try:
        assert settled(patience=0) == positions()[-1]
    finally:
        done.set()
        thread.join()


def test_who_holds_it_up_is_named(appending):
    with appending(), pytest.raises(Stalled) as stalled:
        settled(patience=0)
    [blocker] = stalled.value.blockers
    assert blocker.user == connection.settings_dict["USER"]
    assert blocker.application == "tandem"
    assert blocker.state == "idle in transaction"
    assert str(stalled.value) == f"the log's reader waits for {blocker}"
    assert f"process {blocker.pid} (" in str(blocker)


def test_within_a_transaction_it_would_be_worthless():
    with transaction.atomic(), pytest.raises(RuntimeError, match="expected no transaction"):
        settled()


def test_only_events_of_the_wanted_types_are_read_and_those_that_nobody_knows(send, stream_id):
    send(Add((1, 2)))
    Event.objects.create(
        stream_id=stream_id, version=3, type="Vanished", schema_version=1, data={}, metadata={}
    )
    types = [row[3] for row in read_rows(after=0, upto=2**62, types=["Closed"], limit=10)]
    assert types == ["Vanished"]


def test_with_thirty_two_writers_it_loses_none_where_a_naive_reader_loses_some():
    """Each writer draws positions, dawdles, and commits or not; the readers run along."""
    over = threading.Event()
    naive, gated = [], []

    def write(number):
        chance = random.Random(number)
        stream = uuid.UUID(int=number + 1)
        for _ in range(COMMANDS):
            numbers = tuple(chance.choices(range(100), k=chance.randint(1, 3)))
            try:
                with transaction.atomic():
                    version = store.lock(stream)
                    with transaction.atomic():
                        events = COUNTER.decide(Add(numbers), COUNTER.initial)
                        store.append(stream, "counter", version, events, Metadata())
                        if chance.random() < 0.1:
                            transaction.set_rollback(True)
                    with connection.cursor() as cursor:
                        cursor.execute("SELECT pg_sleep(%s)", [chance.random() * 0.01])
                    if chance.random() < 0.1:
                        raise InterruptedError
            except InterruptedError:
                pass

    def read_naively():
        after = 0
        while True:
            last = over.is_set()
            found = positions(after)
            naive.extend(found)
            after = found[-1] if found else after
            if last:
                return

    def read_gated():
        after = 0
        while True:
            last = over.is_set()
            upto = settled(patience=60)
            rows = read_rows(after=after, upto=upto, limit=10**6)
            gated.extend((row[0], row[1], row[2]) for row in rows)
            after = upto
            if last:
                return

    def work(role):
        if callable(role):
            role()
        else:
            write(role)

    def write_all():
        at_once(write, range(WRITERS))
        over.set()

    at_once(work, [read_naively, read_gated, write_all])

    stored = positions()
    assert len(stored) > WRITERS * COMMANDS
    assert len(set(naive)) < len(stored), "expected the naive reader to lose events"
    assert [position for position, *_ in gated] == stored  # none lost, none twice, in order
    streams = defaultdict(list)
    for _, stream, version in gated:
        streams[stream].append(version)
    assert all(versions == list(range(1, len(versions) + 1)) for versions in streams.values())


def test_the_sequence_that_is_read_is_the_one_that_events_draw_from(send):
    send(Add((1,)))
    before = settled()
    send(Add((1,)))
    assert settled() == before + 1

"""Rebuilding rows beside the live ones."""

import threading
import uuid
from itertools import count

import pytest
from django.core.management import CommandError
from django.db import connection, transaction
from django.db.models import Max

from eventstore import aside, build, replay
from eventstore.models import Build, Checkpoint, Event, Skip, Slice
from eventstore.plain import PlainRows
from eventstore.projections import Projection, asynchronous, inline
from eventstore.runner import Runner
from tests.concurrency import at_once
from tests.eventstore.counter import Add
from tests.eventstore.tables import Sum, Tally, checksums, marks, totals

pytestmark = pytest.mark.usefixtures("engine")


@pytest.mark.usefixtures("history")
class TestReplay:
    def test_rows_thrown_away_come_back_identical(self, run):
        before = checksums()
        Tally.objects.all().delete()
        Sum.objects.all().delete()
        assert checksums() != before

        said = run("replay_projections", "--no-input")

        assert checksums() == before
        assert "tallies: replayed; checksum" in said
        assert "commands waited" in said

    def test_rows_that_no_event_made_disappear(self, run):
        Tally.objects.create(number=50, marks="stray")
        run("replay_projections", "tallies", "--no-input")
        assert 50 not in marks()

    def test_the_live_tables_keep_their_keys_indexes_and_rights(self, run):
        def shape():
            with connection.cursor() as cursor:
                cursor.execute(
                    "SELECT indexdef FROM pg_indexes WHERE tablename IN "
                    "('eventstore_tally', 'eventstore_sum') AND schemaname = 'public' ORDER BY 1"
                )
                indexes = cursor.fetchall()
                cursor.execute(
                    "SELECT conname, contype, pg_get_constraintdef(oid) FROM pg_constraint"
                    " WHERE conrelid IN ('eventstore_tally'::regclass, 'eventstore_sum'::regclass)"
                    " ORDER BY 1"
                )
                constraints = cursor.fetchall()
                cursor.execute(
                    "SELECT relacl::text FROM pg_class WHERE oid = 'eventstore_tally'::regclass"
                )
                return indexes, constraints, cursor.fetchall()

        with connection.cursor() as cursor:
            cursor.execute("GRANT SELECT ON eventstore_tally TO pg_monitor")
        before = shape()
        assert len(before[0]) == 3
        run("replay_projections", "--no-input")
        run("replay_projections", "--no-input")
        assert shape() == before

    def test_what_comes_while_it_fills_is_folded_too(self, send, monkeypatch):
        fill = build.fill

        def fill_while_somebody_appends(*args, **kwargs):
            fill(*args, **kwargs)
            for _ in range(3):
                send(Add((1, 2)), stream_id=uuid.uuid4())

        monkeypatch.setattr(build, "fill", fill_while_somebody_appends)
        for projection in (inline["sums"], asynchronous["tallies"]):
            replay.replay(projection)
        Runner().catch_up()
        assert not list(replay.verify(inline["sums"]))
        assert not list(replay.verify(asynchronous["tallies"]))

    def test_no_event_can_arrive_between_the_last_fold_and_the_swap(self, send, monkeypatch):
        refused = []

        def append(_):
            with transaction.atomic(), connection.cursor() as cursor:
                cursor.execute("LOCK TABLE eventstore_event IN ROW EXCLUSIVE MODE NOWAIT")

        def swap_while_somebody_appends(*args):
            try:
                at_once(append, ["a command"])
            except Exception as error:
                refused.append(str(error))
            return swap(*args)

        swap = aside.swap
        monkeypatch.setattr(aside, "swap", swap_while_somebody_appends)
        replay.replay(inline["sums"])
        assert "could not obtain lock" in refused[0]

    def test_a_reader_in_the_way_is_let_pass_and_the_swap_tried_again(self, monkeypatch):
        reads, tried = threading.Event(), threading.Event()

        def read():
            try:
                with transaction.atomic():
                    list(Sum.objects.all())
                    reads.set()
                    tried.wait()
            finally:
                connection.close()

        monkeypatch.setattr(replay, "POLITE", "20ms")
        monkeypatch.setattr(replay.time, "sleep", lambda seconds: tried.set())
        reader = threading.Thread(target=read)
        reader.start()
        assert reads.wait(30)
        replayed = replay.replay(inline["sums"])
        reader.join()
        assert replayed.attempts > 1
        assert not list(replay.verify(inline["sums"]))

    def test_with_writers_all_the_time_every_row_is_right_afterwards(self, send):
        over = threading.Event()

        def write(number):
            stream, numbers = uuid.uuid4(), count(number)
            while not over.is_set():
                send(Add((next(numbers) % 20, 1)), stream_id=stream)

        def replay_all(_):
            try:
                for projection in (inline["sums"], asynchronous["tallies"]) * 2:
                    replay.replay(projection)
            finally:
                over.set()

        at_once(lambda role: (write if role else replay_all)(role), range(4))
        Runner().catch_up()
        for projection in (inline["sums"], asynchronous["tallies"]):
            assert not list(replay.verify(projection))

    def test_it_goes_on_where_it_was_interrupted(self, monkeypatch, run):
        monkeypatch.setattr(build, "SLICE", 20)
        before = checksums()
        fill_slice, filled = build.fill_slice, []

        def fill_some(ids):
            if len(filled) == 3:
                raise KeyboardInterrupt
            filled.extend(ids)
            return fill_slice(ids)

        monkeypatch.setattr(build, "fill_slice", fill_some)
        with pytest.raises(CommandError, match=r"Stopped\. The rows are as they were"):
            run("replay_projections", "sums", "--no-input", "--workers", "1")
        assert Slice.objects.filter(done=True).count() == 3
        assert "replay unfinished" in run("replay_projections", "--list", "sums")
        assert checksums() == before

        monkeypatch.setattr(build, "fill_slice", fill_slice)
        said = run("replay_projections", "sums", "--no-input", "--workers", "1")

        assert "replayed, from where it was interrupted" in said
        assert checksums() == before
        assert not Slice.objects.exists()

    def test_what_other_code_began_is_begun_anew(self, monkeypatch):
        [made], _ = build.begin([inline["sums"]], aside.SHADOW)
        Build.objects.filter(pk=made.pk).update(code="of yesterday")
        assert not replay.replay(inline["sums"]).resumed

    def test_only_one_replays_a_projection_at_a_time(self, run):
        held, done = threading.Event(), threading.Event()

        def hold(_):
            with replay._alone(inline["sums"]):
                held.set()
                done.wait()

        thread = threading.Thread(target=lambda: (hold(0), connection.close()))
        thread.start()
        assert held.wait(30)
        with pytest.raises(CommandError, match="sums: somebody else replays it"):
            run("replay_projections", "sums", "--no-input")
        done.set()
        thread.join()

    def test_afterwards_the_projection_goes_on_from_there(self, send, run):
        run("replay_projections", "tallies", "--no-input")
        before = marks()[1]
        send(Add((1,)))
        Runner().catch_up()
        assert marks()[1] == before + "|"

    def test_the_code_that_made_the_rows_is_noted(self, run):
        Checkpoint.objects.update(code="")
        run("replay_projections", "--no-input")
        assert "unknown" not in run("replay_projections", "--list")


@pytest.mark.usefixtures("history")
class TestPrevious:
    def test_what_was_replaced_can_be_put_back_with_what_came_since(self, send, run):
        Tally.objects.filter(number=1).update(marks="old ")
        Sum.objects.filter(total=max(totals())).update(total=10_000)
        run("replay_projections", "--no-input")
        assert max(totals()) < 10_000
        send(Add((1,)), stream_id=uuid.uuid4())

        said = run("replay_projections", "--rollback", "--no-input")

        assert "the previous rows are back" in said
        assert marks()[1] == "old |"
        assert max(totals()) == 10_000
        run("replay_projections", "--rollback", "--no-input")
        assert max(totals()) < 10_000

    def test_it_is_kept_until_it_is_dropped(self, run):
        run("replay_projections", "--no-input")
        assert "previous tables kept" in run("replay_projections", "--list")
        said = run("replay_projections", "--drop-previous")
        assert "tallies: 1 previous tables dropped" in said
        assert "previous tables kept" not in run("replay_projections", "--list")
        with pytest.raises(CommandError, match="there are no previous tables"):
            run("replay_projections", "--rollback", "--no-input")

    def test_tables_of_another_shape_are_not_put_back(self, run):
        run("replay_projections", "--no-input")
        with connection.cursor() as cursor:
            cursor.execute("ALTER TABLE projection_previous.eventstore_tally ADD extra int")
        with pytest.raises(CommandError, match="expected previous tables with the columns of now"):
            run("replay_projections", "tallies", "--rollback", "--no-input")


class TestTogether:
    def test_an_event_that_one_leaves_out_is_folded_by_the_others(self, send, run):
        send(Add((1, 2)))
        run("run_projections", "--once")
        [first, _] = Event.objects.order_by("position")
        Skip.objects.create(subscription="tallies", position=first.position, skipped_by="alice")
        run("replay_projections", "--no-input")
        assert (marks(), totals()) == ({2: "|"}, [3])
        Skip.objects.create(subscription="sums", position=first.position, skipped_by="alice")
        run("replay_projections", "--no-input")
        assert totals() == [2]

    def test_what_all_leave_out_need_not_be_readable(self, send, stream_id, run):
        send(Add((1, 2)))
        Event.objects.create(
            stream_id=stream_id, version=3, type="Vanished", schema_version=1, data={}, metadata={}
        )
        last = Event.objects.latest("position").position
        for name in ("sums", "tallies"):
            Skip.objects.create(subscription=name, position=last, skipped_by="alice")
        run("replay_projections", "--no-input")
        assert totals() == [3]

    def test_shared_rows_need_the_streams_that_they_are_made_of(self):
        with pytest.raises(ValueError, match="tallies: expected `stream` beside `shared`"):
            Projection("tallies", [Tally], shared={Tally: {"marks": Max}})

    def test_a_shared_row_cannot_be_removed(self):
        rows = PlainRows(Projection("x", [Tally], stream="number", shared={Tally: {"marks": Max}}))
        rows.new(Tally, number=1, marks="|")
        with pytest.raises(ValueError, match="Tally 1: expected to keep a row that streams share"):
            rows.remove(Tally, 1)


class TestUnreadable:
    def test_metadata_that_cannot_be_read_is_named_too(self, send, stream_id, run):
        send(Add((1,)))
        Event.objects.create(
            stream_id=stream_id,
            version=2,
            type="Counted",
            schema_version=1,
            data={"by": 1, "price": "1.10"},
            metadata={"mood": "good"},
        )
        with pytest.raises(CommandError, match=r"version 2 .*expected metadata with actor, .*mood"):
            run("replay_projections", "--no-input")

    def test_a_log_that_cannot_be_read_leaves_the_rows_as_they_are(self, send, stream_id, run):
        send(Add((1, 2)))
        Event.objects.create(
            stream_id=stream_id, version=3, type="Vanished", schema_version=1, data={}, metadata={}
        )
        with pytest.raises(CommandError, match=r"version 3 .*found Vanished\. The rows are as"):
            run("replay_projections", "--no-input")
        assert totals() == [3]

    def test_a_table_with_foreign_keys_cannot_change_places(self, run):
        with connection.cursor() as cursor:
            cursor.execute("CREATE TABLE refers (tally int REFERENCES eventstore_tally)")
        try:
            with pytest.raises(CommandError, match="expected no foreign keys from or to"):
                run("replay_projections", "tallies", "--no-input")
        finally:
            with connection.cursor() as cursor:
                cursor.execute("DROP TABLE refers")


class TestAsking:
    def test_it_asks_before_rows_are_replaced(self, send, run, monkeypatch):
        send(Add((1,)))
        Sum.objects.all().delete()
        monkeypatch.setattr("builtins.input", lambda prompt: "no")
        with pytest.raises(CommandError, match="Nothing was replayed"):
            run("replay_projections")
        assert totals() == []
        monkeypatch.setattr("builtins.input", lambda prompt: "y")
        run("replay_projections")
        assert totals() == [1]

    def test_without_anybody_to_ask_it_says_how_to_go_on(self, run, monkeypatch):
        def nobody(prompt):
            raise EOFError

        monkeypatch.setattr("builtins.input", nobody)
        with pytest.raises(CommandError, match="add --no-input"):
            run("replay_projections")

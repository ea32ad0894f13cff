"""Work on projections that is asked for in a page, and done by whoever follows the log."""

import threading
import uuid

import pytest
from django.db import connection

from eventstore import build, jobs, replay
from eventstore.jobs import Outcome, State
from eventstore.models import Checkpoint, Job
from eventstore.projections import asynchronous, inline
from eventstore.replay import Busy
from eventstore.runner import Runner
from eventstore.standing import working
from tests.eventstore.counter import Add
from tests.eventstore.tables import Sum, Tally
from tests.shop.processes import wait_until

pytestmark = pytest.mark.usefixtures("engine")

ADMIN = 7


def ask(what, projection="sums"):
    return jobs.ask(projection, what, by=ADMIN)


def finished(job):
    job.refresh_from_db()
    assert job.finished_at
    return job


def state(job):
    job.refresh_from_db()
    return jobs.states_of([job])[job.pk]


@pytest.fixture
def history(engine, send):
    for _ in range(3):
        send(Add((1, 2)), stream_id=uuid.uuid4())
    Runner().catch_up()


@pytest.fixture
def runner():
    """A runner that works, in a thread."""
    stop = threading.Event()
    thread = threading.Thread(target=Runner(stop).run)
    thread.start()
    yield
    stop.set()
    thread.join()


@pytest.fixture
def in_the_middle(monkeypatch):
    """Holds a replay in its middle: events (it is there, it may go on)."""
    there, go_on = threading.Event(), threading.Event()
    fill = build.fill

    def fill_and_wait(builds, *, progress, **kwargs):
        fill(builds, progress=progress, **kwargs)
        there.set()
        go_on.wait()
        progress(0, 6)

    monkeypatch.setattr(build, "fill", fill_and_wait)
    yield there, go_on
    go_on.set()


@pytest.mark.usefixtures("history")
class TestWork:
    def test_a_replay_makes_the_rows_anew_and_counts_its_events(self):
        Sum.objects.all().delete()
        job = ask("replay")
        assert state(job) == State.WAITING

        assert jobs.work_off_one()

        assert finished(job).outcome == Outcome.DONE
        assert (job.done, job.total) == (6, 6)
        assert "The rows were made anew. Commands waited" in job.words
        assert Sum.objects.count() == 3
        assert not jobs.work_off_one()

    def test_an_asynchronous_projection_is_replayed_too(self):
        Tally.objects.all().delete()
        job = ask("replay", "tallies")
        jobs.work_off_one()
        assert finished(job).outcome == Outcome.DONE
        assert job.done == job.total > 0
        assert Tally.objects.count() == 2

    def test_a_verification_that_finds_nothing_says_so(self):
        job = ask("verify")
        jobs.work_off_one()
        assert finished(job).outcome == Outcome.DONE
        assert job.words == "Every row is what the log says."
        assert job.found is None

    def test_a_verification_finds_a_row_that_was_changed_by_hand(self):
        [changed] = Sum.objects.all()[:1]
        Sum.objects.filter(pk=changed.pk).update(total=99)
        job = ask("verify")
        jobs.work_off_one()

        assert finished(job).outcome == Outcome.DIFFERS
        assert job.words == "1 row is not what the log says."
        [row] = job.found["rows"]
        assert (row["table"], row["key"]) == ("eventstore_sum", f"{changed.pk}")
        assert (row["expected"]["total"], row["actual"]["total"]) == (3, 99)

    def test_only_the_first_differences_are_kept_and_all_are_counted(self, monkeypatch):
        monkeypatch.setattr(jobs, "SHOWN", 2)
        Sum.objects.all().delete()
        job = ask("verify")
        jobs.work_off_one()
        assert len(finished(job).found["rows"]) == 2
        assert job.found["count"] == 3

    def test_what_a_replay_replaced_is_put_back_and_dropped(self):
        for what, words in (
            ("replay", "made anew"),
            ("rollback", "previous rows are back"),
            ("drop", "1 table was dropped."),
        ):
            job = ask(what)
            jobs.work_off_one()
            assert words in finished(job).words
        job = ask("rollback")
        jobs.work_off_one()
        assert finished(job).outcome == Outcome.FAILED
        assert job.words == "sums: there are no previous tables to go back to"

    def test_an_event_that_fails_fails_the_job_and_leaves_the_rows(self, send):
        before = list(Tally.objects.values_list())
        send(Add((666,)))
        job = ask("replay", "tallies")
        jobs.work_off_one()
        assert finished(job).outcome == Outcome.FAILED
        assert job.words == "a number that cannot be tallied"
        assert list(Tally.objects.values_list()) == before

    def test_an_error_that_nobody_expected_is_told_too(self, monkeypatch):
        def broken(projection, **kwargs):
            raise RuntimeError("broken")

        monkeypatch.setattr(replay, "replay", broken)
        job = ask("replay")
        jobs.work_off_one()
        assert finished(job).words == "RuntimeError: broken"

    def test_a_projection_that_is_replayed_elsewhere_is_busy(self, in_the_middle):
        there, go_on = in_the_middle
        ask("replay")

        def elsewhere():
            try:
                replay.replay(inline["sums"])
            finally:
                connection.close()

        thread = threading.Thread(target=elsewhere)
        thread.start()
        there.wait()
        jobs.work_off_one()
        go_on.set()
        thread.join()
        [job] = Job.objects.all()
        assert job.outcome == Outcome.FAILED
        assert "somebody else replays it" in job.words


class TestAsking:
    def test_one_job_a_projection_is_open_at_a_time(self):
        ask("verify")
        with pytest.raises(Busy, match="sums: other work on it is not finished yet"):
            ask("replay")
        ask("replay", "tallies")

    def test_a_finished_job_makes_way(self):
        ask("verify")
        jobs.work_off_one()
        ask("verify")

    @pytest.mark.parametrize(
        ("projection", "what"), [("no-such", "replay"), ("sums", "no-such"), ("sums", "")]
    )
    def test_unknown_work_is_refused_with_what_was_expected(self, projection, what):
        with pytest.raises(LookupError, match=r"expected .*, found"):
            jobs.ask(projection, what, by=ADMIN)
        assert not Job.objects.exists()

    def test_what_waits_can_be_withdrawn_and_is_not_done(self):
        job = ask("replay")
        assert jobs.withdraw(job.pk)
        assert finished(job).outcome == Outcome.WITHDRAWN
        assert not jobs.withdraw(job.pk)
        assert not jobs.work_off_one()


@pytest.mark.usefixtures("history")
class TestTheWorker:
    def test_whoever_follows_the_log_works_jobs_off_while_events_are_handled(
        self, runner, in_the_middle, send
    ):
        there, go_on = in_the_middle
        job = ask("replay")
        there.wait()
        assert state(job) == State.RUNNING
        assert not jobs.go_on(job.pk, by=ADMIN)
        assert not jobs.withdraw(job.pk)

        # The replay does not end before this does, and yet it comes.
        events = send(Add((5, 6)), stream_id=uuid.uuid4()).events
        wait_until(lambda: Checkpoint.objects.get(pk="tallies").position >= events[-1].position)
        go_on.set()
        wait_until(lambda: state(job) == State.FINISHED)

        assert job.outcome == Outcome.DONE
        assert sorted(Sum.objects.values_list("total", flat=True)) == [3, 3, 3, 11]
        assert not list(replay.verify(inline["sums"]))
        assert not list(replay.verify(asynchronous["tallies"]))

    def test_a_runner_that_is_stopped_puts_its_job_back(self, in_the_middle):
        there, go_on = in_the_middle
        job = ask("replay")
        stop = threading.Event()
        thread = threading.Thread(target=Runner(stop).run)
        thread.start()
        there.wait()
        stop.set()
        go_on.set()
        thread.join()
        assert state(job) == State.WAITING
        assert jobs.work_off_one()
        assert finished(job).outcome == Outcome.DONE
        assert "went on from where it was interrupted" in job.words

    def test_a_job_whose_worker_lost_its_connection_is_interrupted_and_goes_on(self, in_the_middle):
        there, go_on = in_the_middle
        job = ask("replay")

        def work():
            try:
                jobs.work_off_one()
            except Exception as error:
                raised.append(error)
            finally:
                connection.close()

        raised = []
        thread = threading.Thread(target=work)
        thread.start()
        there.wait()
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_locks"
                " WHERE locktype = 'advisory' AND classid = %s",
                [jobs.JOBS],
            )
        go_on.set()
        thread.join()

        assert raised
        wait_until(lambda: state(job) == State.INTERRUPTED)
        assert not jobs.work_off_one()  # not before somebody says so
        assert jobs.go_on(job.pk, by=8)
        assert state(job) == State.WAITING
        assert jobs.work_off_one()
        assert finished(job).outcome == Outcome.DONE
        assert job.asked_by == 8

    def test_whether_somebody_follows_the_log_is_seen(self):
        assert working() is None
        stop = threading.Event()
        thread = threading.Thread(target=Runner(stop).run)
        thread.start()
        wait_until(working)
        stop.set()
        thread.join()
        wait_until(lambda: working() is None)

"""Asynchronous projections and reactors, behind their checkpoints."""

import threading
import uuid
from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.utils import timezone

from eventstore import checkpoints, runner
from eventstore.checkpoints import LogRewound
from eventstore.codec import codec
from eventstore.models import Checkpoint, Event, Skip
from eventstore.projections import asynchronous
from eventstore.reactors import Reactor, register_reactors
from eventstore.runner import Runner
from tests.concurrency import at_once
from tests.eventstore.counter import Add, Closed, Counted
from tests.eventstore.tables import Sum, Tally, tallies
from tests.shop.processes import wait_until

pytestmark = pytest.mark.usefixtures("engine")


def marks():
    return dict(Tally.objects.order_by("number").values_list("number", "marks"))


def checkpoint(name="tallies"):
    return Checkpoint.objects.get(pk=name)


def catch_up():
    Runner().catch_up()


@pytest.fixture
def heard():
    """What a reactor was given: keys."""
    heard = []
    reactor = Reactor("ears")

    @reactor.on(Counted)
    def _(reaction):
        if reaction.recorded.event.by == 666:
            raise ValueError("too loud")
        heard.append(reaction.key)

    register_reactors(reactor)
    checkpoints.ensure_checkpoints()
    return heard


def test_rows_are_there_once_it_has_caught_up_and_not_before(send):
    send(Add((1, 2, 1, 13)))
    assert marks() == {}
    catch_up()
    assert marks() == {1: "||", 2: "|"}
    assert checkpoint().position == Event.objects.order_by("position").last().position


def test_caught_up_twice_it_folds_each_event_once(send):
    send(Add((1, 1)))
    catch_up()
    catch_up()
    send(Add((1,)))
    catch_up()
    assert marks() == {1: "|||"}


def test_more_than_a_batch_is_folded_in_several(send, monkeypatch):
    monkeypatch.setattr(runner, "BATCH", 3)
    send(Add(tuple([1] * 10)))
    catch_up()
    assert marks() == {1: "|" * 10}


def test_several_at_once_fold_each_event_once(send, stream_id):
    for _ in range(20):
        send(Add((1, 2)))
    at_once(lambda _: catch_up(), range(4))
    assert marks() == {1: "|" * 20, 2: "|" * 20}


def test_one_that_fails_stops_alone_keeps_its_place_and_says_why(send):
    send(Add((1, 2)))
    send(Add((666,)))
    send(Add((3,)))

    catch_up()

    assert marks() == {1: "|", 2: "|"}
    failed = Event.objects.get(data__by=666)
    stopped = checkpoint()
    assert stopped.failing_position == failed.position
    assert stopped.position < failed.position
    assert stopped.error == "ValueError: a number that cannot be tallied"
    assert stopped.attempts == 1
    assert stopped.retry_at > timezone.now()
    assert Sum.objects.get().total == 672, "the inline one goes on"


def test_it_is_tried_again_later_each_time(send):
    send(Add((666,)))
    pauses = []
    for attempt in range(1, 5):
        catch_up()
        stopped = checkpoint()
        assert stopped.attempts == attempt
        pauses.append((stopped.retry_at - timezone.now()).total_seconds())
        checkpoints.retry("tallies")
    assert pauses == sorted(pauses)
    assert pauses[-1] > 2 * pauses[0]


def test_before_that_time_it_is_left_alone(send):
    send(Add((666,)))
    catch_up()
    catch_up()
    assert checkpoint().attempts == 1


def test_after_the_fix_a_retry_goes_on(send, monkeypatch):
    send(Add((666, 1)))
    catch_up()
    fold = asynchronous["tallies"]._folds[Counted]
    monkeypatch.setitem(
        asynchronous["tallies"]._folds,
        Counted,
        (fold[0], lambda rows, r: None if r.event.by == 666 else fold[1](rows, r)),
    )
    call_command("run_projections", "--retry", "tallies", verbosity=0)
    catch_up()
    assert marks() == {1: "|"}
    assert (checkpoint().failing_position, checkpoint().error) == (None, "")


def test_a_skipped_event_is_left_out_on_the_record(send, run):
    send(Add((666, 1)))
    catch_up()
    position = checkpoint().failing_position

    said = run("run_projections", "--skip", "tallies", str(position), "--by", "admin")
    catch_up()

    assert "leaves out event" in said
    assert marks() == {1: "|"}
    record = Skip.objects.get()
    assert (record.subscription, record.position, record.skipped_by) == (
        "tallies",
        position,
        "admin",
    )
    assert record.error == "ValueError: a number that cannot be tallied"


def test_a_reactor_in_a_log_that_was_put_back_goes_on_from_now(send, heard, stream_id, run):
    send(Add((1,)))
    catch_up()
    Checkpoint.objects.filter(pk="ears").update(last_event=f"{stream_id}@7")
    with pytest.raises(CommandError, match=r"run_projections --from-now ears"):
        run("run_projections", "--once")
    send(Add((2,)))
    run("run_projections", "--from-now", "ears")
    send(Add((3,)))
    catch_up()
    assert heard == [f"ears-{stream_id}-{version}" for version in (1, 3)]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--from-now", "tallies"], "tallies: expected a reactor; replay a projection instead"),
        (["--skip", "tallies", "1"], r"expected the event that it fails at \(none\), found 1"),
        (["--skip", "tallies", "one"], "expected a position, a number, found one"),
        (["--skip", "sums", "1"], "expected one of tallies, found sums"),
        (["--retry", "nobody"], "expected one of tallies, found nobody"),
    ],
)
def test_what_cannot_be_skipped_or_retried_is_refused(arguments, message):
    with pytest.raises(CommandError, match=message):
        call_command("run_projections", *arguments)


def test_an_event_of_a_type_that_nobody_knows_stops_all_rather_than_being_missed(
    send, stream_id, heard
):
    send(Add((1,)))
    Event.objects.create(
        stream_id=stream_id, version=2, type="Vanished", schema_version=1, data={}, metadata={}
    )
    catch_up()
    for name in ("tallies", "ears"):
        assert "Vanished" in checkpoint(name).error
    assert marks() == {1: "|"}


def test_an_event_that_cannot_be_read_stops_only_those_that_want_it(send, stream_id, heard):
    ears = Reactor("eyes")
    ears.on(Closed)(lambda reaction: heard.append("closed"))
    register_reactors(ears)
    checkpoints.ensure_checkpoints()
    send(Add((1,)))
    many = {"by": "many", "price": "1"}
    Event.objects.create(
        stream_id=stream_id, version=2, type="Counted", schema_version=1, data=many, metadata={}
    )
    Event.objects.create(
        stream_id=stream_id, version=3, type="Closed", schema_version=1, data={}, metadata={}
    )

    catch_up()

    assert "by to be int, found str 'many'" in checkpoint("tallies").error
    assert checkpoint("eyes").failing_position is None
    assert "closed" in heard
    position = checkpoint("tallies").failing_position
    checkpoints.skip("tallies", position, by="admin")
    catch_up()
    assert checkpoint("tallies").failing_position is None


def test_a_reactor_begins_with_what_happens_after_it_was_made(send, stream_id):
    send(Add((1,)))
    heard = []
    reactor = Reactor("late")
    reactor.on(Counted)(lambda reaction: heard.append(reaction.recorded.event.by))
    register_reactors(reactor)
    checkpoints.ensure_checkpoints()
    send(Add((2,)))
    catch_up()
    assert heard == [2]


def test_a_reaction_has_a_key_of_its_event_and_comes_again_after_a_crash(
    send, heard, stream_id, monkeypatch
):
    send(Add((1, 2)))
    move = runner._move

    def crash(checkpoint, position, **about):
        if checkpoint.name == "ears":
            raise KeyboardInterrupt
        move(checkpoint, position, **about)

    monkeypatch.setattr(runner, "_move", crash)
    with pytest.raises(KeyboardInterrupt):
        catch_up()
    monkeypatch.setattr(runner, "_move", move)
    catch_up()
    first, second = f"ears-{stream_id}-1", f"ears-{stream_id}-2"
    assert heard == [first, first, second]


def test_a_failing_reactor_does_not_hold_the_projections_up(send, heard, monkeypatch):
    monkeypatch.setattr(Reactor, "react", lambda *_: 1 / 0)
    send(Add((1,)))
    catch_up()
    assert checkpoint("ears").error == "ZeroDivisionError: division by zero"
    assert marks() == {1: "|"}


def test_a_log_that_was_put_back_stops_it(send, stream_id, run):
    send(Add((1, 2, 3)))
    catch_up()
    Checkpoint.objects.filter(pk="tallies").update(last_event=f"{stream_id}@7")
    with pytest.raises(LogRewound, match=r"tallies: its checkpoint expects .*@7 at or before"):
        catch_up()
    with pytest.raises(CommandError, match=r"go on with: manage\.py replay_projections tallies"):
        run("run_projections", "--once")
    run("replay_projections", "tallies", "--no-input")
    catch_up()
    assert marks() == {1: "|", 2: "|", 3: "|"}


def test_the_same_log_in_another_cluster_is_gone_on_with(send, caplog):
    send(Add((1,)))
    catch_up()
    Checkpoint.objects.update(cluster="elsewhere")
    send(Add((1,)))
    catch_up()
    assert marks() == {1: "||"}
    assert checkpoint().cluster == checkpoints.cluster()
    assert "tallies goes on in another cluster" in caplog.text


def test_one_works_and_another_takes_over_when_it_ends(send):
    runners = [Runner(), Runner()]
    threads = [threading.Thread(target=one.run) for one in runners]
    threads[0].start()
    wait_until(lambda: runners[0].works)
    threads[1].start()
    send(Add((1,)))
    wait_until(lambda: marks() == {1: "|"})
    assert not runners[1].works
    runners[0].stop.set()
    threads[0].join()
    send(Add((1,)))
    wait_until(lambda: marks() == {1: "||"})
    assert runners[1].works
    runners[1].stop.set()
    threads[1].join()
    assert runner.TAKE_OVER + runner.LOOK < 5


def test_a_runner_survives_the_loss_of_its_connection(send, caplog):
    one = Runner()
    thread = threading.Thread(target=one.run)
    thread.start()
    wait_until(lambda: one.works)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_locks"
            " WHERE locktype = 'advisory' AND objid = %s AND pid <> pg_backend_pid()"
            # Not the demo's, which may run in this cluster.
            " AND database = (SELECT oid FROM pg_database WHERE datname = current_database())",
            [runner.RUNNERS],
        )
        assert cursor.rowcount == 1
    send(Add((1,)))
    wait_until(lambda: marks() == {1: "|"})
    one.stop.set()
    thread.join()


def test_the_list_says_how_each_one_stands(send, heard, run):
    send(Add((1, 2)))
    said = run("replay_projections", "--list")
    assert "sums  inline  up to date  code current" in said
    assert "tallies  asynchronous  behind  at 0  2 events, " in said
    assert "ears  reactor  behind" in said
    catch_up()
    assert "tallies  asynchronous  up to date" in run("replay_projections", "--list")
    send(Add((666,)))
    catch_up()
    said = run("replay_projections", "--list", "tallies")
    assert "tallies  asynchronous  fails at" in said
    assert "attempt 1, again at" in said
    assert "a number that cannot be tallied" in said
    assert "sums" not in said


def test_the_list_says_when_the_code_has_changed(send, run):
    Checkpoint.objects.filter(pk="tallies").update(code="of last year")
    Checkpoint.objects.filter(pk="sums").update(code="")
    said = run("replay_projections", "--list")
    assert "code stale" in said
    assert "code changed since the last replay" in said
    assert "sums  inline  up to date  code unknown" in said


def test_a_new_checkpoint_is_made_once(send):
    before = checkpoint()
    send(Add((1,)))
    catch_up()
    checkpoints.ensure_checkpoints()
    assert checkpoint().position > before.position
    assert timezone.now() - checkpoint().moved_at < timedelta(minutes=5)
    assert uuid.UUID(checkpoint().last_event.split("@")[0])


def test_the_code_of_a_projection_is_its_folds_what_they_call_and_the_upcasts(monkeypatch):
    first = tallies().code
    assert tallies().code == first
    other = tallies()
    other.on(Closed, touches=lambda recorded: [])(lambda rows, recorded: None)
    assert other.code != first
    monkeypatch.setitem(codec._upcasts, "Counted", [lambda data: data])
    assert tallies().code != first

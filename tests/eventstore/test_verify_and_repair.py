"""Comparing rows with what their events say, and putting those of one stream right."""

import uuid
from itertools import count

import pytest
from django.core.management import CommandError, call_command

from eventstore import aside
from eventstore.models import Build
from eventstore.projections import inline
from tests.eventstore.counter import Add, Counted
from tests.eventstore.tables import Sum, Tally, marks, totals

pytestmark = pytest.mark.usefixtures("engine")


@pytest.mark.usefixtures("history")
class TestVerify:
    def test_it_is_content_with_true_rows(self, run):
        assert "Every row is what the log says." in run("replay_projections", "--verify")

    def test_it_names_rows_that_differ_and_changes_nothing(self, capsys, run):
        Tally.objects.filter(number=1).update(marks="wrong")
        Tally.objects.filter(number=2).delete()
        Tally.objects.create(number=50, marks="stray")
        with pytest.raises(CommandError, match="3 rows differ: expected what the log") as caught:
            call_command("replay_projections", "--verify")
        assert caught.value.returncode == 1
        said = capsys.readouterr().out
        assert "eventstore_tally 1\n  marks: expected '||" in said
        assert "found 'wrong'" in said
        assert "eventstore_tally 2\n  expected a row, found no row" in said
        assert "eventstore_tally 50\n  expected no row, found a row" in said
        assert marks()[1] == "wrong"

    def test_a_projection_that_is_behind_is_compared_with_what_it_has_seen(self, send, run):
        send(Add((1, 2, 3)), stream_id=uuid.uuid4())
        assert "Every row is what the log says." in run("replay_projections", "--verify")

    def test_it_leaves_nothing_behind(self, run):
        run("replay_projections", "--verify")
        run("replay_projections", "--twice")
        assert not Build.objects.exists()
        assert not aside.exists(aside.VERIFIED, Tally)
        assert not aside.exists(aside.TWICE, Sum)

    def test_a_fold_with_a_fault_is_found_and_a_replay_mends_it(self, send, run, monkeypatch):
        touches, fold = inline["sums"]._folds[Counted]

        def forgets_sevens(rows, recorded):
            if recorded.event.by != 7:
                fold(rows, recorded)

        monkeypatch.setitem(inline["sums"]._folds, Counted, (touches, forgets_sevens))
        send(Add((7, 1)), stream_id=uuid.uuid4())
        monkeypatch.setitem(inline["sums"]._folds, Counted, (touches, fold))
        with pytest.raises(CommandError, match="1 rows differ"):
            run("replay_projections", "--verify")
        run("replay_projections", "sums", "--no-input")
        assert "Every row is what the log says." in run("replay_projections", "--verify")

    def test_a_fold_that_looks_at_the_clock_is_caught(self, run, monkeypatch, capsys):
        touches, fold = inline["sums"]._folds[Counted]
        ticks = count()

        def looks_at_the_clock(rows, recorded):
            fold(rows, recorded)
            rows.get(Sum, recorded.stream_id).total = next(ticks)

        assert "the same when it is made twice" in run("replay_projections", "--twice")
        monkeypatch.setitem(inline["sums"]._folds, Counted, (touches, looks_at_the_clock))
        with pytest.raises(CommandError, match="40 rows differ"):
            call_command("replay_projections", "--twice")
        assert "total: expected" in capsys.readouterr().out


class TestRepair:
    def test_the_rows_of_one_stream_are_put_right_in_place(self, send, stream_id, run):
        send(Add((1, 2)))
        send(Add((5,)), stream_id=uuid.uuid4())
        Sum.objects.update(total=99)

        said = run("replay_projections", "--orders", str(stream_id))

        assert "total: expected 3, found 99" in said
        assert f"sums {stream_id}: 1 row put right" in said
        assert totals() == [3, 99]

    def test_a_row_that_is_missing_or_too_much_too(self, send, stream_id, run):
        send(Add((1, 2)))
        Sum.objects.all().delete()
        run("replay_projections", "sums", "--orders", str(stream_id))
        assert totals() == [3]

    @pytest.mark.parametrize(
        ("arguments", "message"),
        [
            (["--orders", "HC-1"], "expected ids of streams, UUIDs; found HC-1"),
            (["--orders", str(uuid.UUID(int=1))], "expected the id of a stream, found 0000"),
            (["x", "--no-input"], r"projections \(sums, tallies\), found x"),
            (["--workers", "0"], "expected 1 or more, found 0"),
        ],
    )
    def test_what_cannot_be_is_refused(self, arguments, message, run):
        with pytest.raises(CommandError, match=message):
            run("replay_projections", *arguments)

    def test_rows_that_streams_share_are_not_put_right_one_by_one(self, send, stream_id, run):
        send(Add((1,)))
        with pytest.raises(CommandError, match="expected an inline projection of single streams"):
            run("replay_projections", "tallies", "--orders", str(stream_id))

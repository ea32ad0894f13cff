"""The engine, tried on a table that every installation has: Django's groups stand in for rows."""

import uuid
from io import StringIO

import pytest
from django.contrib.auth.models import Group
from django.core.management import CommandError, call_command
from django.db import OperationalError, connection, transaction

from eventstore import projections, replay
from eventstore.models import Event
from eventstore.projections import Projection
from tests.concurrency import at_once
from tests.eventstore.counter import Add, Close, Closed, Counted


@pytest.fixture
def counts():
    """A row per counted number: how often it was counted, in its name."""
    projection = Projection("counts", [Group])

    def touches(recorded):
        return [(Group, recorded.event.by)]

    @projection.on(Counted, touches=touches)
    def _(rows, recorded):
        by = recorded.event.by
        row = rows.find(Group, by) or Group(id=by, name=f"{by}: ")
        row.name += "|"
        rows.put(row)
        if by == 13:
            rows.remove(Group, by)
        if by == 99:
            rows.get(Group, 1)

    # Emptied in place: the command and the receiver hold the same dictionary.
    others = dict(projections.inline)
    projections.inline.clear()
    projections.register_inline(projection)
    yield projection
    projections.inline.clear()
    projections.inline.update(others)


def names():
    return sorted(Group.objects.values_list("name", flat=True))


def run(*args):
    out = StringIO()
    call_command("replay_projections", *args, stdout=out)
    return out.getvalue()


@pytest.mark.django_db
@pytest.mark.usefixtures("counts")
class TestInline:
    def test_rows_are_there_when_the_command_returns(self, send):
        send(Add((1, 2, 1)))
        assert names() == ["1: ||", "2: |"]
        send(Add((2,)))
        assert names() == ["1: ||", "2: ||"]

    def test_an_event_that_nobody_folds_touches_nothing(self, send):
        send(Close())
        assert names() == []

    def test_a_row_can_be_removed(self, send):
        Group.objects.create(id=13, name="thirteen")
        send(Add((13,)))
        assert names() == []

    def test_a_row_made_and_removed_at_once_is_never_there(self, send):
        send(Add((13,)))
        assert names() == []

    def test_a_fold_sees_only_the_rows_it_named_and_its_failure_rolls_back(self, send):
        send(Add((1,)))
        with pytest.raises(LookupError, match="Group 1, but it was not named by `touches`"):
            send(Add((99,)))
        assert names() == ["1: |"]
        assert Event.objects.count() == 1

    def test_saving_takes_the_same_queries_for_many_rows(
        self, send, django_assert_num_queries, stream_id
    ):
        send(Add((1,)))
        recorded = send(Add(tuple(range(2, 12)))).events
        projection = projections.inline["counts"]
        for events in (recorded[:1], recorded):
            with django_assert_num_queries(2):
                projections.apply(projection, events)


def test_a_projection_has_one_fold_an_event():
    projection = Projection("twice", [])
    projection.on(Closed, touches=lambda recorded: [])(lambda rows, recorded: None)
    with pytest.raises(ValueError, match="one fold of Closed"):
        projection.on(Closed, touches=lambda recorded: [])(lambda rows, recorded: None)


@pytest.mark.usefixtures("counts")
def test_a_projection_is_registered_once():
    with pytest.raises(ValueError, match="one projection named counts"):
        projections.register_inline(Projection("counts", []))


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("counts")
class TestReplay:
    def test_rows_thrown_away_come_back_identical(self, send, counts):
        send(Add((1, 2, 1, 13)))
        send(Add((3, 2)), stream_id=uuid.uuid4())
        rows, checksum = names(), replay.checksum(counts)
        Group.objects.all().delete()
        assert replay.checksum(counts) != checksum
        assert "3 rows from 6 events" in run("--no-input")
        assert names() == rows
        assert replay.checksum(counts) == checksum

    def test_rows_that_no_event_made_disappear(self, send):
        send(Add((1,)))
        Group.objects.create(id=50, name="stray")
        run("counts", "--no-input")
        assert names() == ["1: |"]

    def test_no_event_can_arrive_behind_the_fold(self, send, monkeypatch):
        send(Add((1,)))
        refused = []

        def append(_):
            with transaction.atomic(), connection.cursor() as cursor:
                cursor.execute("LOCK TABLE eventstore_event IN ROW EXCLUSIVE MODE NOWAIT")

        def fold_while_somebody_appends(projection):
            folded = fold_log(projection)
            try:
                at_once(append, ["a command"])
            except OperationalError as error:
                refused.append(str(error))
            return folded

        fold_log = replay.fold_log
        monkeypatch.setattr(replay, "fold_log", fold_while_somebody_appends)
        run("--no-input")
        assert "could not obtain lock" in refused[0]

    def test_verify_is_content_with_true_rows(self, send):
        send(Add((1, 2)))
        assert "Every row is what the log says" in run("--verify")

    def test_verify_names_rows_that_differ_and_changes_nothing(self, send):
        send(Add((1, 2, 3)))
        Group.objects.filter(id=1).update(name="wrong")
        Group.objects.filter(id=2).delete()
        Group.objects.create(id=50, name="stray")
        out = StringIO()
        with pytest.raises(CommandError, match="3 rows differ") as caught:
            call_command("replay_projections", "--verify", stdout=out)
        assert caught.value.returncode == 1
        assert "auth_group 1\n  name: expected '1: |', found 'wrong'" in out.getvalue()
        assert "auth_group 2\n  expected a row, found no row" in out.getvalue()
        assert "auth_group 50\n  expected no row, found a row" in out.getvalue()
        assert Group.objects.get(id=1).name == "wrong"

    def test_a_log_that_cannot_be_read_leaves_the_rows_as_they_are(self, send, stream_id):
        send(Add((1, 2)))
        Event.objects.bulk_create(
            [
                Event(
                    stream_id=stream_id, version=3, type="Vanished", schema_version=1, data={},
                    metadata={},
                )
            ]
        )  # fmt: skip
        with pytest.raises(CommandError, match=r"version 3 .*found Vanished. The rows are as"):
            run("--no-input")
        assert names() == ["1: |", "2: |"]

    def test_an_unknown_name_is_refused(self):
        with pytest.raises(CommandError, match=r"projections \(counts\), found x"):
            run("x", "--no-input")

    def test_it_asks_before_rows_are_replaced(self, send, monkeypatch):
        send(Add((1,)))
        Group.objects.all().delete()
        monkeypatch.setattr("builtins.input", lambda prompt: "no")
        with pytest.raises(CommandError, match="Nothing was replayed"):
            run()
        assert names() == []
        monkeypatch.setattr("builtins.input", lambda prompt: "y")
        run()
        assert names() == ["1: |"]

    def test_without_anybody_to_ask_it_says_how_to_go_on(self, send, monkeypatch):
        def nobody(prompt):
            raise EOFError

        send(Add((1,)))
        monkeypatch.setattr("builtins.input", nobody)
        with pytest.raises(CommandError, match="add --no-input"):
            run()

    def test_list_shows_each_projection_with_its_tables_and_checksum(self, send, counts):
        send(Add((1,)))
        shown = run("--list")
        assert shown.startswith("counts  inline  checksum ")
        assert "auth_group (1 rows)" in shown

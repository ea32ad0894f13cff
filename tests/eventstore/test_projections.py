"""The engine, tried on a table that every installation has: Django's groups stand in for rows."""

import pytest
from django.contrib.auth.models import Group

from eventstore import projections
from eventstore.models import Event
from eventstore.projections import Projection
from tests.eventstore.counter import Add, Close, Closed, Counted


@pytest.fixture
def counts(db):
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

    Group.objects.all().delete()
    # Emptied in place: the command and the receiver hold the same dictionary.
    others = dict(projections.inline)
    projections.inline.clear()
    projections.register_inline(projection)
    yield projection
    projections.inline.clear()
    projections.inline.update(others)


def names():
    return sorted(Group.objects.values_list("name", flat=True))


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

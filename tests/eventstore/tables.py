"""Read rows for tests of the engine, in tables that exist only while such a test runs."""

from django.contrib.postgres.fields import ArrayField
from django.db import models

from eventstore import aside
from eventstore.projections import Projection
from tests.eventstore.counter import Closed, Counted


class Tally(models.Model):
    """How often a number was counted, by whichever stream."""

    number = models.IntegerField(primary_key=True)
    marks = models.TextField()

    class Meta:
        app_label = "eventstore"
        managed = False
        db_table = "eventstore_tally"


class Sum(models.Model):
    """What one stream has counted."""

    stream_id = models.UUIDField(primary_key=True)
    total = models.IntegerField(default=0)
    parts = ArrayField(models.IntegerField(), default=list)
    closed_at = models.DateTimeField(null=True)

    class Meta:
        app_label = "eventstore"
        managed = False
        db_table = "eventstore_sum"


def tallies() -> Projection:
    """Rows that many streams share."""
    projection = Projection("tallies", [Tally])

    @projection.on(Counted, touches=lambda recorded: [(Tally, recorded.event.by)])
    def _(rows, recorded):
        number = recorded.event.by
        if number == 666:
            raise ValueError("a number that cannot be tallied")
        row = rows.find(Tally, number) or Tally(number=number, marks="")
        row.marks += "|"
        rows.put(row)
        if number == 13:
            rows.remove(Tally, number)

    return projection


def sums() -> Projection:
    """Rows of one stream each."""
    projection = Projection("sums", [Sum], stream="stream_id")

    def its_sum(recorded):
        return [(Sum, recorded.stream_id)]

    @projection.on(Counted, touches=its_sum)
    def _(rows, recorded):
        row = rows.find(Sum, recorded.stream_id) or Sum(stream_id=recorded.stream_id)
        row.total += recorded.event.by
        row.parts = [*row.parts, recorded.event.by]
        rows.put(row)

    @projection.on(Closed, touches=its_sum)
    def _(rows, recorded):
        row = rows.find(Sum, recorded.stream_id) or Sum(stream_id=recorded.stream_id)
        row.closed_at = recorded.recorded_at
        rows.put(row)

    return projection


def marks():
    return dict(Tally.objects.order_by("number").values_list("number", "marks"))


def totals():
    return sorted(Sum.objects.values_list("total", flat=True))


def checksums():
    return [aside.checksum([model]) for model in (Tally, Sum)]

"""Stand-ins are as strict as the events they stand for, and are written as models are."""

import dataclasses
import json
import uuid
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal

import msgspec
import pytest
from django.db import connection, models

from eventstore.copying import copy_in
from eventstore.plain import PlainRows, plain
from eventstore.projections import inline
from eventstore.quick import METADATA, converters_of, stand_in_for
from eventstore.shapes import shape_of
from ordering.models import OrderHead, OrderLine
from tests.eventstore.tables import Sum, Tally
from tests.eventstore.test_codec import EVERYTHING, Everything


class Moment(models.Model):
    number = models.IntegerField(primary_key=True)
    at = models.DateTimeField()

    class Meta:
        app_label = "eventstore"
        managed = False

    def __str__(self):
        return f"{self.at}"


STORED = shape_of(Everything).encode(EVERYTHING)


def decoded(stored):
    """As eventstore.reading does it, line by line."""
    event = msgspec.json.decode(json.dumps(stored), type=stand_in_for(Everything))
    for name, convert in converters_of(Everything):
        setattr(event, name, convert(getattr(event, name)))
    return event


def test_a_stand_in_has_the_fields_of_the_event():
    event = decoded(STORED)
    for field in dataclasses.fields(Everything):
        assert getattr(event, field.name) == getattr(EVERYTHING, field.name)


@pytest.mark.parametrize(
    "changed",
    [
        {"whole": True},
        {"whole": 3.0},
        {"whole": "3"},
        {"text": None},
        {"yes": 1},
        {"amount": 12.5},
        {"amount": "NaN"},
        {"id": "not-a-uuid"},
        {"moment": "yesterday"},
        {"colour": "blue"},
        {"part": []},
        {"part": {"size": "big"}},
        {"many": {}},
        {"named": []},
        {"maybe": 5},
        {"surprise": 1},
    ],
    ids=str,
)
def test_what_an_event_refuses_a_stand_in_refuses(changed):
    with pytest.raises(Exception, match=r".+"):
        shape_of(Everything).decode(STORED | changed)
    with pytest.raises(Exception, match=r".+"):
        decoded(STORED | changed)


def test_a_missing_field_is_refused():
    stored = {name: value for name, value in STORED.items() if name != "whole"}
    with pytest.raises(Exception, match="missing required field `whole`"):
        decoded(stored)


def test_metadata_has_the_defaults_of_metadata_and_nothing_else():
    said = msgspec.json.decode('{"actor": 7, "source": "api"}', type=METADATA)
    assert (said.actor, said.source, said.correlation_id, said.causation_id) == (7, "api", "", "")
    with pytest.raises(Exception, match="unknown field `mood`"):
        msgspec.json.decode('{"actor": 7, "mood": "good"}', type=METADATA)


def test_a_plain_row_has_the_columns_defaults_and_properties_of_its_model():
    order_id = uuid.uuid4()
    row = plain(OrderLine)(order_id=order_id, sku="FLR-25", quantity=3, unit_price=Decimal("2.50"))
    assert (row.pk, row.total) == ((order_id, "FLR-25"), Decimal("7.50"))
    one, other = plain(Sum)(stream_id=order_id), plain(Sum)(stream_id=order_id)
    one.parts.append(1)
    assert (one.pk, one.total, one.closed_at, other.parts) == (order_id, 0, None, [])


class TestPlainRows:
    """A head's key is the stream's id, and the keys of its lines begin with it."""

    @pytest.fixture
    def rows(self):
        return PlainRows(inline["orders"])

    def line(self, rows, order_id, sku="FLR-25"):
        return rows.new(OrderLine, order_id=order_id, sku=sku, quantity=1)

    def test_a_new_row_has_the_defaults_of_its_model(self, rows):
        head = rows.new(OrderHead, order_id=uuid.uuid4(), number="HC-2026-0001")
        assert (head.total, head.line_count, head.note, head.closed_by_id) == (0, 0, "", None)

    def test_what_is_no_column_is_refused(self, rows):
        with pytest.raises(TypeError, match="OrderHead: expected values of its columns, found sku"):
            rows.new(OrderHead, order_id=uuid.uuid4(), sku="FLR-25")
        with pytest.raises(TypeError, match="unexpected keyword argument 'colour'"):
            rows.new(OrderHead, colour="blue")
        with pytest.raises(KeyError):
            rows.new(Tally, number=1)

    def test_a_row_is_found_by_an_equal_key_whoever_made_it(self, rows):
        stream = uuid.uuid4()
        rows.begin_stream(stream)
        for made, asked in ((stream, uuid.UUID(str(stream))), (uuid.UUID(str(stream)), stream)):
            head = rows.new(OrderHead, order_id=made)
            line = self.line(rows, made)
            assert rows.get(OrderHead, asked) is head
            assert rows.get(OrderLine, (asked, "FLR-25")) is line
            rows.remove(OrderHead, asked)
            rows.remove(OrderLine, (asked, "FLR-25"))
            assert rows.find(OrderHead, made) is rows.find(OrderLine, (made, "FLR-25")) is None

    def test_rows_of_another_stream_are_others(self, rows):
        stream, other = uuid.uuid4(), uuid.uuid4()
        rows.begin_stream(stream)
        mine, theirs = self.line(rows, stream), self.line(rows, other)
        head = rows.new(OrderHead, order_id=other)
        assert rows.find(OrderHead, stream) is None
        assert rows.get(OrderHead, other) is head
        assert rows.get(OrderLine, (stream, "FLR-25")) is mine
        assert rows.get(OrderLine, (other, "FLR-25")) is theirs
        rows.begin_stream(other)
        assert rows.find(OrderLine, (stream, "FLR-25")) is None
        assert rows.of(OrderLine) == [mine, theirs]


@pytest.mark.usefixtures("engine")
class TestCopying:
    @pytest.mark.parametrize(
        "text",
        ["", r"\N", r"\.", "a\tb\nc\rd\\e", "\\\\", "Crème 🍮", "\x07\x1b", 'it\'s "quoted"'],
        ids=ascii,
    )
    def test_any_text_is_read_back_as_it_was(self, text):
        copy_in("eventstore_tally", Tally, [plain(Tally)(number=1, marks=text)])
        assert Tally.objects.get().marks == text

    def test_a_line_is_read_back_as_a_model_would_have_saved_it(self):
        at = datetime(2026, 3, 31, 22, 30, 0, 5, tzinfo=UTC)
        values = {
            "order_id": uuid.UUID(int=7),
            "sku": "null",
            "name": 'Flour, "type 550"\nin\u0007 a \\n bag',
            "unit": "",
            "quantity": 3,
            "unit_price": Decimal("1E+2"),
            "added_version": 1,
            "added_by_id": None,
            "added_at": at,
            "changed_version": 2,
            "changed_by_id": 5,
            "changed_at": at.astimezone(timezone(timedelta(hours=5, minutes=30))),
        }
        with connection.cursor() as cursor:
            cursor.execute("CREATE TEMPORARY TABLE lines (LIKE ordering_orderline)")
            cursor.execute("ALTER TABLE lines ALTER added_by_id DROP NOT NULL")
            copy_in("lines", OrderLine, [plain(OrderLine)(**values)])
            copy_in("lines", OrderLine, [OrderLine(**values)])
            cursor.execute("SELECT sku, name, added_by_id, unit_price, changed_at, * FROM lines")
            one, other = cursor.fetchall()
            cursor.execute("DROP TABLE lines")
        assert one == other
        assert one[:4] == ("null", values["name"], None, Decimal("100.00"))
        assert one[4] == at

    def test_a_time_without_a_zone_is_in_django_s(self, settings):
        settings.TIME_ZONE = "Asia/Tokyo"
        row = plain(Moment)(number=1, at=datetime(2026, 3, 31, 22, 30))
        with connection.cursor() as cursor:
            cursor.execute("CREATE TEMPORARY TABLE moments (number int, at timestamptz)")
            with pytest.warns(RuntimeWarning, match="received a naive datetime"):
                copy_in("moments", Moment, [row])
            cursor.execute("SELECT at FROM moments")
            [[at]] = cursor.fetchall()
            cursor.execute("DROP TABLE moments")
        assert at == datetime(2026, 3, 31, 13, 30, tzinfo=UTC)

    def test_models_and_plain_rows_with_arrays_times_and_nothing_too(self):
        at = datetime(2026, 3, 31, 22, 30, 0, 5, tzinfo=UTC)
        rows = [
            plain(Sum)(stream_id=uuid.UUID(int=1), total=3, parts=[1, 2], closed_at=at),
            Sum(stream_id=uuid.UUID(int=2)),
        ]
        copy_in("eventstore_sum", Sum, rows)
        found = Sum.objects.order_by("stream_id").values_list("total", "parts", "closed_at")
        assert list(found) == [(3, [1, 2], at), (0, [], None)]

"""The list of the whole log in the admin: what it shows, to whom, and what its filters take."""

import re
import uuid
from datetime import timedelta

import pytest
from django.contrib.auth.models import Permission
from django.urls import reverse
from django.utils import timezone

from eventstore.models import Event
from eventstore.store import Metadata, append
from ordering import handling
from ordering.handling import Caller
from tests.eventstore.counter import Add, Close, Closed
from tests.factories import AgentFactory, ProductFactory

pytestmark = pytest.mark.django_db

EVENTS = reverse("admin:eventstore_event_changelist")
COUNTED, CLOSED = "Counted", "Closed"
HOSTILE = '<script>alert("1")</script> ‮مرحبا 👩‍🍳'


@pytest.fixture
def staff(client, admin):
    client.force_login(admin)
    return client


@pytest.fixture
def support(client):
    """Sees events, and not what they say."""
    person = AgentFactory(username="sam", customer=None, is_staff=True)
    person.user_permissions.set(
        Permission.objects.filter(codename__in=["view_event", "view_stream"])
    )
    client.force_login(person)
    return client


@pytest.fixture
def order(alice):
    ProductFactory(sku="FLR-25", name="Flour")
    caller = Caller(alice, "web", "request-9")
    items = [("FLR-25", 2)]
    return handling.open_order(caller, key=str(uuid.uuid4()), reference=HOSTILE, items=items)


def listed(page):
    return [event.position for event in page.context["cl"].result_list]


def rows(page):
    return re.findall(r"<tr>.*?</tr>", page.content.decode(), re.DOTALL)[1:]


def test_it_says_what_when_who_and_of_which_order(staff, order, alice):
    page = staff.get(EVENTS).content.decode()
    number = order.events[0].event.number
    assert f"{number} · Harbour Café" in page
    assert "alice" in page
    assert "ItemAdded" in page
    assert "sku FLR-25" in page
    assert f'href="{reverse("admin:eventstore_stream_change", args=[order.stream_id])}"' in page


def test_what_events_say_is_inert(staff, order):
    page = staff.get(EVENTS).content.decode()
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert" in page
    assert re.search(r'<bdi class="event-says">[^<]*&lt;script', page)


def test_support_sees_nothing_of_what_events_say(support, order):
    page = support.get(EVENTS).content.decode()
    assert "ItemAdded" in page
    assert "alice" in page
    assert "FLR-25" not in page
    assert "script&gt;" not in page
    assert "Export" not in page


def test_a_full_page_costs_no_more_queries_than_a_short_one(
    staff, send, django_assert_max_num_queries
):
    send(Add((1,) * 30), stream_id=uuid.uuid4())
    for _ in range(30):
        send(Add((1,)), stream_id=uuid.uuid4())
    with django_assert_max_num_queries(12):
        assert len(listed(staff.get(EVENTS))) == 50


class TestFilters:
    @pytest.fixture
    def log(self, send, alice):
        """Three events of a counter by nobody that exists, one by Alice from the console, one by
        the shop itself."""
        first = send(Add((1, 2))).events
        last = send(Close()).events
        others = [
            append(uuid.uuid4(), "counter", 0, [Closed()], metadata)[0]
            for metadata in (Metadata(alice.pk, "console", "batch 7"), Metadata(None, "api"))
        ]
        return [one.position for one in (*first, *last, *others)]

    @pytest.mark.parametrize(
        ("asked", "expected"),
        [
            ({"type": CLOSED}, [2, 3, 4]),
            ({"type": "OrderOpened"}, []),
            ({"category": "order"}, []),
            ({"source": "console"}, [3]),
            ({"actor": "alice"}, [3]),
            ({"actor": "(shop)"}, [4]),
            ({"actor": "alice", "type": COUNTED}, []),
            ({"correlation": "batch 7"}, [3]),
            ({"correlation": "request-1", "type": CLOSED}, [2]),
            ({"source": "test", "type": COUNTED}, [0, 1]),
            ({"actor": ""}, [0, 1, 2, 3, 4]),
        ],
    )
    def test_each_finds_its_own(self, staff, log, asked, expected):
        assert listed(staff.get(EVENTS, asked)) == [log[at] for at in reversed(expected)]

    def test_a_range_of_time_begins_with_its_first_moment_and_ends_before_its_last(
        self, staff, log
    ):
        local = [
            timezone.localtime(event.recorded_at).replace(tzinfo=None)
            for event in Event.objects.order_by("position")
        ]
        asked = {"from": local[1].isoformat(), "until": local[3].isoformat()}
        assert listed(staff.get(EVENTS, asked)) == [log[2], log[1]]
        assert listed(staff.get(EVENTS, {"from": f"{local[4] + timedelta(1):%Y-%m-%d}"})) == []

    def test_the_link_from_a_stream_still_leads_to_its_events(self, staff, log, stream_id):
        found = listed(staff.get(EVENTS, {"stream__id__exact": str(stream_id)}))
        assert found == [log[2], log[1], log[0]]

    @pytest.mark.parametrize(
        ("asked", "told"),
        [
            ({"type": "Forged"}, "expected one of"),
            ({"type": "\0"}, "expected one of"),
            ({"category": "shop"}, "expected one of"),
            ({"source": "nowhere"}, "expected one of"),
            ({"actor": "nobody"}, "expected a username, an id or (shop)"),
            ({"actor": "\0"}, "Actor: expected text, found a NUL"),
            ({"correlation": "a\0b"}, "expected text, found a NUL"),
            ({"stream__id__exact": "7"}, "expected an id, a UUID"),
            ({"from": "yesterday"}, "From: expected a date such as"),
            ({"from": "2026-02-30T10:00"}, "From: expected a date such as"),
            ({"until": "0001-01-01T00:00"}, "Until: expected a date such as"),
            (
                {"from": "2026-03-02T10:00", "until": "2026-03-01T10:00"},
                "expected From to be before Until",
            ),
        ],
    )
    def test_what_it_cannot_take_is_told_and_finds_nothing(self, staff, log, asked, told):
        page = staff.get(EVENTS, asked)
        assert page.status_code == 200
        assert listed(page) == []
        assert told in page.content.decode()

    def test_a_condition_that_no_filter_knows_is_not_passed_over(self, staff, log):
        assert staff.get(EVENTS, {"version": "1"}).status_code == 302
        assert staff.get(EVENTS, {"data__by": "1"}).status_code in (302, 400)

    @pytest.mark.parametrize("year", ["9999-12-31T23:59", "1000-01-01"])
    def test_the_ends_of_the_calendar_are_no_error(self, staff, log, year):
        assert staff.get(EVENTS, {"from": year}).status_code == 200
        assert staff.get(EVENTS, {"until": year}).status_code == 200


class TestSearch:
    def test_by_a_position(self, staff, order):
        position = order.events[1].position
        assert listed(staff.get(EVENTS, {"q": f" {position} "})) == [position]

    def test_by_an_orders_number_its_stream_and_its_command(self, staff, order):
        both = [event.position for event in reversed(order.events)]
        for asked in (
            order.events[0].event.number,
            order.stream_id,
            order.events[0].command_id,
            "request-9",
        ):
            assert listed(staff.get(EVENTS, {"q": str(asked)})) == both, asked
        assert listed(staff.get(EVENTS, {"q": "ItemAdded"})) == both[:1]

    @pytest.mark.parametrize(
        "asked", ["no such thing", "9" * 30, "9" * 5000, f"{uuid.UUID(int=7)}"]
    )
    def test_what_is_not_there_is_not_found(self, staff, order, asked):
        page = staff.get(EVENTS, {"q": asked})
        assert page.status_code == 200
        assert listed(page) == []

    def test_a_search_within_a_filter_finds_what_both_want(self, staff, order):
        asked = {"q": str(order.stream_id), "type": "OrderOpened"}
        assert listed(staff.get(EVENTS, asked)) == [order.events[0].position]

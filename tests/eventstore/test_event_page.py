"""An event's page in the admin."""

import json
import re
import uuid

import pytest
from django.contrib.auth.models import Permission
from django.db import connection
from django.urls import reverse

from eventstore.models import Event
from eventstore.store import Metadata, append
from tests.eventstore.counter import Add, Close, Closed
from tests.factories import AgentFactory
from tests.ordering.pages.test_order_of_schema_1 import (  # noqa: F401  (fixtures)
    ORDER,
    alice,
    bob,
    harbour,
    log,
)

pytestmark = pytest.mark.django_db

HOSTILE = '<script>alert("1")</script>\u202e\u05de\u05e9 \U0001f469\u200d\U0001f373' + "x" * 300


@pytest.fixture
def staff(client, admin):
    client.force_login(admin)
    return client


@pytest.fixture
def support(client):
    person = AgentFactory(username="sam", customer=None, is_staff=True)
    person.user_permissions.set(
        Permission.objects.filter(codename__in=["view_event", "view_stream"])
    )
    client.force_login(person)
    return client


def url(event):
    return reverse("admin:eventstore_event_change", args=[event.position])


def store(type_, data, *, schema_version=1, metadata=None):
    """An event as another program may have stored it; its row."""
    stream = uuid.uuid4()
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO eventstore_stream (id, category, version) VALUES (%s, 'order', 1)",
            [stream],
        )
        cursor.execute(
            "INSERT INTO eventstore_event"
            " (stream_id, version, type, schema_version, data, metadata)"
            " VALUES (%s, 1, %s, %s, %s, %s)",
            [stream, type_, schema_version, json.dumps(data), json.dumps(metadata or {})],
        )
    return Event.objects.get(stream=stream)


def test_its_head_is_asked_for_alone(staff):
    position = store("Counted", {"by": 1})
    answer = staff.head(reverse("admin:eventstore_event_change", args=[position.position]))
    assert answer.status_code == 200


def test_it_shows_an_old_event_as_stored_beside_as_read(staff, log):  # noqa: F811
    completed = Event.objects.get(stream=ORDER, type="OrderCompleted")
    response = staff.get(url(completed))
    page = response.content.decode()
    assert "As stored, schema version 1" in page
    assert "As read, schema version 2" in page
    shown = response.context["page"]
    assert "currency" not in shown.stored
    assert "EUR" in shown.read
    assert "completed the order: €101.40" in page.replace("101.40 €", "€101.40")


def test_it_shows_an_event_once_that_is_read_as_it_is_stored(staff, log):  # noqa: F811
    page = staff.get(url(Event.objects.get(stream=ORDER, version=2))).content.decode()
    assert "What it says" in page
    assert "As read" not in page
    assert "added 2 × Plain wheat flour" in page
    assert re.search(r'<bdi title="alice">Alice</bdi>', page)


@pytest.mark.parametrize(
    ("asked", "why"),
    [
        ({"type_": "Forgotten", "data": {}}, "an event type that is registered"),
        ({"type_": "OrderCancelled", "data": {"reason": 7}}, "OrderCancelled.reason"),
        ({"type_": "OrderCancelled", "data": {}, "schema_version": 9}, "schema version 1 to 1"),
        (
            {"type_": "OrderCancelled", "data": {"reason": ""}, "metadata": {"who": 1}},
            "metadata with actor, source",
        ),
    ],
)
def test_it_says_why_an_event_cannot_be_read(staff, asked, why):
    page = staff.get(url(store(**asked)))
    assert page.status_code == 200
    assert "This code cannot read it" in page.content.decode()
    assert why in page.content.decode()
    assert staff.get(reverse("admin:eventstore_event_changelist")).status_code == 200


@pytest.mark.parametrize("metadata", [[], "text", {"actor": "x", "source": 3}, {"actor": 2**70}])
def test_metadata_of_any_shape_is_shown(staff, metadata):
    event = store("OrderCancelled", {"reason": ""}, metadata=metadata)
    assert staff.get(url(event)).status_code == 200
    assert staff.get(reverse("admin:eventstore_event_changelist")).status_code == 200


def test_what_it_says_is_inert_and_cannot_turn_the_text_around_it(staff):
    page = staff.get(url(store("OrderCancelled", {"reason": HOSTILE}))).content.decode()
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert" in page
    assert "\\u202e" in page
    assert "\U0001f469\u200d\U0001f373" in page
    assert "style=" not in page.partition('id="content-main"')[2].partition("</main>")[0]


def test_it_leads_to_its_neighbours_and_its_command(staff, send):
    command = uuid.uuid4()
    first, second = send(Add((1, 2)), command_id=command).events
    third = send(Close()).events[0]
    page = staff.get(url(second)).content.decode()
    for neighbour, way in ((first, "prev"), (third, "next")):
        assert re.search(rf'href="{url(neighbour)}" rel="{way}"', page)
    assert f"?q={command}" in page
    assert "?correlation=request-1" in page
    assert "First of its stream" in staff.get(url(first)).content.decode()
    assert "Last of its stream" in staff.get(url(third)).content.decode()


def test_it_leads_to_its_cause_by_any_name_that_an_event_has(staff, send, stream_id):
    cause = send(Add((1,)), command_id=uuid.uuid4()).events[0]
    names = {
        f"{cause.position}": url(cause),
        f"{stream_id}@1": url(cause),
        f"{cause.command_id}": f"?q={cause.command_id}",
    }
    for name, there in names.items():
        metadata = Metadata(causation_id=name)
        [effect] = append(uuid.uuid4(), "counter", 0, [Closed()], metadata)
        shown = staff.get(url(effect)).context["page"]
        assert shown.cause_url.endswith(there)
    for name in ("elsewhere", "9" * 40, f"{stream_id}@x", f"{stream_id}@99999999999", "²"):
        metadata = Metadata(causation_id=name)
        [effect] = append(uuid.uuid4(), "counter", 0, [Closed()], metadata)
        page = staff.get(url(effect))
        assert page.context["page"].cause_url == ""
        assert name in page.content.decode()


def test_a_long_command_is_told_in_part_at_a_bounded_cost(
    staff, send, django_assert_max_num_queries
):
    events = send(Add((1,) * 60), command_id=uuid.uuid4()).events
    with django_assert_max_num_queries(16):
        page = staff.get(url(events[30])).content.decode()
    assert "and more" in page


def test_it_is_downloaded_as_it_is_stored(staff, send):
    event = send(Add((5,))).events[0]
    there = reverse("admin:eventstore_event_json", args=[event.position])
    page = staff.get(url(event)).content.decode()
    assert f'href="{there}"' in page
    answer = staff.get(there)
    assert answer["Content-Disposition"] == f'attachment; filename="event-{event.position}.json"'
    said = answer.json()
    assert said["data"] == {"by": 5, "price": "1.10"}
    assert said["category"] == "counter"
    assert staff.get(there.replace(f"{event.position}", "9" * 30)).status_code == 404


def test_support_sees_who_and_when_and_not_what(support, send):
    event = send(Add((5,))).events[0]
    page = support.get(url(event)).content.decode()
    assert "Counted" in page
    assert "1.10" not in page
    assert "Copy as JSON" not in page
    there = reverse("admin:eventstore_event_json", args=[event.position])
    assert support.get(there).status_code == 403


def test_who_may_not_see_events_is_refused(client, send):
    event = send(Add((5,))).events[0]
    person = AgentFactory(customer=None, is_staff=True)
    client.force_login(person)
    there = reverse("admin:eventstore_event_json", args=[event.position])
    assert client.get(url(event)).status_code == 403
    assert client.get(there).status_code == 403


@pytest.mark.parametrize("key", ["0", "x", "9" * 30, "-1"])
def test_an_event_that_is_not_there_leads_back(staff, key):
    there = reverse("admin:eventstore_event_change", args=[key])
    assert staff.get(there).status_code == 302

"""Filtered lists of the admin as JSON Lines."""

import io
import json
import uuid
from datetime import datetime

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Permission
from django.db import OperationalError
from django.urls import reverse

from eventstore import finding
from eventstore.admin import exporting
from eventstore.moving import exports
from eventstore.moving.reading import BadLine, read_lines
from eventstore.subscriptions import Stalled
from tests.eventstore.counter import Add, Close
from tests.factories import AgentFactory

# Committed for real: the log's end is asked for outside of any transaction.
pytestmark = pytest.mark.django_db(transaction=True)

EVENTS = reverse("admin:eventstore_event_export")
STREAMS = reverse("admin:eventstore_stream_export")


@pytest.fixture
def staff(client, admin):
    client.force_login(admin)
    return client


@pytest.fixture
def log(send):
    """Three events of one stream, two of another."""
    one, other = uuid.uuid4(), uuid.uuid4()
    events = [*send(Add((1,)), stream_id=one).events, *send(Add((2, 3)), stream_id=other).events]
    return [*events, *send(Close(), stream_id=one).events, *send(Close(), stream_id=other).events]


def exported(response):
    """The events of a complete file, in its order."""
    assert response.status_code == 200
    lines = list(read_lines(io.BytesIO(b"".join(response))))
    return [json.loads(line.text) for line in lines]


def positions(response):
    return [said["position"] for said in exported(response)]


def test_it_has_exactly_the_filtered_events(staff, log):
    assert positions(staff.get(EVENTS)) == [event.position for event in log]
    assert positions(staff.get(EVENTS, {"type": "Closed"})) == [e.position for e in log[3:]]
    assert positions(staff.get(EVENTS, {"q": str(log[1].position)})) == [log[1].position]
    assert positions(staff.get(EVENTS, {"type": "OrderOpened"})) == []


def test_it_has_all_pages_of_the_list_and_not_the_one_that_is_open(staff, log):
    place = {"older": json.dumps([log[1].recorded_at.isoformat(), log[1].position])}
    assert positions(staff.get(EVENTS, place)) == [event.position for event in log]
    page = staff.get(reverse("admin:eventstore_event_changelist"), place | {"type": "Closed"})
    assert f'href="{EVENTS}?type=Closed"' in page.content.decode()


def test_an_event_is_in_it_as_it_is_stored(staff, log):
    [said] = exported(staff.get(EVENTS, {"q": str(log[0].position)}))
    at = said.pop("recorded_at")  # without a fraction's last zeros
    assert datetime.fromisoformat(at) == log[0].recorded_at
    assert said == {
        "kind": "event",
        "position": log[0].position,
        "stream_id": str(log[0].stream_id),
        "category": "counter",
        "version": 1,
        "type": "Counted",
        "schema_version": 1,
        "data": {"by": 1, "price": "1.10"},
        "metadata": {
            "actor": 7,
            "source": "test",
            "correlation_id": "request-1",
            "causation_id": "",
        },
        "command_id": None,
    }


def test_it_is_a_download_that_is_streamed(staff, log):
    response = staff.get(EVENTS)
    assert response.streaming
    assert response["Content-Disposition"].startswith('attachment; filename="events-')


def test_what_is_appended_while_it_is_written_is_not_in_it(staff, log, send, monkeypatch):
    monkeypatch.setattr(finding, "CHUNK", 1)
    response = staff.get(EVENTS)
    parts = iter(response)
    first = next(parts)
    send(Add((9,)), stream_id=uuid.uuid4())
    lines = list(read_lines(io.BytesIO(first + b"".join(parts))))
    assert len(lines) == len(log)


def test_streams_come_whole_one_after_the_other(staff, log, monkeypatch):
    monkeypatch.setattr(exports, "STREAMS", 1)
    said = exported(staff.get(STREAMS))
    assert sorted(one["position"] for one in said) == [event.position for event in log]
    assert [one["version"] for one in said] in ([1, 2, 1, 2, 3], [1, 2, 3, 1, 2])
    one = exported(staff.get(STREAMS, {"q": str(log[0].stream_id)}))
    assert [line["position"] for line in one] == [log[0].position, log[3].position]


def test_it_is_in_the_admins_log(staff, admin, log):
    list(staff.get(EVENTS, {"type": "Closed"}))
    entry = LogEntry.objects.get()
    assert entry.user == admin
    assert entry.get_change_message().startswith("Exported the events of type=Closed up to")
    assert staff.get(reverse("admin:index")).status_code == 200


def test_it_takes_the_permission_to_see_what_events_say(client, log):
    person = AgentFactory(username="sam", customer=None, is_staff=True)
    views = ["view_event", "view_stream"]
    for names, status in ((["view_payload"], 403), (views, 403), ([*views, "view_payload"], 200)):
        person.user_permissions.set(Permission.objects.filter(codename__in=names))
        client.force_login(person)
        for there in (EVENTS, STREAMS):
            assert client.get(there).status_code == status, (names, there)
    assert LogEntry.objects.count() == 2


def test_agents_and_the_unknown_are_sent_to_log_in(client, alice, log):
    for there in (EVENTS, STREAMS):
        assert client.get(there).status_code == 302
    client.force_login(alice)
    for there in (EVENTS, STREAMS):
        assert client.get(there).status_code == 302


@pytest.mark.parametrize("asked", [{"type": "Forged"}, {"actor": "nobody"}, {"from": "x"}])
def test_a_filter_that_cannot_be_read_leads_back_to_the_list_that_says_so(staff, log, asked):
    response = staff.get(EVENTS, asked, follow=True)
    assert response.redirect_chain
    assert "expected" in response.content.decode()
    assert not LogEntry.objects.exists()
    assert staff.get(EVENTS, {"version": "1"}).status_code == 302


def test_a_log_whose_end_cannot_be_told_is_not_exported(staff, log, monkeypatch):
    def stalled():
        raise Stalled([])

    monkeypatch.setattr(exporting, "settled", stalled)
    page = staff.get(EVENTS, follow=True).content.decode()
    assert "Nothing was exported" in page


def test_a_file_that_the_database_broke_off_says_so_in_its_last_line(staff, log, monkeypatch):
    monkeypatch.setattr(finding, "CHUNK", 1)
    parts = iter(staff.get(EVENTS))
    written = [next(parts), next(parts)]

    def gone(query, params):
        raise OperationalError("the connection is closed")

    monkeypatch.setattr(finding, "_rows", gone)
    with pytest.raises(OperationalError):
        written.extend(parts)
    assert json.loads(written[-1])["kind"] == "broken"
    with pytest.raises(BadLine, match="expected a complete file"):
        list(read_lines(io.BytesIO(b"".join(written))))

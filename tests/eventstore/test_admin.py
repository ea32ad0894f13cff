"""The store in Django admin: for reading only, and only by staff."""

import pytest
from django.urls import reverse

from eventstore.models import Event
from tests.eventstore.counter import Add

pytestmark = pytest.mark.django_db


@pytest.fixture
def recorded(send):
    return send(Add((1, 2))).events


def urls(recorded):
    stream, event = recorded[0].stream_id, recorded[0].position
    return [
        reverse("admin:eventstore_stream_changelist"),
        reverse("admin:eventstore_stream_change", args=[stream]),
        reverse("admin:eventstore_event_changelist"),
        reverse("admin:eventstore_event_change", args=[event]),
    ]


def test_an_admin_reads_streams_and_events(client, admin, recorded):
    client.force_login(admin)
    for url in urls(recorded):
        assert client.get(url).status_code == 200
    page = client.get(urls(recorded)[3]).content.decode()
    assert "&quot;by&quot;" in page
    assert "request-1" in page


def test_streams_and_events_are_found(client, admin, recorded):
    client.force_login(admin)
    stream = str(recorded[0].stream_id)
    for url in urls(recorded)[::2]:
        found = client.get(url, {"q": stream})
        assert found.status_code == 200
        assert stream in found.content.decode()
        assert client.get(url, {"q": "no-such-thing"}).status_code == 200


def test_nothing_can_be_added_changed_or_deleted(client, admin, recorded):
    client.force_login(admin)
    for model, key in (("stream", recorded[0].stream_id), ("event", recorded[0].position)):
        for url in (
            reverse(f"admin:eventstore_{model}_add"),
            reverse(f"admin:eventstore_{model}_change", args=[key]),
            reverse(f"admin:eventstore_{model}_delete", args=[key]),
        ):
            assert client.post(url, {"version": 9, "type": "Forged"}).status_code == 403
        forged = {"action": "delete_selected", "_selected_action": [str(key)], "post": "yes"}
        client.post(reverse(f"admin:eventstore_{model}_changelist"), forged)
    assert Event.objects.count() == 2


def test_an_agent_is_not_let_in(client, alice, recorded):
    client.force_login(alice)
    for url in urls(recorded):
        assert client.get(url).status_code == 302

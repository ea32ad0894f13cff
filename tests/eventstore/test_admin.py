"""The store in Django admin: for reading only, and only by staff."""

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Permission
from django.urls import reverse

from eventstore.models import Checkpoint, Event, Skip
from eventstore.runner import Runner
from tests.eventstore.counter import Add
from tests.factories import AgentFactory

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


@pytest.mark.usefixtures("engine")
class TestCheckpoints:
    LIST = "/admin/eventstore/checkpoint/"

    @pytest.fixture
    def failing(self, send):
        """The position of the event at which `tallies` fails."""
        send(Add((1, 666)))
        Runner().catch_up()
        return Checkpoint.objects.get(pk="tallies").failing_position

    def act(self, client, action):
        form = {"action": action, "_selected_action": "tallies"}
        return client.post(self.LIST, form, follow=True).content.decode()

    def test_the_list_shows_which_event_fails_and_why(self, client, admin, failing):
        client.force_login(admin)
        page = client.get(self.LIST).content.decode()
        assert f"fails at {failing}" in page
        assert "a number that cannot be tallied" in page
        assert "up to date" in page

    def test_its_page_leads_to_the_event(self, client, admin, failing):
        client.force_login(admin)
        page = client.get(f"{self.LIST}tallies/change/").content.decode()
        assert f'href="/admin/eventstore/event/{failing}/change/"' in page

    def test_skipping_is_done_and_on_the_record(self, client, admin, failing):
        client.force_login(admin)
        assert f"leaves out event {failing}" in self.act(client, "skip_event")
        assert Skip.objects.get().skipped_by == "admin"
        assert LogEntry.objects.get().get_change_message() == f"Told to skip event {failing}."
        assert "does not fail" in self.act(client, "skip_event")

    def test_trying_again_is_done_and_on_the_record(self, client, admin, failing):
        client.force_login(admin)
        self.act(client, "try_again")
        assert Checkpoint.objects.get(pk="tallies").retry_at is None
        assert LogEntry.objects.get().object_id == "tallies"

    def test_who_may_only_look_may_only_look(self, client, failing):
        looking = AgentFactory(username="support", customer=None, is_staff=True)
        looking.user_permissions.add(Permission.objects.get(codename="view_checkpoint"))
        client.force_login(looking)
        assert client.get(self.LIST).status_code == 200
        self.act(client, "skip_event")
        assert not Skip.objects.exists()

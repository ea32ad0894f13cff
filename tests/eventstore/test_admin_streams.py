"""Streams in the admin: the list, and a stream's page, of a category with other words."""

import re
import uuid

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Permission
from django.db import connection
from django.urls import reverse

from eventstore.admin.shown import highlighted
from eventstore.categories import Category, categories
from eventstore.models import Stream
from tests.eventstore.counter import COUNTER, Add, Close, Counted
from tests.factories import AgentFactory

pytestmark = pytest.mark.django_db

LIST = reverse("admin:eventstore_stream_changelist")


@pytest.fixture
def counters(monkeypatch, stream_id):
    """The counter's category, in which streams are known as “Counter X”."""
    category = Category(
        decider=COUNTER,
        types=frozenset({"Counted", "Closed"}),
        titles=lambda ids: {one: f"Counter {str(one)[:4]}" for one in ids},
        find=lambda text, limit: [stream_id] if text == "mine" else [],
        tell=lambda event, count: (
            f"counted {event.by} onto {count.total}" if isinstance(event, Counted) else "closed it"
        ),
    )
    monkeypatch.setitem(categories, "counter", category)
    return category


@pytest.fixture
def staff(client, admin):
    client.force_login(admin)
    return client


@pytest.fixture
def support(client):
    """Somebody who may see streams, and not what events say."""
    user = AgentFactory(username="support", customer=None, is_staff=True)
    user.user_permissions.add(Permission.objects.get(codename="view_stream"))
    client.force_login(user)
    return client


def page_of(stream_id):
    return reverse("admin:eventstore_stream_change", args=[stream_id])


def listed(page):
    assert page.status_code == 200
    return [stream.pk for stream in page.context["cl"].result_list]


def forget(stream_id, version):
    """Append an event, past the store, that no code knows."""
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO eventstore_event"
            " (stream_id, version, type, schema_version, data, metadata)"
            """ VALUES (%s, %s, 'Forgotten', 1, '{"old": "thing"}', '{"actor": null}')""",
            [stream_id, version],
        )
        cursor.execute("UPDATE eventstore_stream SET version = %s", [version])


class TestList:
    def test_streams_are_listed_by_their_titles(self, staff, counters, send, stream_id):
        send(Add((1, 2)))
        page = staff.get(LIST).content.decode()
        assert f"Counter {str(stream_id)[:4]}" in page
        assert page_of(stream_id) in page

    def test_without_a_title_the_id_is_shown(self, staff, send, stream_id):
        send(Add((1,)))
        assert f'<bdi class="stream-title">{stream_id}</bdi>' in staff.get(LIST).content.decode()

    @pytest.mark.parametrize("digits", [4, 8, 9, 20, 36])
    def test_an_id_is_found_by_its_beginning(self, staff, counters, send, stream_id, digits):
        send(Add((1,)))
        for text in (str(stream_id)[:digits], f" {str(stream_id)[:digits].upper()} "):
            assert listed(staff.get(LIST, {"q": text})) == [stream_id]

    def test_a_category_finds_what_it_knows(self, staff, counters, send, stream_id):
        send(Add((1,)))
        assert listed(staff.get(LIST, {"q": "mine"})) == [stream_id]
        for text in ("yours", str(stream_id)[:3], "ffffffff-ffff-ffff-ffff-ffffffffffff0", "'"):
            assert listed(staff.get(LIST, {"q": text})) == []

    def test_filters_narrow(self, staff, counters, send, stream_id):
        send(Add((1,)))
        AgentFactory(pk=7, username="seven")
        AgentFactory(pk=8, username="eight")
        day = f"{Stream.objects.get().created_at.astimezone():%Y-%m-%d}"
        for found, asked in (
            (1, {"category": "counter"}),
            (0, {"category": "nonsense"}),
            (1, {"actor": "seven"}),
            (0, {"actor": "eight"}),
            (1, {"from": "2020-01-01"}),
            (0, {"until": "2020-01-01"}),
            (1, {"from": "2020-01-01", "until": "9998-12-31", "actor": "seven"}),
        ):
            assert len(listed(staff.get(LIST, asked))) == found, asked
        assert "counter" in staff.get(LIST, {"from": day}).content.decode()

    @pytest.mark.parametrize(
        ("asked", "told"),
        [
            (
                {"actor": "nobody"},
                "Actor: expected a username, an id or (shop); nobody is called “nobody”",
            ),
            ({"actor": "<script>"}, "nobody is called “&lt;script&gt;”"),
            ({"actor": "(shop)"}, "Actor: expected a user, since streams keep"),
            ({"actor": "no\0body"}, "expected text, found a NUL"),
            ({"from": "yesterday"}, "From: expected a date such as 2026-11-24 or"),
            ({"until": "2026-02-30"}, "Until: expected a date such as"),
            ({"until": "9999-12-31"}, "Until: expected a date such as"),
            ({"from": "0001-01-01"}, "From: expected a date such as"),
            (
                {"from": "2026-02-02", "until": "2026-02-01"},
                "expected From to be before Until, found 2026-02-02 and 2026-02-01",
            ),
        ],
    )
    def test_a_filter_that_is_none_says_so(self, staff, send, asked, told):
        send(Add((1,)))
        page = staff.get(LIST, asked)
        assert listed(page) == []
        assert told in page.content.decode()

    def test_a_long_list_costs_what_a_short_one_costs(
        self, staff, counters, send, django_assert_max_num_queries
    ):
        for _ in range(60):
            send(Add((1,)), stream_id=uuid.uuid4())
        with django_assert_max_num_queries(9):
            assert len(listed(staff.get(LIST))) == 50


class TestPage:
    def test_the_timeline_tells_what_was_done(self, staff, counters, send, stream_id):
        AgentFactory(pk=7, username="seven")
        send(Add((2, 3)))
        send(Close())
        told = [entry.text for entry in staff.get(page_of(stream_id)).context["timeline"].entries]
        assert told == ["closed it", "counted 3 onto 2", "counted 2 onto 0"]
        page = staff.get(page_of(stream_id)).content.decode()
        assert '<bdi title="seven">Seven</bdi>' in page
        assert '<span class="json-mi">3</span>' in page

    def test_a_long_timeline_is_read_page_by_page(self, staff, counters, send, stream_id):
        for _ in range(3):
            send(Add((1,) * 50))
        seen, before = [], None
        while True:
            page = staff.get(page_of(stream_id), {"before": before} if before else {})
            timeline = page.context["timeline"]
            seen += [(entry.version, entry.text) for entry in timeline.entries]
            before = timeline.older
            if not before:
                break
        assert seen == [(at, f"counted 1 onto {at - 1}") for at in range(150, 0, -1)]
        assert (timeline.newer, timeline.oldest) == (101, None)

    def test_a_long_stream_costs_what_a_short_one_costs(
        self, staff, counters, send, stream_id, django_assert_max_num_queries
    ):
        for _ in range(11):
            send(Add((1,) * 100))
        for asked in ({}, {"at": 500}, {"before": 51}, {"at": 7, "path": "/total"}):
            with django_assert_max_num_queries(35):
                assert staff.get(page_of(stream_id), asked).status_code == 200

    def test_the_slider_shows_the_state_and_what_changed(self, staff, counters, send, stream_id):
        send(Add((2, 3)))
        page = staff.get(page_of(stream_id), {"at": 2}).context
        nodes = {node.name: (node.value, node.mark, node.old) for node in page["state"].nodes}
        assert nodes == {
            "total": ("5", "changed", "2"),
            "events": ("2", "changed", "1"),
            "closed": ("no", "", ""),
        }
        part = staff.get(page_of(stream_id), {"at": 1, "part": "state"}).content.decode()
        assert part.strip().startswith('<div class="state-shown" id="state-shown">')
        assert "Version 1" in part
        assert "Timeline" not in part

    @pytest.mark.parametrize("at", ["0", "3", "-1", "x", "", "²", "9" * 400, "1.5"])
    def test_a_version_that_is_none_is_told(self, staff, counters, send, stream_id, at):
        send(Add((2, 3)))
        for name in ("at", "before"):
            at_most = 2 if name == "at" else 3
            if name == "before" and at == "3":
                continue
            page = staff.get(page_of(stream_id), {name: at})
            assert f"a number from {1 if name == 'at' else 2} to {at_most}" in page.content.decode()
            assert page.context["state"].version == 2

    @pytest.mark.parametrize(
        ("path", "told"),
        [
            ("/total", "by version 2"),
            ("/closed", "it is as it began"),
            ("/nothing", "There was no such value up to version 2"),
            ("/<script>", "&lt;script&gt;"),
            ("total", "expected a JSON pointer"),
            ("", "by version 2"),
        ],
    )
    def test_a_value_leads_to_the_event_that_set_it(
        self, staff, counters, send, stream_id, path, told
    ):
        send(Add((2, 3)))
        page = staff.get(page_of(stream_id), {"path": path}).content.decode()
        assert re.search(re.escape(told), page)
        assert "<script>" not in page.replace("<script src", "").replace("<script nonce", "")

    def test_what_cannot_be_read_is_shown_as_stored_with_the_reason(
        self, staff, counters, send, stream_id
    ):
        send(Add((2,)))
        forget(stream_id, 2)
        page = staff.get(page_of(stream_id))
        forgotten, first = page.context["timeline"].entries
        assert first.text == "counted 2 onto 0"
        assert "expected an event type that is registered" in forgotten.reason
        body = page.content.decode()
        assert "Forgotten, as stored" in body
        assert highlighted({"old": "thing"}) in body
        assert "The state cannot be folded" in body
        at_1 = staff.get(page_of(stream_id), {"at": 1, "path": "/total"}).content.decode()
        assert "set to <strong" in at_1

    def test_a_stream_that_nobody_registered_is_shown_as_stored(self, staff, send, stream_id):
        send(Add((2,)))
        page = staff.get(page_of(stream_id)).content.decode()
        assert "Counted, as stored" in page
        assert "Nobody registered" in page

    def test_without_the_permission_it_says_who_and_when_only(
        self, support, counters, send, stream_id
    ):
        send(Add((4711,)))
        for asked in ({}, {"at": 1}, {"path": "/total"}, {"at": 1, "part": "state"}):
            page = support.get(page_of(stream_id), asked)
            assert page.status_code == 200
            assert "4711" not in page.content.decode()
        page = support.get(page_of(stream_id)).content.decode()
        assert "Counted" in page
        assert "user 7" in page
        assert "Can see what events say" in page
        history = reverse("admin:eventstore_stream_history", args=[stream_id])
        assert support.get(history).status_code == 403

    def test_it_is_for_staff(self, client, alice, counters, send, stream_id):
        send(Add((1,)))
        client.force_login(alice)
        repair = reverse("admin:eventstore_stream_repair", args=[stream_id])
        assert client.get(page_of(stream_id)).status_code == 302
        assert client.post(repair).status_code == 302

    def test_nothing_is_changed_by_post(self, staff, counters, send, stream_id):
        send(Add((1,)))
        assert staff.post(page_of(stream_id), {"version": 9}).status_code == 403
        assert staff.post(page_of(stream_id) + "?part=state").status_code == 403

    @pytest.mark.parametrize("key", ["nonsense", "00000000-0000-0000-0000-000000000000"])
    def test_a_stream_that_is_none_leads_back(self, staff, key):
        repair = reverse("admin:eventstore_stream_repair", args=[key])
        assert staff.get(page_of(key)).status_code == 302
        assert staff.post(repair).status_code == 302
        assert not LogEntry.objects.exists()


class TestRepair:
    def test_it_is_for_operators_and_by_post(self, support, counters, send, stream_id):
        send(Add((1,)))
        repair = reverse("admin:eventstore_stream_repair", args=[stream_id])
        assert support.post(repair).status_code == 403
        assert support.get(repair).status_code == 405

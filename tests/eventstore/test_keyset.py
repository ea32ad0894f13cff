"""Lists of the admin that are paged by key."""

import json
import re

import pytest
from django.urls import reverse

from eventstore.models import Event
from tests.eventstore.counter import Add

pytestmark = pytest.mark.django_db

EVENTS = reverse("admin:eventstore_event_changelist")


@pytest.fixture
def staff(client, admin):
    client.force_login(admin)
    return client


@pytest.fixture
def positions(send):
    """Of 120 events, newest first: two full pages of 50, and 20 on a third."""
    return [recorded.position for recorded in reversed(send(Add((1,) * 120)).events)]


def listed(page):
    return [event.position for event in page.context["cl"].result_list]


def link(page, name):
    """Where the link `name` leads, or None when it is none."""
    found = re.search(rf'<a href="([^"]*)"[^>]*>{name}</a>', page.content.decode())
    return found and EVENTS + found[1].replace("&amp;", "&").replace("&quot;", '"')


def test_a_list_is_read_to_its_end_and_back(staff, positions):
    first = staff.get(EVENTS)
    second = staff.get(link(first, "Older"))
    third = staff.get(link(second, "Older"))
    assert listed(first) + listed(second) + listed(third) == positions
    assert link(first, "Newer") is link(first, "Newest") is None
    assert link(third, "Older") is link(third, "Oldest") is None
    assert listed(staff.get(link(third, "Newer"))) == listed(second)
    back = staff.get(link(second, "Newer"))
    assert listed(back) == listed(first)
    assert link(back, "Newer") is None


def test_the_last_page_is_one_link_away(staff, positions):
    last = staff.get(link(staff.get(EVENTS), "Oldest"))
    assert listed(last) == positions[-50:]
    assert link(last, "Older") is None
    assert listed(staff.get(link(last, "Newer"))) == positions[-100:-50]
    assert listed(staff.get(link(last, "Newest"))) == positions[:50]


def test_what_comes_meanwhile_moves_nothing(staff, positions, send):
    older = link(staff.get(EVENTS), "Older")
    send(Add((1,) * 30))
    assert listed(staff.get(older)) == positions[50:100]


def test_a_filter_stays_while_paging_and_begins_anew_when_changed(staff, positions):
    older = link(staff.get(EVENTS, {"type": "Counted"}), "Older")
    assert "type=Counted" in older
    page = staff.get(older)
    assert listed(page) == positions[50:100]
    changelist = page.context["cl"]
    choices = list(changelist.filter_specs[0].choices(changelist))
    assert choices
    assert all("older" not in choice["query_string"] for choice in choices)


@pytest.mark.parametrize(
    "key",
    [
        *("", "12", "[]", "[null]", '["x"]', "[1,2]", "[" + "9" * 40 + "]"),
        *('["2026-11-24T08:00Z",Infinity]', '["2026-11-24T08:00Z",1e400]', "[" * 20_000),
    ],
    ids=lambda key: key[:40],
)
@pytest.mark.parametrize("place", ["older", "newer"])
def test_a_damaged_address_is_told_and_begins_at_the_start(staff, positions, place, key):
    page = staff.get(EVENTS, {place: key})
    assert page.status_code == 200
    assert listed(page) == positions[:50]
    assert "address is damaged" in page.content.decode()


def test_a_key_between_two_rows_is_as_good(staff, positions):
    newest = Event.objects.get(pk=positions[0]).recorded_at
    page = staff.get(EVENTS, {"older": json.dumps([newest.isoformat(), positions[0] + 1000])})
    assert listed(page) == positions[:50]

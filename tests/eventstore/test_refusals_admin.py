"""Commands refused, in Django admin: support answers "it did not take my change"."""

import uuid
from dataclasses import replace
from datetime import timedelta

import pytest
from django.contrib.auth.models import Permission
from django.urls import reverse
from django.utils import timezone

from eventstore import categories, refusals
from eventstore.admin.shown import highlighted
from eventstore.categories import Category, register_category
from eventstore.models import Event, Refusal
from eventstore.store import Metadata
from tests.eventstore.counter import COUNTER, Add, Close, Counted, Refused
from tests.factories import AgentFactory

pytestmark = pytest.mark.django_db

LIST = reverse("admin:eventstore_refusal_changelist")
SCRIPT = "<script>alert(1)</script>"


@pytest.fixture(autouse=True)
def _told(monkeypatch):
    """Counters, told to people as an app would."""
    monkeypatch.setattr(categories, "categories", {})
    monkeypatch.setattr("eventstore.admin.refusals.categories", categories.categories)
    monkeypatch.setattr("eventstore.admin.unseen.categories", categories.categories)
    register_category(
        Category(
            decider=COUNTER,
            types=frozenset({"Counted", "Closed"}),
            titles=lambda ids: {one: f"Counter {str(one)[:4]}" for one in ids},
            find=lambda text, limit: [],
            tell=lambda event, count: (
                f"counted {event.by} on {count.total}" if isinstance(event, Counted) else "closed"
            ),
            explain=lambda code, params: f"Because of {code}.",
        )
    )


@pytest.fixture
def staff(client, admin):
    client.force_login(admin)
    return client


@pytest.fixture
def bob(db):
    return AgentFactory(pk=7, username="bob", first_name="Bob")


@pytest.fixture
def conflict(send, bob):
    """Bob closed a counter of version 1, and had not seen two events."""
    send(Add((1,)))
    send(Add((20, 30)))
    with pytest.raises(Refused):
        send(Close(), seen=1, command_id=uuid.uuid4())
    return Refusal.objects.get()


def page_of(client, refusal):
    url = reverse("admin:eventstore_refusal_change", args=[refusal.pk])
    response = client.get(url)
    assert response.status_code == 200
    return response.content.decode()


def listed(client, **query):
    response = client.get(LIST, query)
    assert response.status_code == 200
    return list(response.context["cl"].result_list)


def note(actor=7, code="closed", stream_id=None, request="", **more):
    refusals.note(
        Refused(code), "counter", stream_id or uuid.uuid4(), "Add", {"by": [1]},
        Metadata(actor, "test", request), **more,
    )  # fmt: skip
    return Refusal.objects.latest("id")


def test_the_list_tells_who_what_why_and_what_was_unseen(staff, conflict):
    page = staff.get(LIST).content.decode()
    assert '<bdi title="bob">Bob</bdi>' in page
    assert "wanted to close" in page
    assert f"Counter {str(conflict.stream_id)[:4]}" in page
    assert "Because of conflict." in page
    assert "1 → 3, 2 unseen" in page
    assert "times." not in page
    Refusal.objects.update(repeats=2)
    assert "3 times." in staff.get(LIST).content.decode()


def test_the_page_tells_the_unseen_events_in_plain_words_with_links(staff, conflict):
    page = page_of(staff, conflict)
    assert "counted 20 on 1" in page
    assert "counted 30 on 21" in page
    assert "counted 1 on 0" not in page, "that one was seen"
    for version in (2, 3):
        event = Event.objects.get(version=version)
        assert reverse("admin:eventstore_event_change", args=[event.pk]) in page
    stream = reverse("admin:eventstore_stream_change", args=[conflict.stream_id])
    assert f"{stream}?at=3" in page
    assert str(conflict.command_id) in page
    assert "request-1" in page


def test_who_may_not_see_payloads_sees_who_did_what_and_why_not(client, conflict):
    support = AgentFactory(username="support", customer=None, is_staff=True)
    support.user_permissions.add(Permission.objects.get(codename="view_refusal"))
    client.force_login(support)
    page = page_of(client, conflict)
    assert "Because of conflict." in page
    assert "· Counted" in page
    assert "counted 20" not in page
    assert "Only who may see what events say" in page


@pytest.mark.parametrize("lookup", ["asked__icontains", "asked__note__startswith", "params__limit"])
def test_what_was_asked_cannot_be_guessed_by_a_lookup(staff, lookup):
    note()
    answer = staff.get(LIST, {lookup: "1"})
    assert (answer.status_code, answer.headers["Location"]) == (302, f"{LIST}?e=1")


def test_what_was_asked_is_shown_to_who_may_see_payloads(staff):
    page = page_of(staff, note())
    assert highlighted({"by": [1]}) in page


def test_what_came_after_an_unreadable_event_is_told_by_its_type(staff, conflict, monkeypatch):
    monkeypatch.setattr("eventstore.admin.unseen.codec.decode", _cannot)
    page = page_of(staff, conflict)
    assert page.count("· Counted") == 2


def test_an_unseen_event_that_does_not_fit_is_told_by_its_type(staff, conflict):
    stream = conflict.stream_id
    for version, metadata in ((4, {}), (5, ["odd"])):
        Event.objects.create(
            stream_id=stream, version=version, type="Counted", schema_version=1,
            data={"by": "much"}, metadata=metadata,
        )  # fmt: skip
    Refusal.objects.update(version=5)
    page = page_of(staff, conflict)
    assert "counted 30 on 21" in page
    assert page.count("· Counted") == 2


def test_a_category_whose_words_fail_leaves_the_types(staff, conflict, monkeypatch):
    told = categories.categories["counter"]
    monkeypatch.setattr(
        "eventstore.admin.unseen.categories", {"counter": replace(told, tell=lambda *args: {}["x"])}
    )
    assert page_of(staff, conflict).count("· Counted") == 2


def _cannot(*args, **kwargs):
    from eventstore.codec import UnreadableEvent

    raise UnreadableEvent("here", "this", "that")


def test_of_many_unseen_events_the_first_are_shown_and_the_rest_counted(staff, send, bob):
    send(Add((1,) * 70))
    with pytest.raises(Refused):
        send(Close(), seen=1)
    page = page_of(staff, Refusal.objects.get())
    assert page.count("counted 1 on") == 50
    assert "And 19 more" in page


def test_a_stream_that_was_never_opened_is_told_so(staff):
    page = page_of(staff, note(version=0))
    assert "There is no such stream: it was never opened." in page


def test_one_that_was_refused_before_anybody_looked_is_told_so(staff):
    assert "Nobody had looked" in page_of(staff, note())


def test_refusals_of_an_unknown_category_and_actor_are_shown_as_they_are(staff):
    refusal = note(actor=99)
    Refusal.objects.update(category="forgotten", stream_id=None)
    assert "user 99" in page_of(staff, refusal)
    assert ">closed</bdi>" in staff.get(LIST).content.decode()


def test_names_and_words_from_outside_are_inert(staff):
    AgentFactory(pk=9, username="eve", first_name=SCRIPT)
    refusals.note(
        Refused("closed"), "counter", uuid.uuid4(), SCRIPT, {"note": SCRIPT}, Metadata(9, SCRIPT)
    )
    assert SCRIPT not in page_of(staff, Refusal.objects.get())
    assert SCRIPT not in staff.get(LIST).content.decode()


class TestFilters:
    @pytest.fixture(autouse=True)
    def _two(self, conflict):
        self.conflict = conflict
        AgentFactory(pk=8, username="alice")
        self.other = note(actor=8, code="closed", request="request-2")

    def test_by_kind(self, staff):
        assert listed(staff, kind="conflict") == [self.conflict]
        assert listed(staff, kind="rejected") == [self.other]
        assert listed(staff, kind="nonsense") == []

    def test_by_reason_of_those_that_there_are(self, staff):
        page = staff.get(LIST)
        choices = next(f for f in page.context["cl"].filter_specs if f.parameter_name == "code")
        assert choices.lookup_choices == [("closed", "Closed"), ("conflict", "Conflict")]
        assert listed(staff, code="closed") == [self.other]
        for nonsense in ("nonsense", "\x00"):
            assert listed(staff, code=nonsense) == []

    @pytest.mark.parametrize("who", ["alice", "ALICE", "8"])
    def test_by_who(self, staff, who):
        assert listed(staff, actor=who) == [self.other]

    @pytest.mark.parametrize("who", ["nobody", "-1", "8" * 30, "²", SCRIPT])
    def test_nobody_of_that_name_is_told(self, staff, who):
        page = staff.get(LIST, {"actor": who})
        assert page.status_code == 200
        assert listed(staff, actor=who) == []
        assert "expected a username, an id or (shop)" in page.content.decode()
        assert SCRIPT not in page.content.decode()

    def test_by_day(self, staff):
        long_ago = timezone.localtime() - timedelta(days=10)
        Refusal.objects.filter(pk=self.other.pk).update(recorded_at=long_ago)
        day = f"{long_ago.date()}"
        assert listed(staff, **{"from": day, "until": day}) == [self.other]
        after = f"{long_ago.date() + timedelta(days=1)}"
        assert listed(staff, **{"from": after}) == [self.conflict]
        assert listed(staff, until=day) == [self.other]

    @pytest.mark.parametrize("day", ["yesterday", "2026-02-30", "9999-12-31", "0001-01-01", "\x00"])
    @pytest.mark.parametrize("end", ["from", "until"])
    def test_a_day_that_is_none_is_told_or_shows_nothing_wrong(self, staff, end, day):
        assert staff.get(LIST, {end: day}).status_code == 200

    def test_a_word_is_no_day(self, staff):
        page = staff.get(LIST, {"from": "yesterday"}).content.decode()
        assert "From: expected a date such as" in page

    def test_by_request(self, staff):
        assert listed(staff, correlation="request-2") == [self.other]
        assert listed(staff, correlation="\x00") == []

    def test_a_search_finds_a_stream_or_a_request(self, staff):
        assert listed(staff, q=str(self.other.stream_id)) == [self.other]
        assert listed(staff, q="request-2") == [self.other]
        assert listed(staff, q="no such thing") == []
        assert staff.get(LIST, {"q": "\x00"}).status_code == 200

    def test_a_search_finds_what_people_call_a_stream(self, staff, monkeypatch):
        monkeypatch.setattr(
            "eventstore.admin.reading.find_streams", lambda text, limit: [self.other.stream_id]
        )
        assert listed(staff, q="HC-2026-0001") == [self.other]


def test_a_page_of_them_takes_as_many_queries_as_one(staff, django_assert_max_num_queries):
    for actor in range(60):
        note(actor=actor + 100)
    with django_assert_max_num_queries(9):
        assert len(listed(staff)) == 50


def test_its_page_takes_few_queries(staff, conflict, django_assert_max_num_queries):
    with django_assert_max_num_queries(10):
        page_of(staff, conflict)

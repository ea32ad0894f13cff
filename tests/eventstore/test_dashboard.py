"""What admins see first."""

from datetime import datetime, timedelta

import pytest
from django.contrib.auth.models import Permission
from django.core.cache import cache
from django.db import connection
from django.urls import reverse
from lxml import html

from eventstore.figures import Figure, figures, register_figure
from eventstore.models import Event, Stall
from eventstore.runner import Runner
from eventstore.stalls import holding, note
from eventstore.subscriptions import Blocker, Stalled
from tests.concurrency import at_once
from tests.eventstore.counter import Add
from tests.factories import AgentFactory

pytestmark = pytest.mark.usefixtures("engine")

INDEX = reverse("admin:index")


@pytest.fixture(autouse=True)
def _nothing_counted():
    cache.clear()
    yield
    cache.clear()


@pytest.fixture
def staff(client):
    """Logs somebody in who has these permissions only."""

    def log_in(*permissions):
        user = AgentFactory(customer=None, is_staff=True)
        user.user_permissions.set(Permission.objects.filter(codename__in=permissions))
        client.force_login(user)
        return client

    return log_in


@pytest.fixture
def page(client, admin):
    client.force_login(admin)
    return lambda: html.fromstring(client.get(INDEX).content.decode())


def words(node):
    return " ".join(" ".join(node.itertext()).split())


def test_its_numbers_are_those_of_a_plain_count(page, send):
    send(Add((1, 2, 3)))
    shown = page()
    count = Event.objects.count()
    assert f"{count} Events in 24 hours" in words(shown)
    [chart] = shown.xpath("//figure[.//h2[@id='events-name']]")
    rows = chart.xpath(".//tbody/tr")
    assert len(rows) == 24
    assert int(rows[-1].xpath("td")[-1].text) == count
    assert words(rows[-1]).endswith(f" {count} {count}")


def test_a_chart_has_its_words_beside_the_picture(page, send):
    send(Add((1, 2)))
    [svg] = page().xpath("//figure//svg[@role='img']")
    title, about = svg.get("aria-labelledby").split()
    assert words(svg.xpath(f".//*[@id='{title}']")[0]) == "Events per hour: 2 in all"
    assert svg.xpath(f"//*[@id='{about}']")
    bars = [words(bar) for bar in svg.xpath(".//g/title")]
    assert len(bars) == 24
    assert bars[-1].endswith(": 2")


def test_nothing_on_it_needs_an_inline_style_or_script(page, send):
    send(Add((1, 2)))
    shown = page()
    assert not shown.xpath("//*[contains(@class, 'store-dashboard')]//*[@style or self::script]")


def test_an_empty_store_says_what_will_be_here(page):
    shown = words(page())
    assert "Nothing has happened yet" in shown
    assert "Go to the shop" in shown


def test_the_apps_and_recent_actions_stay_below(page):
    shown = page()
    assert shown.xpath("//*[@id='content-main']//caption")
    assert shown.xpath("//*[@id='recent-actions-module']")


def test_who_may_see_nothing_of_the_store_sees_the_apps_only(staff):
    shown = staff("view_category").get(INDEX).content.decode()
    assert "store-dashboard" not in shown
    assert "Categories" in shown


@pytest.mark.parametrize(
    ("permission", "seen", "unseen"),
    [
        ("view_event", "Events per hour", "Conflicts per day"),
        ("view_refusal", "Conflicts per day", "Events per hour"),
        ("view_checkpoint", "Gate of the log", "Events per hour"),
    ],
)
def test_each_part_is_for_who_may_see_it(staff, send, permission, seen, unseen):
    send(Add((1,)))
    shown = staff(permission).get(INDEX).content.decode()
    assert seen in shown
    assert unseen not in shown


def test_an_agent_is_not_let_in(client, alice):
    client.force_login(alice)
    assert client.get(INDEX).status_code == 302


def test_what_fails_comes_first(page, send):
    send(Add((1, 666)))
    Runner().catch_up()
    shown = page()
    first, _ = shown.xpath("//*[contains(@class, 'store-lags')]//li")
    assert words(first).startswith("tallies Fails at event")
    assert "1 of 2 Projections need you" in words(shown)


def test_figures_of_apps_are_shown_to_who_may_see_them(staff, page):
    mine = Figure("Open counters", "eventstore.view_stream", lambda: 1234, lambda: "/counters/")
    register_figure(mine)
    try:
        [tile] = page().xpath("//a[@href='/counters/']")
        assert words(tile) == "1,234 Open counters"
        assert "Open counters" not in staff("view_event").get(INDEX).content.decode()
        with pytest.raises(ValueError, match="expected one figure named Open counters, found two"):
            register_figure(mine)
    finally:
        figures.remove(mine)


def test_who_holds_the_gate_is_named(page, monkeypatch):
    since = datetime.fromisoformat("2026-11-24T10:00:00+00:00")
    blocker = Blocker(4711, "tandem", "psql", "idle in transaction", since)
    monkeypatch.setattr("eventstore.admin.dashboard.stalls.holding", lambda: [blocker])
    shown = words(page())
    assert "Held Gate of the log" in shown
    assert "process 4711 (tandem, psql, idle in transaction) since" in shown


def test_an_append_that_takes_long_is_seen_and_a_short_one_is_not(monkeypatch):
    def look(_):
        return holding()

    with connection.cursor() as cursor:
        cursor.execute("BEGIN")
        cursor.execute("LOCK TABLE eventstore_event IN ROW EXCLUSIVE MODE")
        cursor.execute("SELECT pg_backend_pid()")
        [pid] = cursor.fetchone()
        assert at_once(look, [0]) == [[]]
        monkeypatch.setattr("eventstore.stalls.LONG", timedelta())
        [[blocker]] = at_once(look, [0])
        cursor.execute("ROLLBACK")
    assert blocker.pid == pid
    assert at_once(look, [0]) == [[]]


def test_one_stall_is_noted_once_however_long_it_takes(page):
    for _ in range(3):
        note(Stalled([Blocker(1, "u", "a", "idle", None)]))
    stall = Stall.objects.get()
    assert "process 1" in stall.who
    assert stall.began_at < stall.seen_at
    assert "1 stall in 24 hours" in words(page())


def test_it_costs_a_bounded_number_of_queries(client, admin, send, django_assert_max_num_queries):
    client.force_login(admin)
    for number in range(30):
        send(Add((number,)))
    with django_assert_max_num_queries(22):
        client.get(INDEX)

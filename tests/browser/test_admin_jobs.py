"""Progress of a job in the admin, brought up to date by the page itself."""

import pytest
from django.contrib.sessions.models import Session
from django.db import connection
from playwright.sync_api import expect

from eventstore import jobs
from eventstore.jobs import JOBS
from eventstore.models import Job
from tests.factories import AgentFactory

PAGE = "/admin/eventstore/checkpoint/"


@pytest.fixture
def running(cast):
    """A job that this test works on."""
    AgentFactory(username="admin", customer=None, is_staff=True, is_superuser=True)
    job = jobs.ask("orders", "replay", by=1)
    Job.objects.filter(pk=job.pk).update(started_at="2026-01-01T00:00Z", done=10, total=100)
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(%s, %s)", [JOBS, job.pk])
        yield Job.objects.filter(pk=job.pk)
        cursor.execute("SELECT pg_advisory_unlock_all()")


@pytest.mark.parametrize("path", [PAGE, f"{PAGE}orders/change/"])
def test_progress_moves_ends_and_is_said_and_then_the_page_rests(open_browser, running, path):
    with open_browser("admin", path=path) as page:
        asked = []
        page.on("request", lambda request: "/standing/" in request.url and asked.append(1))
        expect(page.get_by_role("progressbar")).to_have_attribute("value", "10")

        running.update(done=55)
        expect(page.get_by_role("progressbar")).to_have_attribute("value", "55")
        expect(page.locator("[data-follow-said]")).to_have_text("Replay of orders: 50 percent.")

        running.update(finished_at="2026-01-01T00:01Z", outcome="done", words="All is well.")
        expect(page.locator("[data-follow]").get_by_text("All is well.").first).to_be_visible()
        expect(page.locator("[data-follow-said]")).to_contain_text("All is well.")
        expect(page.get_by_role("progressbar")).to_have_count(0)
        count = len(asked)
        page.clock.install()
        page.clock.run_for(60_000)
        assert len(asked) == count


def test_who_works_with_the_keyboard_keeps_the_place(open_browser, running):
    with open_browser("admin", path=PAGE) as page:
        button = page.locator("#favourites-verify")
        button.focus()
        running.update(done=80)
        expect(page.get_by_role("progressbar")).to_have_attribute("value", "80")
        expect(button).to_be_focused()


def test_a_server_that_is_away_is_told_of_and_waited_for(open_browser, running):
    with open_browser("admin", path=PAGE) as page:
        page.route("**/standing/", lambda route: route.fulfill(status=503, body="away"))
        lost = page.get_by_text("This page could not be brought up to date.")
        expect(lost).to_be_visible()
        running.update(done=70)
        page.unroute("**/standing/")
        expect(page.get_by_role("progressbar")).to_have_attribute("value", "70")
        expect(lost).to_be_hidden()
    # The browser itself notes each answer that is an error.
    assert all("503" in complaint for complaint in open_browser.complaints)
    open_browser.complaints.clear()


def test_who_is_logged_out_is_told(open_browser, running):
    with open_browser("admin", path=PAGE) as page:
        Session.objects.all().delete()
        expect(page.get_by_text("You are not logged in any more.")).to_be_visible()


@pytest.mark.parametrize("size", ["desktop", "phone"])
def test_the_pages_fit(open_browser, running, fits, size):
    with open_browser("admin", size=size, path=PAGE) as page:
        fits(page)
        for path in (f"{PAGE}orders/change/", f"{PAGE}orders/do/skip/", "/admin/"):
            page.goto(path)
            fits(page)


def test_without_javascript_the_page_reloads_itself(open_browser, running):
    with open_browser("admin", path=PAGE, java_script_enabled=False) as page:
        expect(page.get_by_role("progressbar")).to_have_attribute("value", "10")
        running.update(done=60)
        expect(page.get_by_role("progressbar")).to_have_attribute("value", "60")

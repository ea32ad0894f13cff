"""Projections and reactors in the admin: how they stand, and what is done about it."""

import re

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Permission
from django.db import connection
from django.test import Client

from eventstore import jobs
from eventstore.checkpoints import ensure_checkpoints
from eventstore.jobs import JOBS, Outcome
from eventstore.models import Checkpoint, Job, Skip
from eventstore.reactors import Reactor, register_reactors
from eventstore.runner import RUNNERS, Runner
from tests.eventstore.counter import Add
from tests.eventstore.tables import Sum
from tests.factories import AgentFactory

pytestmark = pytest.mark.usefixtures("engine")

LIST = "/admin/eventstore/checkpoint/"
SUMS, TALLIES = f"{LIST}sums/change/", f"{LIST}tallies/change/"
EVERY_PAGE = [LIST, f"{LIST}standing/", SUMS, f"{LIST}sums/standing/", f"{LIST}sums/history/"]
EVERY_ACTION = ["verify", "replay", "rollback", "drop", "retry", "skip", "go_on", "withdraw"]


def staff(name, *permissions):
    user = AgentFactory(username=name, customer=None, is_staff=True)
    user.user_permissions.set(Permission.objects.filter(codename__in=permissions))
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def support(engine):
    """May look."""
    return staff("support", "view_checkpoint")


@pytest.fixture
def operator(engine):
    """May look and act, but not see what events say."""
    return staff("operator", "view_checkpoint", "change_checkpoint")


@pytest.fixture
def failing(send):
    """The position of the event at which `tallies` fails."""
    send(Add((1, 666)))
    Runner().catch_up()
    return Checkpoint.objects.get(pk="tallies").failing_position


def do(client, what, name="sums", **fields):
    return client.post(f"{LIST}{name}/do/{what}/", fields, follow=True)


def text(response):
    """What a page says, as one line."""
    body = re.sub(r"<[^>]+>", " ", response.content.decode())
    return " ".join(body.split())


def logged():
    return [
        (entry.object_id, entry.get_change_message())
        for entry in LogEntry.objects.order_by("action_time")
    ]


class TestWhoMay:
    @pytest.mark.parametrize("page", EVERY_PAGE)
    def test_support_looks(self, support, page):
        assert support.get(page).status_code == 200

    @pytest.mark.parametrize("page", EVERY_PAGE)
    def test_nobody_else_looks(self, client, alice, page):
        assert client.get(page).status_code == 302
        client.force_login(alice)
        assert client.get(page).status_code == 302
        assert staff("other", "view_skip").get(page).status_code == 403

    @pytest.mark.parametrize("what", EVERY_ACTION)
    def test_support_does_nothing(self, support, failing, what):
        for method in (support.get, support.post):
            assert method(f"{LIST}tallies/do/{what}/").status_code == 403
        assert not Job.objects.exists()
        assert not Skip.objects.exists()
        assert logged() == []

    def test_support_is_offered_nothing(self, support, failing):
        for page in (LIST, TALLIES):
            assert "/do/" not in support.get(page).content.decode()

    @pytest.mark.parametrize("what", EVERY_ACTION)
    def test_an_agent_does_nothing(self, client, alice, what):
        client.force_login(alice)
        assert client.post(f"{LIST}sums/do/{what}/").status_code == 302
        assert not Job.objects.exists()

    def test_a_post_from_elsewhere_is_refused(self, admin):
        client = Client(enforce_csrf_checks=True)
        client.force_login(admin)
        assert client.post(f"{LIST}sums/do/replay/").status_code == 403
        assert not Job.objects.exists()

    def test_checkpoints_are_not_changed_by_hand(self, operator):
        assert operator.post(SUMS, {"position": 0}).status_code == 403
        assert operator.post(f"{LIST}sums/delete/", {"post": "yes"}).status_code == 403
        assert operator.get(f"{LIST}add/").status_code == 403
        forged = {"action": "delete_selected", "_selected_action": "sums", "post": "yes"}
        assert operator.post(LIST, forged).status_code == 405
        assert Checkpoint.objects.count() == 2


class TestPages:
    def test_an_inline_projection_is_never_behind_and_has_no_position(self, support, send):
        send(Add((1,)))
        page = text(support.get(SUMS))
        assert "Inline projection" in page
        assert "Behind Never written with each event" in page
        assert "at event" not in page
        assert "eventstore_sum" in page
        assert "Counted" in page

    def test_what_waits_is_counted(self, support, send):
        send(Add((1, 2)))
        assert "Behind 2 events for" in text(support.get(TALLIES))
        Runner().catch_up()
        page = text(support.get(TALLIES))
        assert "Behind Nothing at event" in page
        assert "events handled" in page

    def test_more_than_is_looked_through_is_said_to_be_more(self, support, send, monkeypatch):
        monkeypatch.setattr("eventstore.standing.COUNTED", 2)
        send(Add((1, 2, 3)))
        assert "Behind At least 2 events" in text(support.get(TALLIES))

    def test_when_nobody_follows_the_log_it_says_so_and_that_jobs_wait(self, operator):
        page = text(do(operator, "verify"))
        assert "Nobody follows the log." in page
        assert "waits for manage.py run_projections" in page

    def test_who_follows_the_log_is_told(self, support):
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_lock(%s), pg_backend_pid()", [RUNNERS])
            pid = cursor.fetchone()[1]
            assert f"The log is followed: process {pid}" in text(support.get(LIST))
            cursor.execute("SELECT pg_advisory_unlock(%s)", [RUNNERS])

    def test_the_one_that_fails_comes_first_with_its_event_and_error(self, support, failing):
        page = support.get(LIST)
        assert [card.name for card in page.context["cards"]] == ["tallies", "sums"]
        assert f"Fails at event {failing:,}" in text(page)
        assert "ValueError" in text(page)
        assert f'href="/admin/eventstore/event/{failing}/change/"' in page.content.decode()

    def test_what_an_error_quotes_is_for_who_may_see_what_events_say(self, failing):
        Job.objects.create(
            projection="tallies", what="verify", asked_by=1, started_at="2026-01-01T00:00Z",
            finished_at="2026-01-01T00:01Z", outcome=Outcome.FAILED, words="cannot be tallied: 5",
        )  # fmt: skip
        skip = Skip.objects.create(
            subscription="tallies", position=1, error="cannot be tallied", skipped_by="ann"
        )
        skips = "/admin/eventstore/skip/"
        pages = [LIST, TALLIES, skips, f"{skips}{skip.pk}/change/"]
        looking = ["view_checkpoint", "view_skip"]
        other = staff("other", *looking)
        seeing = staff("seeing", *looking, "view_payload")
        for page in pages:
            assert "cannot be tallied" not in text(other.get(page)), page
            assert "cannot be tallied" in text(seeing.get(page)), page
        for one in (other, seeing):  # a list that narrows says what it does not show
            assert one.get(skips, {"error__icontains": "tallied"})["Location"] == f"{skips}?e=1"

    def test_rows_of_older_code_are_told_of(self, support):
        Checkpoint.objects.filter(pk="sums").update(code="0" * 64)
        page = text(support.get(LIST))
        assert "Made by older code" in page
        assert "replay to renew them" in page

    def test_an_error_with_a_script_in_it_is_inert(self, support, failing):
        Checkpoint.objects.filter(pk="tallies").update(error="<script>alert(1)</script>")
        assert "<script>alert(1)" not in support.get(LIST).content.decode()

    @pytest.mark.parametrize("page", [LIST, SUMS])
    def test_pages_cost_a_bounded_number_of_queries(
        self, operator, page, send, django_assert_max_num_queries
    ):
        for _ in range(25):
            jobs.ask("sums", "verify", by=1)
            jobs.work_off_one()
        with django_assert_max_num_queries(14):
            operator.get(page)

    @pytest.mark.parametrize("name", ["no-such", "%00", "a/b", "é", "_"])
    def test_an_unknown_name_is_not_found(self, operator, name):
        for path in (f"{name}/change/", f"{name}/standing/", f"{name}/do/replay/"):
            assert operator.get(f"{LIST}{path}").status_code in (302, 404)
        assert operator.post(f"{LIST}{name}/do/replay/").status_code in (302, 404)
        assert not Job.objects.exists()


class TestActions:
    @pytest.mark.parametrize("what", ["replay", "skip"])
    def test_what_replaces_or_leaves_out_is_asked_about_first(self, operator, failing, what):
        page = text(operator.get(f"{LIST}tallies/do/{what}/"))
        assert "No, leave it" in page
        assert not Job.objects.exists()
        assert not Skip.objects.exists()

    def test_a_replay_is_asked_for_and_done_outside_the_request(self, operator, send):
        send(Add((1, 2)))
        Sum.objects.all().delete()
        page = do(operator, "replay")
        assert "The rows of sums are made anew." in text(page)
        assert page.context["running"]
        assert not Sum.objects.exists()

        jobs.work_off_one()

        page = operator.get(SUMS)
        assert not page.context["running"]
        assert "Replay done The rows were made anew." in text(page)
        assert "asked for by Operator" in text(page)
        assert Sum.objects.count() == 1
        assert logged() == [("sums", "Asked for: replay.")]

    def test_a_second_one_is_told_to_wait(self, operator):
        do(operator, "verify")
        assert "That cannot be done to" in text(do(operator, "replay"))
        assert Job.objects.count() == 1
        assert len(logged()) == 1

    def test_differences_are_listed_and_a_replay_is_offered(self, operator, admin, send, client):
        send(Add((1, 2)))
        Sum.objects.update(total=4711)
        do(operator, "verify")
        jobs.work_off_one()

        page = operator.get(SUMS)
        assert "1 row is not what the log says." in text(page)
        assert f"{Sum.objects.get().pk} differs" in text(page)
        assert "4711" not in text(page)
        assert 'href="/admin/eventstore/checkpoint/sums/do/replay/"' in page.content.decode()
        client.force_login(admin)
        assert "total 4711 3" in text(client.get(SUMS))

    def test_progress_is_shown_while_it_runs(self, operator):
        job = jobs.ask("sums", "replay", by=1)
        Job.objects.update(started_at="2026-01-01T00:00Z", done=30, total=120)
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_lock(%s, %s)", [JOBS, job.pk])
            page = operator.get(f"{LIST}standing/")
            cursor.execute("SELECT pg_advisory_unlock(%s, %s)", [JOBS, job.pk])
        body = page.content.decode()
        assert '<progress value="25" max="100"' in body
        assert "30 of 120 events" in body
        assert 'data-running="yes"' in body
        assert 'data-said="Replay of sums: 20 percent.' in body
        assert "<html" not in body

    def test_a_job_whose_worker_is_gone_is_shown_and_goes_on(self, operator):
        jobs.ask("sums", "replay", by=1)
        Job.objects.update(started_at="2026-01-01T00:00Z", done=30, total=120)
        page = operator.get(SUMS)
        assert "was interrupted at 25 %" in text(page)
        assert not page.context["running"]

        assert "The replay goes on." in text(do(operator, "go_on"))
        jobs.work_off_one()
        assert Job.objects.get().outcome == Outcome.DONE
        assert logged() == [("sums", "Told to go on with the replay.")]

    def test_what_waits_is_withdrawn(self, operator):
        do(operator, "replay")
        do(operator, "withdraw")
        assert Job.objects.get().outcome == Outcome.WITHDRAWN
        assert logged()[-1] == ("sums", "Withdrew the replay.")

    def test_the_previous_rows_are_put_back_and_dropped(self, operator, send):
        send(Add((1, 2)))
        for what in ("replay", "rollback", "drop"):
            do(operator, what)
            jobs.work_off_one()
            assert Job.objects.latest("id").outcome == Outcome.DONE
        assert "That cannot be done to" in text(do(operator, "rollback"))

    def test_skipping_is_done_and_on_the_record(self, operator, failing):
        page = do(operator, "skip", "tallies", position=failing)
        assert f"Event {failing} is left out of tallies." in text(page)
        assert "1 event skipped" in text(page)
        assert Skip.objects.get().skipped_by == "operator"
        assert logged() == [("tallies", f"Told to skip event {failing}.")]
        assert "That cannot be done to" in text(do(operator, "skip", "tallies"))

    @pytest.mark.parametrize("position", ["", "1.5", "-1", "999999", "x" * 5000, "\u0664"])
    def test_another_event_than_the_one_asked_about_is_not_skipped(
        self, operator, failing, position
    ):
        page = text(do(operator, "skip", "tallies", position=position))
        assert f"expected event {failing}, found" in page
        assert not Skip.objects.exists()
        assert logged() == []

    def test_trying_again_is_done_and_on_the_record(self, operator, failing):
        do(operator, "retry", "tallies")
        assert Checkpoint.objects.get(pk="tallies").retry_at is None
        assert logged() == [("tallies", f"Told to try event {failing} again.")]

    @pytest.mark.parametrize("what", ["no-such", "__init__", "ask"])
    def test_unknown_work_is_not_found(self, operator, what):
        assert operator.post(f"{LIST}sums/do/{what}/").status_code == 404

    def test_a_reactor_is_not_replayed(self, operator):
        register_reactors(Reactor("ears"))
        ensure_checkpoints()
        assert "That cannot be done to" in text(do(operator, "replay", "ears"))
        assert not Job.objects.exists()


def test_a_projection_that_is_not_registered_any_more_has_no_card(support):
    Checkpoint.objects.create(name="gone-for-good", kind="asynchronous")
    assert "gone-" not in support.get(LIST).content.decode()

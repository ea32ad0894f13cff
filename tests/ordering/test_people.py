"""Customers and agents in the admin: who may be let in and out, by whom, and that it is told."""

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Group, Permission
from django.db import connections
from django.test import Client
from django.urls import reverse

from ordering.access import why_not_without
from ordering.api.models import ApiToken
from ordering.models import Agent, Customer
from tests.concurrency import at_once
from tests.factories import AgentFactory

pytestmark = pytest.mark.django_db

AGENTS = reverse("admin:ordering_agent_changelist")
CUSTOMERS = reverse("admin:ordering_customer_changelist")
NAMES = ["<script>alert(1)</script>", "مقهى الميناء", "🥐" * 40, "W" * 120]


def act(client, url, action, *objects, follow=True):
    form = {"action": action, "_selected_action": [one.pk for one in objects]}
    return client.post(url, form, follow=follow).content.decode()


def page_of(agent):
    return reverse("admin:ordering_agent_change", args=[agent.pk])


def act_on_page(client, url, action, pk):
    form = {"CHANGE_FORM-action": action, "_selected_action": [pk]}
    return client.post(url, form, follow=True).content.decode()


def fields(agent, **changed):
    """What the form of an agent's page sends."""
    form = {
        "username": agent.username, "first_name": agent.first_name, "customer": agent.customer_id,
        "is_active": agent.is_active, "is_staff": agent.is_staff,
        "is_superuser": agent.is_superuser,
        "api_tokens-TOTAL_FORMS": "0", "api_tokens-INITIAL_FORMS": "0",
    } | changed  # fmt: skip
    return {name: "on" if value is True else value for name, value in form.items() if value}


def log():
    return [(entry.object_repr, entry.get_change_message()) for entry in LogEntry.objects.all()]


@pytest.fixture
def login(client):
    def login(agent):
        client.force_login(agent)
        return client

    return login


class TestDeactivating:
    def test_agents_are_deactivated_and_reactivated_from_the_list(
        self, login, operator, alice, bob
    ):
        staff = login(operator)
        assert "2 agents deactivated." in act(staff, AGENTS, "deactivate", alice, bob)
        assert not Agent.objects.filter(username__in=["alice", "bob"], is_active=True)
        assert "1 agent reactivated." in act(staff, AGENTS, "reactivate", bob)
        assert Agent.objects.get(username="bob").is_active
        assert sorted(log()) == [
            ("alice", "Deactivated."), ("bob", "Deactivated."), ("bob", "Reactivated."),
        ]  # fmt: skip

    def test_what_is_so_already_is_not_logged(self, login, operator, alice):
        assert "No agents reactivated." in act(login(operator), AGENTS, "reactivate", alice)
        assert log() == []

    def test_one_is_deactivated_from_their_page(self, login, operator, alice):
        page = act_on_page(login(operator), page_of(alice), "deactivate", alice.pk)
        assert "1 agent deactivated." in page
        assert not Agent.objects.get(pk=alice.pk).is_active

    def test_customers_are_too(self, login, operator, harbour):
        staff = login(operator)
        assert "1 customer deactivated." in act(staff, CUSTOMERS, "deactivate", harbour)
        url = reverse("admin:ordering_customer_change", args=[harbour.pk])
        assert "1 customer reactivated." in act_on_page(staff, url, "reactivate", harbour.pk)
        assert log() == [("Harbour Café", "Reactivated."), ("Harbour Café", "Deactivated.")]

    def test_a_tick_on_the_page_is_told_in_the_log(self, login, operator, alice):
        form = fields(alice, is_active=False, first_name="Alicia")
        assert login(operator).post(page_of(alice), form).status_code == 302
        assert log() == [("alice", "Deactivated. Changed First name.")]

    def test_what_else_is_changed_is_told_as_ever(self, login, operator, alice):
        login(operator).post(page_of(alice), fields(alice, first_name="Alicia"))
        assert log() == [("alice", "Changed First name.")]

    @pytest.mark.parametrize("way", ["list", "page", "form"])
    def test_their_sessions_and_tokens_end_for_good(self, login, operator, bob, way):
        """Also when they are let in again: nobody knows where they were left."""
        theirs = Client()
        theirs.force_login(bob)
        program = {"headers": {"Authorization": f"Bearer {ApiToken.make(bob, 'Till')[1]}"}}
        assert theirs.get("/").status_code == 200
        assert Client().get("/api/v1/orders", **program).status_code == 200
        staff = login(operator)
        match way:
            case "list":
                act(staff, AGENTS, "deactivate", bob)
            case "page":
                act_on_page(staff, page_of(bob), "deactivate", bob.pk)
            case "form":
                staff.post(page_of(bob), fields(bob, is_active=False))
        assert theirs.get("/")["Location"].startswith("/login/")
        act(staff, AGENTS, "reactivate", bob)
        assert theirs.get("/")["Location"].startswith("/login/")
        assert Client().get("/api/v1/orders", **program).status_code == 401
        theirs.force_login(Agent.objects.get(pk=bob.pk))
        assert theirs.get("/").status_code == 200

    def test_sessions_of_others_go_on(self, login, operator, alice, bob):
        theirs = Client()
        theirs.force_login(alice)
        act(login(operator), AGENTS, "deactivate", bob)
        assert theirs.get("/").status_code == 200

    def test_who_is_deactivated_cannot_log_in(self, client, alice):
        Agent.objects.update(is_active=False)
        assert client.post("/login/", {"username": "alice", "password": "demo"}).status_code == 200


class TestNobodyIsLockedOut:
    @pytest.mark.parametrize("name", ["is_active", "is_staff", "is_superuser"])
    def test_nobody_takes_their_own_access_away(self, login, admin, name):
        AgentFactory(username="other", customer=None, is_staff=True, is_superuser=True)
        page = login(admin).post(page_of(admin), fields(admin, **{name: False}))
        assert page.status_code == 200
        assert "You cannot take your own access away" in page.content.decode()
        assert getattr(Agent.objects.get(pk=admin.pk), name)
        assert log() == []

    def test_nor_by_an_action_which_does_the_rest(self, login, admin, alice):
        page = act(login(admin), AGENTS, "deactivate", admin, alice)
        assert "You cannot take your own access away" in page
        assert "1 agent deactivated." in page
        assert Agent.objects.get(pk=admin.pk).is_active

    def test_another_superuser_may_be_deactivated(self, login, admin):
        other = AgentFactory(username="other", customer=None, is_staff=True, is_superuser=True)
        assert "1 agent deactivated." in act(login(admin), AGENTS, "deactivate", other)

    def test_the_last_active_superuser_stays(self, admin, operator):
        assert "admin is the last active superuser" in why_not_without(admin, operator)
        AgentFactory(username="gone", is_superuser=True, is_staff=True, is_active=False)
        assert why_not_without(admin, operator)

    @pytest.mark.django_db(transaction=True)
    def test_two_who_deactivate_one_another_at_once_leave_one(self, admin):
        other = AgentFactory(username="other", customer=None, is_staff=True, is_superuser=True)
        clients = {admin: other, other: admin}
        browsers = {}
        for agent in clients:
            browsers[agent] = Client()
            browsers[agent].force_login(agent)

        def deactivate(pair):
            try:
                act(browsers[pair[0]], AGENTS, "deactivate", pair[1], follow=False)
            finally:
                connections.close_all()

        at_once(deactivate, clients.items())
        assert Agent.objects.filter(is_superuser=True, is_active=True).count() == 1


class TestNobodyRises:
    """Who is no superuser makes neither themselves nor others more than they are."""

    def test_permissions_are_shown_and_not_to_be_forged(self, login, operator, alice):
        staff = login(operator)
        everything = {
            "is_staff": "on", "is_superuser": "on", "groups": [Group.objects.first().pk],
            "user_permissions": [Permission.objects.first().pk],
        }  # fmt: skip
        assert staff.get(page_of(alice)).status_code == 200
        assert staff.post(page_of(alice), fields(alice) | everything).status_code == 302
        alice.refresh_from_db()
        assert not alice.is_staff
        assert not alice.is_superuser
        assert not alice.groups.exists()
        assert not alice.user_permissions.exists()

    def test_nobody_is_made_with_them(self, login, operator, harbour):
        form = {
            "username": "newcomer", "usable_password": "true", "password1": "harbour-47-lights",
            "password2": "harbour-47-lights", "customer": harbour.pk,
            "is_staff": "on", "is_superuser": "on", "groups": [Group.objects.first().pk],
        }  # fmt: skip
        login(operator).post(reverse("admin:ordering_agent_add"), form)
        made = Agent.objects.get(username="newcomer")
        assert [made.is_staff, made.is_superuser, made.groups.exists()] == [False] * 3

    @pytest.mark.parametrize("whom", ["admin", "support", "operator"])
    def test_staff_are_not_theirs_to_change(self, login, operator, request, whom):
        other = request.getfixturevalue(whom)
        staff = login(operator)
        password = reverse("admin:auth_user_password_change", args=[other.pk])
        new = {"password1": "harbour-47-lights", "password2": "harbour-47-lights",
               "usable_password": "true", "set-password": "1"}  # fmt: skip
        before = Agent.objects.values().get(pk=other.pk)
        assert staff.get(page_of(other)).status_code == 200, "to look at"
        assert staff.post(page_of(other), fields(other, first_name="Mine")).status_code == 403
        assert staff.get(password).status_code == 403
        assert staff.post(password, new).status_code == 403
        if other != operator:
            assert "not yours to change" in act(staff, AGENTS, "deactivate", other)
            assert "not yours to change" in act_on_page(
                staff, page_of(other), "deactivate", other.pk
            )
        assert Agent.objects.values().get(pk=other.pk) == before

    def test_a_superuser_who_is_no_staff_is_not_either(self, login, operator):
        hidden = AgentFactory(username="hidden", is_superuser=True)
        assert login(operator).post(page_of(hidden), fields(hidden)).status_code == 403

    def test_an_agents_password_is_set_and_logged(self, login, operator, alice):
        password = reverse("admin:auth_user_password_change", args=[alice.pk])
        new = {"password1": "harbour-47-lights", "password2": "harbour-47-lights",
               "usable_password": "true", "set-password": "1"}  # fmt: skip
        assert login(operator).post(password, new).status_code == 302
        alice.refresh_from_db()
        assert alice.check_password("harbour-47-lights")
        assert log() == [("alice", "Changed password.")]

    def test_a_customers_page_changes_no_agent(self, login, operator, harbour, alice):
        url = reverse("admin:ordering_customer_change", args=[harbour.pk])
        forged = {
            "name": "Harbour", "is_active": "on", "agents-TOTAL_FORMS": 1,
            "agents-INITIAL_FORMS": 1, "agents-0-id": alice.pk, "agents-0-customer": harbour.pk,
            "agents-0-username": "mine", "agents-0-email": "mine@example.org",
        }  # fmt: skip
        before = Agent.objects.values().get(pk=alice.pk)
        assert login(operator).post(url, forged).status_code == 302
        assert Agent.objects.values().get(pk=alice.pk) == before
        assert Customer.objects.get().name == "Harbour"

    def test_roles_are_for_superusers_whatever_permissions_say(self, login, operator, admin):
        for verb in ("add", "change", "delete", "view"):
            operator.user_permissions.add(Permission.objects.get(codename=f"{verb}_group"))
        group = Group.objects.get(name="Operator")
        url = reverse("admin:auth_group_change", args=[group.pk])
        staff = login(operator)
        assert staff.get(url).status_code == 200
        every = [permission.pk for permission in Permission.objects.all()]
        assert staff.post(url, {"name": "X", "permissions": every}).status_code == 403
        assert staff.post(reverse("admin:auth_group_add"), {"name": "X"}).status_code == 403
        assert login(admin).post(url, {"name": "Running it"}).status_code == 302

    def test_support_looks_at_agents_and_changes_none(self, login, support, alice):
        staff = login(support)
        assert staff.get(page_of(alice)).status_code == 200
        assert staff.post(page_of(alice), fields(alice, is_active=False)).status_code == 403
        act(staff, AGENTS, "deactivate", alice)
        act_on_page(staff, page_of(alice), "deactivate", alice.pk)
        assert Agent.objects.get(pk=alice.pk).is_active


@pytest.mark.parametrize("name", NAMES)
def test_names_from_outside_are_shown_inert(login, admin, name):
    customer = Customer.objects.create(name=name, code="ZZ")
    agent = AgentFactory(username="x" * 150, first_name=name[:150], customer=customer)
    for url in (
        AGENTS, CUSTOMERS, page_of(agent),
        reverse("admin:ordering_customer_change", args=[customer.pk]),
    ):  # fmt: skip
        page = login(admin).get(url)
        assert page.status_code == 200
        assert "<script>alert(1)" not in page.content.decode()


def test_lists_take_few_queries_however_many_there_are(
    login, admin, harbour, django_assert_max_num_queries
):
    AgentFactory.create_batch(60, customer=harbour)
    staff = login(admin)
    for url in (AGENTS, CUSTOMERS, reverse("admin:ordering_customer_change", args=[harbour.pk])):
        with django_assert_max_num_queries(12):
            assert staff.get(url).status_code == 200

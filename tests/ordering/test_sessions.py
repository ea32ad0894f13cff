from datetime import timedelta

import pytest
from django.contrib.sessions.backends import db as djangos
from django.contrib.sessions.models import Session
from django.utils import timezone

from ordering.auth import AgentBackend
from ordering.models import Agent
from ordering.sessions import SessionStore

pytestmark = pytest.mark.django_db


@pytest.fixture
def session():
    store = SessionStore()
    store["said"] = "hello"
    store.save()
    return store


def test_it_reads_what_it_saved(session):
    assert SessionStore(session.session_key)["said"] == "hello"


def test_it_and_django_s_own_read_one_another(session):
    assert djangos.SessionStore(session.session_key)["said"] == "hello"
    theirs = djangos.SessionStore()
    theirs["said"] = "good day"
    theirs.save()
    assert SessionStore(theirs.session_key)["said"] == "good day"


def test_an_expired_one_is_over(session):
    Session.objects.update(expire_date=timezone.now() - timedelta(seconds=1))
    store = SessionStore(session.session_key)
    assert store.load() == {}
    assert store.session_key is None


def test_one_that_was_ended_is_over_for_the_next_request(session):
    key = session.session_key
    assert SessionStore(key).load() == {"said": "hello"}
    session.flush()
    assert SessionStore(key).load() == {}


def test_a_key_that_nobody_gave_out_is_not_taken_on():
    store = SessionStore("a" * 32)
    assert store.load() == {}
    store["said"] = "hello"
    store.save()
    assert store.session_key != "a" * 32


def test_what_somebody_else_wrote_into_it_says_nothing(session):
    Session.objects.update(session_data="forged:data:signature")
    assert SessionStore(session.session_key).load() == {}


def test_the_agent_comes_with_their_customer_in_one_query(alice, django_assert_num_queries):
    with django_assert_num_queries(1):
        agent = AgentBackend().get_user(alice.pk)
        assert agent == alice
        assert agent.customer.name == alice.customer.name
    assert {name: value for name, value in vars(agent).items() if name != "_state"} == {
        name: value
        for name, value in vars(Agent.objects.get(pk=alice.pk)).items()
        if name != "_state"
    }


def test_staff_have_no_customer(django_assert_num_queries):
    staff = Agent.objects.create_user("operator", is_staff=True)
    with django_assert_num_queries(1):
        assert AgentBackend().get_user(staff.pk).customer is None


@pytest.mark.parametrize("what", [{"is_active": False}, {"password": "another"}])
def test_who_is_deactivated_or_changed_their_password_is_out_at_once(client, alice, what):
    client.force_login(alice)
    assert client.get("/orders/").status_code == 200
    Agent.objects.filter(pk=alice.pk).update(**what)
    assert client.get("/orders/").status_code == 302


def test_who_logged_out_is_out_with_the_old_cookie_too(client, alice):
    client.force_login(alice)
    cookie = client.cookies["sessionid"].value
    assert client.get("/orders/").status_code == 200
    client.post("/logout/")
    client.cookies["sessionid"] = cookie
    assert client.get("/orders/").status_code == 302

"""Who may open a stream, and who may keep it."""

import uuid
from datetime import timedelta

import psycopg
import pytest
from django.contrib.sessions.models import Session
from django.db import connection
from django.test import Client
from django.utils import timezone

from ordering import own_sessions
from ordering.api.models import ApiToken
from ordering.live.door import TurnedAway, admit, still_welcome
from ordering.live.program import admit_program
from ordering.models import AgentSession
from ordering.second_factor.steps import BOTH_STEPS
from tests.concurrency import in_a_loop
from tests.factories import AgentFactory

# It closes connections as a request does, which would break off a test's own transaction.
pytestmark = pytest.mark.django_db(transaction=True)


def logged_in(agent):
    """A browser of the agent's, and its cookies."""
    browser = Client()
    browser.force_login(agent)
    return browser, f"theme=dark; sessionid={browser.cookies['sessionid'].value}"


@pytest.fixture
def cookies():
    return lambda agent: logged_in(agent)[1]


def test_alice_may_hear_of_her_customers_orders(alice, order_id, cookies):
    for order in (None, order_id):
        visitor = admit(cookies(alice), order)
        assert (visitor.agent_id, visitor.customer_id) == (alice.pk, alice.customer_id)


def test_charlie_finds_no_such_order(charlie, order_id, cookies):
    for order in (order_id, uuid.uuid4()):
        with pytest.raises(TurnedAway) as away:
            admit(cookies(charlie), order)
        assert away.value.status == 404


@pytest.mark.parametrize(
    "sent", ["", "sessionid=", "sessionid=nobody", "=;;=\x00\xff", "x" * 5000, r'sessionid="a\000"']
)
def test_without_a_session_nobody_may(sent, db):
    with pytest.raises(TurnedAway) as away:
        admit(sent, None)
    assert away.value.status == 401


def test_who_is_of_no_customer_may_not(admin, cookies):
    with pytest.raises(TurnedAway) as away:
        admit(cookies(admin), None)
    assert away.value.status == 401


def test_who_has_to_have_a_second_factor_and_has_not_may_not(alice, settings):
    settings.SECOND_FACTOR = "everybody"
    browser, cookies = logged_in(alice)
    with pytest.raises(TurnedAway) as away:
        admit(cookies, None)
    assert away.value.status == 401
    session = browser.session
    session[BOTH_STEPS] = True
    session.save()
    assert admit(cookies, None).agent_id == alice.pk


def test_a_deactivated_agent_may_not(alice, cookies):
    sent = cookies(alice)
    alice.is_active = False
    alice.save()
    with pytest.raises(TurnedAway) as away:
        admit(sent, None)
    assert away.value.status == 401


def log_out(browser, agent, northgate):
    browser.post("/logout/")


def deactivate(browser, agent, northgate):
    agent.is_active = False
    agent.save()


def move_to_another_customer(browser, agent, northgate):
    agent.customer = northgate
    agent.save()


def remove_from_the_customer(browser, agent, northgate):
    agent.customer = None
    agent.save()


def change_the_password(browser, agent, northgate):
    agent.set_password("other")
    agent.save()


def end_all_sessions(browser, agent, northgate):
    """Those that nothing is known of beside, too."""
    own_sessions.end_all(agent)


def deactivate_and_reactivate(browser, agent, northgate):
    """Within the seconds between two looks."""
    staff = Client()
    staff.force_login(AgentFactory(customer=None, is_staff=True, is_superuser=True))
    for action in ("deactivate", "reactivate"):
        act = {"_selected_action": [agent.pk], "action": action}
        assert staff.post("/admin/ordering/agent/", act).status_code == 302


def let_the_session_end(browser, agent, northgate):
    Session.objects.update(expire_date=timezone.now() - timedelta(seconds=1))


def delete_the_agent(browser, agent, northgate):
    agent.delete()


def deactivate_the_customer(browser, agent, northgate):
    agent.customer.is_active = False
    agent.customer.save()


async def asking():
    params = connection.get_connection_params()
    del params["cursor_factory"], params["context"]
    return await psycopg.AsyncConnection.connect(**params, autocommit=True)


@pytest.mark.parametrize(
    ("happens", "welcome"),
    [
        (None, True),
        (deactivate_the_customer, True),  # its agents may still look
        (log_out, False),
        (deactivate, False),
        (move_to_another_customer, False),
        (remove_from_the_customer, False),
        (change_the_password, False),
        (end_all_sessions, False),
        (deactivate_and_reactivate, False),
        (let_the_session_end, False),
        (delete_the_agent, False),
    ],
)
def test_who_may_keep_a_stream(happens, welcome, alice, bob, northgate):
    browser, cookies = logged_in(alice)
    AgentSession.objects.all().delete()  # as of sessions that are older than that table
    hers, his = admit(cookies, None), admit(logged_in(bob)[1], None)
    if happens:
        happens(browser, alice, northgate)

    async def ask():
        async with await asking() as connection:
            return await still_welcome(connection, {hers, his})

    kept = in_a_loop(ask())
    assert ((hers.session_key, hers.agent_id) in kept) is welcome
    if happens is not let_the_session_end:
        assert (his.session_key, his.agent_id) in kept


def test_a_program_keeps_its_stream_when_its_agent_ends_all_sessions(alice, order_id):
    _token, secret = ApiToken.make(alice, "till")
    program, _version = admit_program(f"Bearer {secret}", "", order_id)
    own_sessions.end_all(alice)

    async def ask():
        async with await asking() as connection:
            return await still_welcome(connection, {program})

    assert in_a_loop(ask()) == {(program.session_key, alice.pk)}

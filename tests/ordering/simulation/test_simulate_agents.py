"""What the command refuses. A run against a served shop is in tests/shop/test_simulation.py."""

import socket
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from ordering.management.commands import simulate_agents
from ordering.models import Agent, Customer
from ordering.simulation import database
from ordering.simulation.browser import Browser
from ordering.simulation.display import percentiles
from tests.factories import AgentFactory, CustomerFactory
from tests.ordering.simulation.adapters import InProcess, Script
from tests.ordering.simulation.conftest import HOME

pytestmark = pytest.mark.django_db


@pytest.fixture
def simulate():
    def simulate(**options):
        out = StringIO()
        call_command("simulate_agents", stdout=out, **{"url": HOME} | options)
        return out.getvalue()

    return simulate


@pytest.fixture
def at_home(monkeypatch):
    """Puts something at HOME."""

    def at_home(adapter):
        def browser(*arguments, **options):
            browser = Browser(*arguments, **options)
            browser.session.mount(HOME, adapter())
            return browser

        monkeypatch.setattr(simulate_agents, "Browser", browser)

    return at_home


@pytest.fixture
def shop(at_home, monkeypatch):
    at_home(InProcess)
    # There is one connection, and the test's transaction is open on it.
    monkeypatch.setattr(simulate_agents, "close_old_connections", lambda: None)


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ({"agents": 0}, "--agents: expected 1 to 500, got 0"),
        ({"agents": 501}, "--agents: expected 1 to 500, got 501"),
        ({"seconds": 0}, "--seconds: expected more than 0, at most 86400, got 0"),
        ({"seconds": -1}, "--seconds: expected more than 0, at most 86400, got -1"),
        ({"seconds": float("nan")}, "--seconds: expected more than 0, at most 86400, got nan"),
        ({"seconds": float("inf")}, "--seconds: expected more than 0, at most 86400, got inf"),
        ({"orders": 0}, "--orders: expected at least 1, got 0"),
    ],
)
def test_a_number_out_of_range_is_refused(options, told, simulate):
    with pytest.raises(CommandError) as refused:
        simulate(**options)
    assert str(refused.value) == told
    assert not Customer.objects.exists()


def test_outside_local_mode_it_wants_to_be_forced(simulate, settings):
    settings.LOCAL = False
    with pytest.raises(CommandError, match="opens orders in its database that stay there") as local:
        simulate()
    assert "--force" in str(local.value)
    with pytest.raises(CommandError, match="Expected a shop"):
        simulate(url="http://127.0.0.1:1", force=True)


@pytest.mark.parametrize("url", ["127.0.0.1", "ftp://127.0.0.1/", "http://"])
def test_what_is_no_address_has_no_shop(url, simulate):
    with pytest.raises(CommandError, match=f"Expected a shop at {url}"):
        simulate(url=url)


def test_where_nobody_answers_it_says_how_to_start_a_shop(simulate):
    with socket.create_server(("127.0.0.1", 0)) as listener:
        url = f"http://127.0.0.1:{listener.getsockname()[1]}"
    with pytest.raises(CommandError, match=f"Expected a shop at {url}") as refused:
        simulate(url=url)
    assert "Connection refused" in str(refused.value)
    assert "make demo" in str(refused.value)
    assert not Customer.objects.exists()


@pytest.mark.parametrize(
    ("page", "told"),
    [
        ((404, b"Nothing here"), "expected 200, 409, 422, found 404"),
        ((200, b"<form><input name='email'></form>"), "expected one form to log in, found 0"),
    ],
)
def test_another_site_is_no_shop(page, told, simulate, at_home):
    at_home(lambda: Script(page))
    with pytest.raises(CommandError, match=f"Expected a shop at {HOME}.*{told}"):
        simulate()


def test_without_products_there_is_nothing_to_order(simulate, shop):
    with pytest.raises(CommandError, match="Expected products in the catalog, found none"):
        simulate()


def test_a_shop_that_has_another_database_is_refused(simulate, shop, skus, monkeypatch):
    """It does not know the password that was just set."""
    make_agents = database.make_agents
    monkeypatch.setattr(database, "make_agents", lambda count, _: make_agents(count, "another"))
    with pytest.raises(CommandError, match="use the database of this command") as refused:
        simulate(agents=2)
    assert "refuses the password that sim-01 was just given" in str(refused.value)


def test_a_customer_who_happens_to_have_its_code_is_left_alone(simulate, shop, skus):
    sim = CustomerFactory(code="SIM", name="Simone's Bistro")
    with pytest.raises(CommandError, match="SIM to be the customer Simulation, found Simone's"):
        simulate()
    assert not Agent.objects.filter(customer=sim).exists()


def test_an_agent_who_happens_to_have_such_a_name_keeps_their_password(simulate, shop, skus):
    agent = AgentFactory(username="sim-02")
    with pytest.raises(CommandError, match="Expected sim-02 to be an agent of Simulation"):
        simulate()
    agent.refresh_from_db()
    assert agent.check_password("demo")


def test_after_a_run_nobody_can_log_in_as_its_agents(simulate, shop, skus, monkeypatch):
    monkeypatch.setattr(simulate_agents, "log_in", lambda *_: pytest.fail("stop"))
    with pytest.raises(pytest.fail.Exception):
        simulate(agents=2)
    agents = Agent.objects.filter(customer__code="SIM")
    assert [(agent.username, agent.display_name) for agent in agents] == [
        ("sim-01", "Agent 01"),
        ("sim-02", "Agent 02"),
    ]
    assert not any(agent.has_usable_password() for agent in agents)


@pytest.mark.parametrize(
    ("waits", "expected"),
    [
        ([], [0, 0, 0]),
        ([0.5], [500, 500, 500]),
        ([n / 1000 for n in range(100, 0, -1)], [50, 95, 100]),
        ([0.001, 0.002, 0.003], [2, 3, 3]),
    ],
)
def test_a_percentile_is_a_wait_that_somebody_had(waits, expected):
    assert percentiles(waits, 50, 95, 100) == pytest.approx(expected)

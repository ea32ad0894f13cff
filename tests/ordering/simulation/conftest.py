"""Simulated agents of Harbour Café in the real shop, in this process: no sockets, no threads."""

import random

import pytest

from ordering.simulation.agents import Board, SimulatedAgent
from ordering.simulation.browser import Browser
from tests.factories import AgentFactory, ProductFactory
from tests.ordering.simulation.adapters import InProcess

HOME = "http://testserver"
SKUS = ["BUT-10", "FLR-25", "SUG-25", "YST-1"]


@pytest.fixture
def skus(db):
    return [ProductFactory(sku=sku).sku for sku in SKUS]


@pytest.fixture
def board():
    return Board()


@pytest.fixture
def hire(harbour, board, skus):
    """A new agent at the board. They have not logged in."""

    def hire():
        browser = Browser(HOME, pause=None)
        browser.session.mount(HOME, InProcess())
        agent = AgentFactory(customer=harbour)
        return SimulatedAgent(agent, browser, board, skus, random.Random(agent.username))

    return hire


@pytest.fixture
def crew(hire, board):
    """Three agents, logged in, and an order for them to work on."""
    crew = [hire() for _ in range(3)]
    assert all(agent.log_in("demo") for agent in crew)
    board.orders.append(crew[0].open_order())
    return crew

import uuid
from html.parser import HTMLParser

import pytest
from django.test import Client

from ordering.models import OrderHead, OrderLine

FRAGMENT = {"HX-Request": "true", "HX-Request-Type": "partial"}


class Browser(Client):
    """An agent's browser: every form that it sends carries a command id, as rendered forms do."""

    def __init__(self, agent):
        super().__init__()
        self.force_login(agent)

    def send(self, url, data=None, *, command_id=None, fragment=False, **options):
        form = {"command_id": command_id or str(uuid.uuid4())} | (data or {})
        return self.post(url, form, headers=FRAGMENT if fragment else None, **options)


class Text(HTMLParser):
    def __init__(self):
        super().__init__()
        self.words = []

    def handle_data(self, data):
        self.words += data.split()


@pytest.fixture
def browser():
    return Browser


@pytest.fixture
def text():
    """What a page says, as one line."""

    def text(response):
        parser = Text()
        parser.feed(response.content.decode())
        return " ".join(parser.words)

    return text


@pytest.fixture
def lines():
    """An order's lines as {sku: quantity}."""
    return lambda order_id: dict(
        OrderLine.objects.filter(order_id=order_id).values_list("sku", "quantity")
    )


@pytest.fixture
def head():
    return lambda order_id: OrderHead.objects.get(pk=order_id)


@pytest.fixture
def make_current():
    """The agent's current order, as chosen earlier."""

    def make_current(agent, order_id):
        agent.current_order_id = order_id
        agent.save()

    return make_current

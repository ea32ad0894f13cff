import re
import uuid
from html.parser import HTMLParser

import pytest
from django.test import Client

from ordering.models import OrderHead, OrderLine

FRAGMENT = {"HX-Request": "true", "HX-Request-Type": "partial"}


class Browser(Client):
    """An agent's browser: every form that it sends carries a command id and the version of the
    order that the agent saw, as rendered forms do."""

    def __init__(self, agent):
        super().__init__()
        self.force_login(agent)

    def send(self, url, data=None, *, command_id=None, seen=None, fragment=False, **options):
        """`seen` is the version of now, unless the agent looked earlier."""
        form = {"command_id": command_id or str(uuid.uuid4()), "seen": seen or _version(url)}
        form |= data or {}
        return self.post(url, form, headers=FRAGMENT if fragment else None, **options)


def _version(url):
    order_id = re.search(r"/orders/([0-9a-f-]{36})/", url)
    versions = OrderHead.objects.filter(pk=order_id[1] if order_id else None)
    return versions.values_list("version", flat=True).first() or 1


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

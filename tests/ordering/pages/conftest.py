import re
import uuid
from html import unescape
from html.parser import HTMLParser

import pytest
from django.test import Client

from catalog.indexing import refresh
from ordering.models import OrderHead, OrderLine
from tests.factories import ProductFactory

QUICK_ORDER = "/quick-order/"
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


@pytest.fixture
def oats(db):
    return ProductFactory(sku="OTM-6", name="Oat drink", search_words="oat milk")


@pytest.fixture
def search_finds(flour, butter, oats):
    """The three products, as the search knows them."""
    refresh()


class Form:
    """The form that a page shows, as a browser without JavaScript would send it."""

    def __init__(self, page, response):
        self.page, self.body = page, response.content.decode()
        self.sent = {"text": self.text}
        for name, value in re.findall(
            r'<input (?:type="hidden"|id="quantity-\S+") name="([\w-]+)"[^>]*? value="([^"]*)"',
            self.body[self.body.index('id="quick"') :] if 'id="quick"' in self.body else "",
        ):
            if name in ("kept", "command_id") or name.startswith("quantity-"):
                self.sent[name] = unescape(value)

    @property
    def text(self):
        """What is in the box."""
        box = re.search(r'<textarea id="quick-text".*?>\n(.*?)</textarea>', self.body, re.S)
        return unescape(box[1]) if box else ""

    def press(self, button, value="yes", fragment=False, **typed):
        sent = self.sent | typed | {button: value}
        response = self.page.send(QUICK_ORDER, sent, fragment=fragment)
        return response, Form(self.page, response)

    def reload(self):
        return Form(self.page, self.page.get(QUICK_ORDER))


@pytest.fixture
def paste(browser):
    """An agent pastes a text and presses "Check"; the answer, and the form that it shows."""

    def paste(agent, text, language="en", **options):
        page = browser(agent)
        page.cookies["django_language"] = language
        return Form(page, page.get(QUICK_ORDER)).press("check", text=text, **options)

    return paste

"""The shop in a real browser: Chromium against the ASGI application, on a port of its own."""

import os
import shutil
import socket
import threading
from contextlib import contextmanager

import pytest
import uvicorn
from django.db import connections
from django.test import Client
from playwright.sync_api import expect, sync_playwright

from ordering import handling
from ordering.handling import Caller
from ordering.models import Agent
from shop.asgi import application
from tests import real_catalog
from tests.browser.fields import is_connected
from tests.factories import AgentFactory, CustomerFactory

# The first is the same engine without a browser around it, and takes half of the CPU.
NAMES = (
    "chromium-headless-shell",
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
)
CHROMIUM = os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, NAMES)), None)

# A machine without a browser still runs all the other tests, and is told.
collect_ignore_glob = [] if CHROMIUM else ["test_*.py"]

expect.set_options(timeout=10_000)

QUIET = [
    "--no-sandbox",
    "--disable-gpu",
    "--in-process-gpu",  # what draws without one needs no process of its own
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    # In place of Playwright's own list, of which these matter here. Each window would also load two
    # pages of the browser's own, for its address bar, and each page a process for the next one.
    "--disable-features="
    "AvoidUnnecessaryBeforeUnloadCheckSync,HttpsUpgrades,PaintHolding,DestroyProfileOnBrowserClose,"
    "OptimizationHints,NetworkTimeServiceQuerying,PreconnectToSearch,"
    "WebUIOmniboxPopup,WebUIOmniboxAimPopup,SpareRendererForSitePerProcess",
]
MEDIA = {"color_scheme": "light", "forced_colors": "none", "reduced_motion": "no-preference"}
SIZES = {"desktop": {"width": 1280, "height": 900}, "phone": {"width": 390, "height": 844}}


def pytest_terminal_summary(terminalreporter):
    if not CHROMIUM:
        terminalreporter.write_line(
            "tests/browser did not run: no Chromium found. Install one, or name it in CHROMIUM.",
            yellow=True,
        )


class Windows:
    """Windows of the browser, each with cookies and a cache of its own. One test after another
    has the same one: to open a window and its first page takes as long as many a test does."""

    def __init__(self, chromium, address):
        self.chromium, self.address = chromium, address
        self.free = {}  # by what they were opened with

    @contextmanager
    def one(self, **options):
        """A blank page in such a window, where nobody is logged in."""
        free = self.free.setdefault(repr(sorted(options.items())), [])
        page = free.pop() if free else self._open(options)
        try:
            yield page
        except BaseException:
            page.context.close()
            raise
        self._tidy(page, options)
        free.append(page)

    def _open(self, options):
        page = self.chromium.new_context(base_url=self.address, **options).new_page()
        page.set_default_timeout(10_000)
        page.set_default_navigation_timeout(30_000)  # a page's first icons are drawn for it
        return page

    def _tidy(self, page, options):
        window = page.context
        for other in window.pages:
            if other != page:
                other.close()
        page.unroute_all()
        window.set_offline(False)
        if page.url.startswith(self.address):
            page.evaluate("localStorage.clear(), sessionStorage.clear()")
        page.goto("about:blank")
        window.clear_cookies()
        page.set_viewport_size(options["viewport"])
        page.emulate_media(**{key: options.get(key, usual) for key, usual in MEDIA.items()})


@pytest.fixture(scope="session")
def chromium():
    # Playwright keeps an event loop in this thread; Django would refuse to use its database here.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=QUIET)
        yield browser
        browser.close()
        # Connections opened beside that loop are out of sight once it is gone, but not closed.
        connections.close_all()
    del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]


@pytest.fixture(scope="session")
def address(django_db_setup):
    """The running shop. Its threads keep no connection, or the database could not be dropped."""
    connections.settings["default"]["CONN_MAX_AGE"] = 0
    listening = socket.create_server(("127.0.0.1", 0))
    config = uvicorn.Config(application, log_level="warning", timeout_graceful_shutdown=3)
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]}, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{listening.getsockname()[1]}"
    server.should_exit = True
    thread.join()
    connections.settings["default"]["CONN_MAX_AGE"] = None


@pytest.fixture
def cast(loaded_catalog, transactional_db):
    """Alice and Bob, Charlie elsewhere, and the real catalog."""
    harbour = CustomerFactory(name="Harbour Café", code="HC")
    for name in ("alice", "bob"):
        AgentFactory(username=name, customer=harbour)
    AgentFactory(username="charlie", customer=CustomerFactory(name="Northgate Bakery", code="NB"))
    real_catalog.fill()


@pytest.fixture
def by(cast):
    return lambda name: Caller(Agent.objects.select_related("customer").get(username=name), "web")


@pytest.fixture
def order_id(by):
    """Alice's current order of 2 x FLR-25 and 1 x COF-1."""
    outcome = handling.open_order(by("alice"), key="order", items=[("FLR-25", 2), ("COF-1", 1)])
    Agent.objects.filter(username="alice").update(current_order_id=outcome.stream_id)
    return outcome.stream_id


@pytest.fixture(scope="session")
def windows(chromium, address):
    return Windows(chromium, address)


@pytest.fixture
def open_browser(windows, address, cast):
    """A browser of its own at the shop's door, or logged in as an agent. What its pages complain
    of fails the test."""
    complaints = []

    def say(said):
        if said.type == "error":
            complaints.append(said.text)

    def fail(error):
        complaints.append(str(error))

    @contextmanager
    def open_browser(agent=None, size="desktop", path="/", **options):
        with windows.one(viewport=SIZES[size], **options) as page:
            if agent:
                session = Client()
                session.force_login(Agent.objects.get(username=agent))
                cookie = session.cookies["sessionid"].value
                page.context.add_cookies([{"name": "sessionid", "value": cookie, "url": address}])
            page.on("console", say)
            page.on("pageerror", fail)
            if path:
                page.goto(path)
            yield page
            page.remove_listener("console", say)
            page.remove_listener("pageerror", fail)

    open_browser.complaints = complaints
    yield open_browser
    assert complaints == []


@pytest.fixture
def fits():
    """Asserts that nothing makes the page scroll sideways."""

    def fits(page):
        wide, window = page.evaluate("[document.documentElement.scrollWidth, window.innerWidth]")
        assert wide <= window, f"{page.url} is {wide} pixels wide in a window of {window}"

    return fits


@pytest.fixture
def listening(open_browser, order_id):
    """A browser with a page that hears of changes; the order's page unless another is named."""

    class Listening:
        def __init__(self, agent, path=None, **options):
            self.path = path or f"/orders/{order_id}/"
            self.context = open_browser(agent, **options)

        def __enter__(self):
            page = self.context.__enter__()
            page.goto(self.path)
            is_connected(page)
            return page

        def __exit__(self, *error):
            self.context.__exit__(*error)

    return Listening

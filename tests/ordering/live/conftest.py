"""The stream application in an event loop of its own, with visitors that read as browsers do."""

import asyncio
import json

import pytest
from django.db import connection, connections
from django.test import Client

from ordering.live.app import LiveApp
from tests.concurrency import in_a_loop
from tests.ordering.pages.conftest import Browser

LONGEST_WAIT = 30  # seconds; never reached unless something is wrong


def events_of(text):
    """Server-sent events as (name, data)."""
    found = []
    for event in text.split("\n\n")[:-1]:
        fields = dict(line.split(": ", 1) for line in event.split("\n"))
        assert fields["id"].isdecimal()
        found.append((fields["event"], json.loads(fields["data"])))
    return found


class Visit:
    """A request to the application: what it has answered so far."""

    def __init__(
        self,
        live,
        path,
        *,
        cookies="",
        method="GET",
        body=b"",
        since=None,
        last=None,
        host="127.0.0.1:8000",
        scheme="http",
        address="192.0.2.1",
    ):
        path, _, query = path.partition("?")
        headers = [(b"cookie", cookies.encode())]
        headers += [(b"host", host.encode())] if host is not None else []
        headers += [(b"last-event-id", str(last).encode())] if last is not None else []
        self.scope = {
            "type": "http",
            "scheme": scheme,
            "client": (address, 4711),
            "method": method,
            "path": path,
            "query_string": (f"since={since}" if since is not None else query).encode(),
            "headers": headers,
        }
        self.status, self.headers, self.text = None, {}, ""
        self.heard = asyncio.Condition()
        self.leaving = asyncio.Event()
        self.reads = True
        self.body = [{"type": "http.request", "body": body, "more_body": False}]
        self.task = asyncio.create_task(live(self.scope, self.receive, self.send))

    async def receive(self):
        if self.body:
            return self.body.pop()
        await self.leaving.wait()
        return {"type": "http.disconnect"}

    async def send(self, message):
        if not self.reads:
            await asyncio.Event().wait()
        async with self.heard:
            if message["type"] == "http.response.start":
                self.status, self.headers = message["status"], dict(message["headers"])
            self.text += message.get("body", b"").decode()
            self.heard.notify_all()

    @property
    def events(self):
        return [event for event in events_of(self.text) if event[0] != "beat"]

    async def until(self, condition):
        """Wait until what it heard, or its end, meets `condition`."""
        async with asyncio.timeout(LONGEST_WAIT), self.heard:
            await self.heard.wait_for(lambda: condition(self))

    async def hears(self, name, data=None):
        def heard(visit):
            return any(name == n and data in (None, d) for n, d in visit.events)

        await self.until(heard)

    async def ends(self):
        async with asyncio.timeout(LONGEST_WAIT):
            await asyncio.shield(self.task)
        return self

    async def leaves(self):
        self.leaving.set()
        return await self.ends()


class House:
    """The application, and a thread for what pages do."""

    def __init__(self):
        self.live = LiveApp()

    def visit(self, path, **asked):
        return Visit(self.live, path, **asked)

    async def opens(self, path, cookies, **asked):
        self.live.hub.start()
        await self.until(lambda: self.live.hub._reaches_back_to)
        visit = self.visit(path, cookies=cookies, **asked)
        await visit.hears("open")
        return visit

    async def does(self, work, *args, **kwargs):
        def run():
            try:
                return work(*args, **kwargs)
            finally:
                connection.close()

        return await asyncio.to_thread(run)

    async def until(self, condition):
        """Wait for what the hub does by itself."""
        async with asyncio.timeout(LONGEST_WAIT):
            while not condition():
                await asyncio.sleep(0.01)


@pytest.fixture
def house(transactional_db):
    """Runs a story in the house. Its threads keep no connection, or the database could not be
    dropped."""

    def run(story):
        async def within():
            house = House()
            try:
                return await story(house)
            finally:
                for stream in list(house.live.hub.streams.values()):
                    stream.end()
                if house.live.hub._task:
                    # A connection that is just being made would stay open.
                    await house.until(lambda: house.live.hub._reaches_back_to)
                await house.live.hub.stop()

        return in_a_loop(within())

    kept = connections.settings["default"]["CONN_MAX_AGE"]
    connections.settings["default"]["CONN_MAX_AGE"] = 0
    yield run
    connections.settings["default"]["CONN_MAX_AGE"] = kept


@pytest.fixture
def session():
    """The cookies of a new session of an agent's."""

    def session(agent):
        browser = Client()
        browser.force_login(agent)
        return f"sessionid={browser.cookies['sessionid'].value}"

    return session


@pytest.fixture
def browser():
    return Browser

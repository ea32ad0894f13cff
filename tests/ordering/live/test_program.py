"""/api/v1/orders/<id>/live: the versions of an order, for programs."""

import json
import re
import uuid

import pytest
from django.db import OperationalError

from ordering import handling
from ordering.api.models import ApiToken
from ordering.live import app as module
from ordering.live import hub as hub_module
from tests.ordering.live.conftest import Visit


class Program(Visit):
    """A request with a token instead of a session."""

    def __init__(self, live, order_id, secret="", *, method="GET", last=None, cookies=""):
        self.secret = secret
        path = f"/api/v1/orders/{order_id}/live"
        super().__init__(live, path, method=method, last=last, cookies=cookies)
        if secret:
            self.scope["headers"].append((b"authorization", f"Bearer {secret}".encode()))

    @property
    def versions(self):
        return [data["version"] for name, data in self.events if name == "version"]

    @property
    def events(self):
        messages = [one for one in self.text.split("\n\n")[:-1] if not one.startswith(":")]
        fields = [dict(line.split(": ", 1) for line in one.split("\n")) for one in messages]
        for one in fields:
            assert json.loads(one["data"]) == {"version": int(one["id"])}
        return [(one["event"], json.loads(one["data"])) for one in fields]

    def hears_version(self, number):
        return self.hears("version", {"version": number})

    @property
    def problem(self):
        assert self.headers[b"content-type"] == b"application/problem+json"
        return json.loads(self.text)


@pytest.fixture
def add(by, key):
    return lambda agent, order: handling.add_items(by(agent), order, [("FLR-25", 1)], key=key())


@pytest.fixture
def secret(alice):
    return ApiToken.make(alice, "till")[1]


def test_it_says_the_version_now_and_each_that_follows(house, alice, bob, secret, order_id, add):
    async def story(house):
        visit = Program(house.live, order_id, secret)
        await visit.hears_version(3)
        await house.does(add, bob, order_id)
        await visit.hears_version(4)
        await house.does(add, alice, order_id)
        await visit.hears_version(5)
        return await visit.leaves()

    visit = house(story)
    assert visit.status == 200
    assert visit.headers[b"content-type"] == b"text/event-stream; charset=utf-8"
    assert visit.versions == [3, 4, 5]
    assert re.match(r": open\nretry: [123]\d{3}\n\n", visit.text), "when to come back"


def test_who_comes_back_hears_what_was_missed_and_nothing_twice(house, bob, secret, order_id, add):
    async def story(house):
        behind = Program(house.live, order_id, secret, last=2)
        await behind.hears_version(3)
        abreast = Program(house.live, order_id, secret, last=3)
        await house.does(add, bob, order_id)
        await abreast.hears_version(4)
        for nonsense in ("x", "-1", "9" * 40):
            lost = Program(house.live, order_id, secret, last=nonsense)
            await lost.hears_version(4)
        return abreast

    assert house(story).versions == [4]


def test_other_orders_are_not_told(house, alice, secret, order_id, by, key, add):
    async def story(house):
        visit = Program(house.live, order_id, secret)
        await visit.hears_version(3)
        await house.does(add, alice, other)
        await house.does(add, alice, order_id)
        await visit.hears_version(4)
        return visit

    other = handling.open_order(by(alice), key=key()).stream_id
    assert house(story).versions == [3, 4]


def test_a_session_may_listen_too(house, alice, session, order_id):
    async def story(house):
        visit = Program(house.live, order_id, cookies=cookies)
        await visit.hears_version(3)
        return visit

    cookies = session(alice)
    assert house(story).versions == [3]


def revoked(agent):
    agent.api_tokens.get().revoke()


def deactivated(agent):
    type(agent).objects.filter(pk=agent.pk).update(is_active=False)


def moved(agent):
    type(agent).objects.filter(pk=agent.pk).update(customer=None)


@pytest.mark.parametrize("happens", [revoked, deactivated, moved])
def test_who_is_not_welcome_any_more_loses_the_stream_and_gets_no_other(
    happens, house, alice, secret, order_id
):
    async def story(house):
        visit = Program(house.live, order_id, secret)
        await visit.hears_version(3)
        await house.does(happens, alice)
        await visit.ends()
        return await Program(house.live, order_id, secret).ends()

    again = house(story)
    assert again.status == (404 if happens is moved else 401)
    # Within 5 seconds: looked at that often.
    assert hub_module.CHECK_VISITORS + hub_module.LOOK < 5


def test_charlie_is_answered_as_if_there_were_no_such_order(house, charlie, order_id):
    async def story(house):
        theirs = await Program(house.live, order_id, secret).ends()
        missing = await Program(house.live, uuid.uuid4(), secret).ends()
        return theirs, missing

    _, secret = ApiToken.make(charlie, "test")
    theirs, missing = house(story)
    assert theirs.status == 404
    assert theirs.problem["type"].endswith("/no-such-order")
    assert (theirs.headers, theirs.text) == (missing.headers, missing.text)


@pytest.mark.parametrize("said", ["", "nope", "x" * 10_000])
def test_without_a_good_token_there_is_no_stream(house, order_id, said):
    async def story(house):
        return await Program(house.live, order_id, said).ends()

    visit = house(story)
    assert (visit.status, visit.problem["status"]) == (401, 401)
    assert visit.headers[b"www-authenticate"] == b'Bearer realm="tandem"'


def test_a_session_makes_no_bad_token_good(house, alice, session, order_id):
    async def story(house):
        return await Program(house.live, order_id, "nope", cookies=cookies).ends()

    cookies = session(alice)
    assert house(story).status == 401


@pytest.mark.parametrize("method", ["POST", "DELETE", "HEAD"])
def test_other_methods_are_refused(house, secret, order_id, method):
    async def story(house):
        return await Program(house.live, order_id, secret, method=method).ends()

    visit = house(story)
    assert (visit.status, visit.headers[b"allow"]) == (405, b"GET")


def test_while_the_database_is_away_it_says_when_to_come_back(house, secret, order_id, monkeypatch):
    def away(*_):
        raise OperationalError("connection refused")

    async def story(house):
        return await Program(house.live, order_id, secret).ends()

    monkeypatch.setattr(module, "admit_program", away)
    visit = house(story)
    assert (visit.status, visit.problem["status"]) == (503, 503)
    assert visit.headers[b"retry-after"] == b"2"


def test_streams_are_counted_like_other_requests(house, secret, order_id, settings):
    async def story(house):
        return [await Program(house.live, uuid.uuid4(), secret).ends() for _ in range(3)]

    settings.API_RATE = "2/day"  # a minute might end in between
    *_, third = house(story)
    assert third.status == 429
    assert 1 <= int(third.headers[b"retry-after"]) <= 86_400

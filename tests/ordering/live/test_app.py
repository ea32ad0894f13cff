"""The stream application, from the request to the last event."""

import asyncio
import socket
import time
import uuid

import pytest
import uvicorn
from django.test import Client

from eventstore.models import Event
from ordering import handling
from ordering.live import app as module
from ordering.live import hub as hub_module
from ordering.live import stream as stream_module
from ordering.live.seal import sealed_id
from ordering.models import Agent, Presence


@pytest.fixture
def add(by, key):
    """Adds a sack of flour to an order, as an agent."""
    return lambda agent, order: handling.add_items(by(agent), order, [("FLR-25", 1)], key=key())


# A sign of life as its page sends it: the address, and how.
A_SIGN = f"/live/{sealed_id('abc')}/"
BY_POST = {"method": "POST", "cookies": "sessionid=abc"}


def now():
    return int(time.time() * 1000)


def version(order_id, number):
    return {"order": str(order_id), "version": number}


def test_a_change_is_told_to_every_page_of_the_customer_and_to_no_other(
    house, alice, bob, charlie, session, order_id, add
):
    async def story(house):
        page = await house.opens(f"/orders/{order_id}/live/", session_of[bob], since=now())
        catalog = await house.opens("/live/", session_of[alice], since=now())
        elsewhere = await house.opens("/live/", session_of[charlie], since=now())
        await house.does(add, alice, order_id)
        for visit in (page, catalog):
            await visit.hears("version", version(order_id, 4))
        return elsewhere

    session_of = {agent: session(agent) for agent in (alice, bob, charlie)}
    elsewhere = house(story)
    assert all(name != "version" for name, _ in elsewhere.events)


def test_a_stream_is_never_stored_or_held_back_on_its_way(house, alice, session):
    async def story(house):
        return await (await house.opens("/live/", cookies)).leaves()

    cookies = session(alice)
    visit = house(story)
    assert visit.status == 200
    assert visit.headers[b"content-type"] == b"text/event-stream; charset=utf-8"
    assert visit.headers[b"cache-control"] == b"no-store, no-transform"
    assert visit.headers[b"x-accel-buffering"] == b"no"


def test_charlie_is_answered_as_if_there_were_no_such_order(house, charlie, session, order_id):
    async def story(house):
        hers = await house.visit(f"/orders/{order_id}/live/", cookies=cookies).ends()
        nobodys = await house.visit(f"/orders/{uuid.uuid4()}/live/", cookies=cookies).ends()
        return hers, nobodys

    cookies = session(charlie)
    hers, nobodys = house(story)
    assert hers.status == 404
    assert (hers.status, hers.headers, hers.text) == (
        nobodys.status,
        nobodys.headers,
        nobodys.text,
    )


def test_without_a_login_there_is_no_stream(house, order_id):
    async def story(house):
        visits = [house.visit("/live/"), house.visit(f"/orders/{order_id}/live/")]
        return [(await visit.ends()).status for visit in visits]

    assert house(story) == [401, 401]


def test_a_page_hears_what_came_after_it_was_made_and_before_it_listened(
    house, alice, bob, session, order_id, add
):
    async def story(house):
        first = await house.opens("/live/", cookies, since=now())
        made = now()
        await house.does(add, bob, order_id)
        await first.hears("version", version(order_id, 4))
        late = await house.opens("/live/", cookies, since=made)
        await late.hears("version", version(order_id, 4))
        resumed = await house.opens("/live/", cookies, since=0, last=made)
        await resumed.hears("version", version(order_id, 4))
        return [name for visit in (late, resumed) for name, _ in visit.events]

    cookies = session(alice)
    assert "look-again" not in house(story)


@pytest.mark.parametrize("since", [0, "", "yesterday", "9" * 40, "-5"])
def test_a_page_of_which_nobody_knows_how_old_it_is_looks_again(house, alice, session, since):
    async def story(house):
        visit = await house.opens("/live/", cookies, since=since)
        await visit.hears("look-again")

    cookies = session(alice)
    house(story)


def test_a_page_older_than_the_hub_remembers_looks_again(house, alice, session):
    async def story(house):
        await house.opens("/live/", cookies, since=now())
        visit = await house.opens("/live/", cookies, since=now() - 3_600_000)
        await visit.hears("look-again")

    cookies = session(alice)
    house(story)


def log_out(agent, cookies):
    browser = Client()
    browser.cookies["sessionid"] = cookies.partition("=")[2]
    assert browser.post("/logout/").status_code == 302


def deactivate(agent, cookies):
    Agent.objects.filter(pk=agent.pk).update(is_active=False)


def take_out_of_the_customer(agent, cookies):
    Agent.objects.filter(pk=agent.pk).update(customer=None)


@pytest.mark.parametrize("happens", [log_out, deactivate, take_out_of_the_customer])
def test_who_is_not_welcome_any_more_loses_the_stream_and_gets_no_other(
    happens, house, alice, bob, session, order_id
):
    async def story(house):
        hers = await house.opens(f"/orders/{order_id}/live/", cookies, since=now())
        his = await house.opens(f"/orders/{order_id}/live/", bobs, since=now())
        await house.does(happens, alice, cookies)
        await hers.ends()
        again = await house.visit(f"/orders/{order_id}/live/", cookies=cookies).ends()
        return his.task.done(), again.status

    cookies, bobs = session(alice), session(bob)
    assert house(story) == (False, 401)
    # Looked for every two seconds, so that a stream ends within five.
    assert hub_module.CHECK_VISITORS + hub_module.LOOK < 5


def test_colleagues_come_move_and_go(house, alice, bob, session, order_id):
    def here(*places):
        return [{"agent_id": bob.pk, "name": "Bob", "initials": "B", "places": list(places)}]

    async def story(house):
        page = f"/orders/{order_id}/live/"
        hers = await house.opens(page, cookies, since=now())
        his = await house.opens(page, bobs, since=now())
        await hers.hears("presence", here())
        name = his.events[0][1]["stream"]
        sign = house.visit(f"/live/{name}/", method="POST", body=b"place=line-FLR-25", cookies=bobs)
        assert (await sign.ends()).status == 204
        await hers.hears("presence", here("line-FLR-25"))
        await his.leaves()
        await hers.until(lambda visit: visit.events[-1] == ("presence", []))

    cookies, bobs = session(alice), session(bob)
    house(story)


def test_nobody_is_remembered_when_all_have_left(house, alice, session, order_id):
    async def story(house):
        visit = await house.opens(f"/orders/{order_id}/live/", cookies, since=now())
        await house.until(lambda: not house.live.hub._arrived)
        await visit.leaves()
        await house.until(lambda: not house.live.hub._left)
        again = await house.opens("/live/", cookies, since=now())
        await again.leaves()

    cookies = session(alice)
    house(story)
    assert not Presence.objects.exists()


@pytest.mark.parametrize(
    "body", [b"place=<script>", b"place=" + b"x" * 41, b"sku=1", b"x" * 9_000, b"\xff\x00"]
)
def test_a_sign_of_life_from_no_place_is_refused(body, house):
    async def story(house):
        return await house.visit(A_SIGN, **BY_POST, body=body).ends()

    visit = house(story)
    assert visit.status == 400
    assert "Expected place=" in visit.text


def test_a_sign_of_life_of_a_stream_that_is_gone_changes_nothing(house):
    async def story(house):
        visit = house.visit(A_SIGN, **BY_POST, body=b"place=details")
        await visit.ends()
        await house.until(lambda: not house.live.hub._signs)
        return visit.status

    assert house(story) == 204
    assert not Presence.objects.exists()


@pytest.mark.parametrize(
    ("method", "path", "allow"),
    [("POST", "/live/", b"GET"), ("GET", f"/live/{uuid.UUID(int=1)}/", b"POST")],
)
def test_other_methods_are_refused(method, path, allow, house):
    async def story(house):
        return await house.visit(path, method=method).ends()

    visit = house(story)
    assert (visit.status, visit.headers[b"allow"]) == (405, allow)


def test_a_reader_that_takes_nothing_is_dropped(house, alice, session, monkeypatch):
    monkeypatch.setattr(stream_module, "PATIENCE", 0.01)

    async def story(house):
        visit = await house.opens("/live/", cookies, since=now())
        visit.reads = False
        stream = next(iter(house.live.hub.streams.values()))
        stream.look_again()
        await visit.ends()
        return dict(house.live.hub.streams)

    cookies = session(alice)
    assert house(story) == {}


def test_when_the_process_goes_every_stream_ends(house, alice, session):
    async def story(house):
        visits = [await house.opens("/live/", cookies, since=now()) for _ in range(3)]
        house.live.hub.close()
        for visit in visits:
            await visit.ends()
        late = await house.visit("/live/", cookies=cookies).ends()
        return late.status

    cookies = session(alice)
    assert house(story) == 200


def test_a_log_that_was_put_back_makes_every_page_look_again(house, alice, session):
    """As after a restore: positions that were given out are given out once more."""

    async def story(house):
        visit = await house.opens("/live/", cookies, since=now())
        hub = house.live.hub
        await house.until(lambda: hub._reaches_back_to)

        class Ahead:
            position = 10**9

        async with await hub_module._connect() as connection:
            tail = await hub._catch_up(connection, Ahead())
        await visit.hears("look-again")
        return tail.position

    cookies = session(alice)
    assert house(story) <= Event.objects.count() + 10**6


def test_a_fault_in_the_hub_is_not_its_end(house, alice, bob, session, order_id, add, caplog):
    async def story(house):
        visit = await house.opens("/live/", cookies, since=now())
        hub, real = house.live.hub, house.live.hub._tell_changes

        async def broken(*args):
            hub._tell_changes = real
            raise ValueError("a fault")

        hub._tell_changes = broken
        await house.until(lambda: hub._tell_changes is real)
        await house.does(add, bob, order_id)
        await visit.hears("version", version(order_id, 4))

    cookies = session(alice)
    house(story)
    assert "Live pages start again" in caplog.text


def test_a_real_reader_that_takes_nothing_is_cut_off(house, alice, session, monkeypatch):
    monkeypatch.setattr(stream_module, "PATIENCE", 0.05)

    async def story(house):
        async def application(scope, receive, send):
            await house.live(scope, receive, send)

        listening = socket.create_server(("127.0.0.1", 0))
        config = uvicorn.Config(application, log_level="error", lifespan="off")
        server = uvicorn.Server(config)
        serving = asyncio.create_task(server.serve(sockets=[listening]))
        reader, writer = await asyncio.open_connection(*listening.getsockname(), limit=1024)
        writer.write(
            f"GET /live/ HTTP/1.1\r\nHost: 127.0.0.1\r\nCookie: {cookies}\r\n\r\n".encode()
        )
        await reader.readuntil(b"event: open")
        writer.transport.pause_reading()
        hub = house.live.hub
        while hub.streams:
            for stream in hub.streams.values():
                for _ in range(100):
                    stream._board.note(uuid.uuid4(), 1, time.time())
                stream.wake()
            await asyncio.sleep(0)
        writer.transport.resume_reading()
        rest = await reader.read(-1)
        server.should_exit = True
        await serving
        return rest

    cookies = session(alice)
    assert not house(story).endswith(b"0\r\n\r\n")  # what an answer ends with that is whole


def test_a_change_is_told_though_the_first_look_at_its_order_failed(
    house, alice, bob, session, order_id, add, monkeypatch
):
    async def story(house):
        visit = await house.opens("/live/", cookies, since=now())
        monkeypatch.setattr(hub_module, "CHANGED", "SELECT 1 / 0, %s")
        await house.does(add, bob, order_id)
        await house.until(lambda: house.live.hub._untold)
        monkeypatch.undo()
        await visit.hears("version", version(order_id, 4))

    cookies = session(alice)
    house(story)


def test_presence_comes_back_after_its_rows_were_lost(house, alice, bob, session, order_id):
    async def story(house):
        page = f"/orders/{order_id}/live/"
        hers = await house.opens(page, cookies, since=now())
        await house.opens(page, bobs, since=now())
        await hers.hears("presence")
        await house.does(Presence.objects.all().delete)
        await hers.until(lambda visit: visit.events[-1] == ("presence", []))
        house.live.hub._all_arrive()
        await hers.until(lambda visit: visit.events[-1][1] not in ([], {}))

    cookies, bobs = session(alice), session(bob)
    house(story)


def test_a_body_that_does_not_come_is_not_waited_for(house, monkeypatch):
    monkeypatch.setattr(module, "PATIENCE", 0.01)

    async def story(house):
        visit = house.visit(A_SIGN, **BY_POST)
        visit.body = []
        return (await visit.ends()).status

    assert house(story) == 408

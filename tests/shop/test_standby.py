"""Pages that only read are asked of a standby: never too old, never worse off when it is away."""

import time
import uuid
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.shop.house import asks, logged_in, makes_a_token, opens_an_order, rounds
from tests.shop.processes import LONGEST_WAIT, wait_until
from tests.shop.web import Browser

FROM_STANDBY = ["/", "/?q=flour", "/suggestions/?q=flo", "/orders/", "/current-order/"]
FROM_PRIMARY = ["/account/", "/quick-order/"]
WAITING = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'"

TRY = """
import django
django.setup()
from shop.standby.circuit import circuit
for _ in range(2):
    circuit._try_again()
print("stays open:", circuit.is_open)
"""


@pytest.fixture
def host(hosts):
    return hosts[0]


@pytest.fixture
def alice(host):
    return logged_in(host, "alice")


def told_nothing(browser) -> Browser:
    """The same agent, who does not know how far they must see."""
    for cookie in list(browser.cookies):
        if cookie.name == "read_position":
            browser.cookies.clear(cookie.domain, cookie.path, cookie.name)
    return browser


def test_pages_that_only_read_ask_the_standby(house, host, alice):
    standby = house.standbys[0]
    order = opens_an_order(alice)
    wait_until(lambda: asks(standby, lambda: alice.opens("/orders/")))
    pages = [*FROM_STANDBY, f"{order}history/", f"{order}history/?at=1"]
    assert [page for page in pages if not asks(standby, lambda at=page: alice.opens(at))] == []
    pages = [*FROM_PRIMARY, order]
    assert [page for page in pages if asks(standby, lambda at=page: alice.opens(at))] == []


def test_agents_do_not_miss_their_own_change(house, host, alice):
    found = []
    with house.delayed(house.standbys[0], "200ms"):
        for brings in (lambda browser: browser, told_nothing):
            reference = str(uuid.uuid4())
            opens_an_order(alice, reference)
            found.append(reference in brings(alice).opens("/orders/")[2])
    # Without what they were told, the standby is asked, which does not have it yet.
    assert found == [True, False]


@pytest.mark.parametrize("delay", ["20ms", "200ms"])
def test_programs_do_not_miss_their_own_change(house, host, alice, delay):
    """20 ms is what a call waits for; of 200 ms the primary answers. `told`: with the position that
    the change was answered with; else with one that is long past."""
    token = {"Authorization": f"Bearer {makes_a_token(alice)}"}
    missed, count = {"told": 0, "not told": 0}, rounds(20)

    def works(how):
        program, misses = Browser(host.port), 0
        for _ in range(count // 2):
            reference = str(uuid.uuid4())
            once = token | {"Idempotency-Key": reference}
            status, answer, _ = program.sends("/api/v1/orders", {"reference": reference}, **once)
            assert status == 201
            said = token | {"Read-Position": answer["Read-Position"] if how == "told" else "0"}
            misses += reference not in program.opens("/api/v1/orders?limit=20", **said)[2]
        return how, misses

    with house.delayed(house.standbys[0], delay), ThreadPoolExecutor(4) as programs:
        for how, misses in programs.map(works, [*missed] * 2):
            missed[how] += misses
    print(f"{delay} late, of {count} each missed: {missed}")  # noqa: T201  (shown by pytest -s)
    assert missed["told"] == 0
    # Or the standby was never asked. After 20 ms it may have come by itself.
    assert missed["not told"] > 0 or delay == "20ms"


def test_a_page_that_hears_of_a_change_is_shown_it(house, host, alice):
    bob = logged_in(host, "bob")
    with house.delayed(house.standbys[0], "200ms"):
        for number in range(rounds(3)):
            reference = f"heard of {number} {uuid.uuid4()}"
            with bob.listens(f"/live/?since={int(time.time() * 1000)}") as events:
                assert next(events)[0] == "open"
                order = opens_an_order(alice, reference)
                told = (data for name, data in events if name == "version")
                heard = next(data for data in told if data["order"] in order)
            told_nothing(bob).has_cookie("read_position", heard["position"])  # as live.js does
            assert reference in bob.opens("/orders/")[2]


def test_no_page_is_old_however_late_the_standby_is(house, host, alice):
    reference = f"never replayed {uuid.uuid4()}"
    bob = logged_in(host, "bob")
    with house.delayed(house.standbys[0], "1h"):
        order = opens_an_order(alice, reference)
        # What is not there may only not have come yet.
        assert told_nothing(bob).opens(f"{order}history/")[0] == 200
        wait_until(lambda: reference in told_nothing(bob).opens("/orders/")[2])


@pytest.mark.parametrize("sent", ["0x10", "-1", "9" * 19, "9" * 30, "1e3", ""])
def test_what_is_no_position_asks_the_primary(house, host, alice, sent):
    alice.has_cookie("read_position", sent)
    answered = []
    asked = asks(house.standbys[0], lambda: answered.append(alice.opens("/orders/")[0]))
    assert (answered, asked) == ([200], False)


def test_a_program_says_how_far_it_must_see(house, host, alice):
    standby = house.standbys[0]
    call = {"Authorization": f"Bearer {makes_a_token(alice)}"}
    reference = f"by a program {uuid.uuid4()}"
    with house.delayed(standby, "200ms"):
        once = call | {"Idempotency-Key": str(uuid.uuid4())}
        status, answer, _ = told_nothing(alice).sends(
            "/api/v1/orders", {"reference": reference}, **once
        )
        assert status == 201
        assert "Set-Cookie" not in answer
        position = answer["Read-Position"]
        for said in ({"Read-Position": position}, {}):
            assert reference in alice.opens("/api/v1/orders", **call, **said)[2]
    wait_until(lambda: asks(standby, lambda: alice.opens("/orders/")))
    said = {"Read-Position": position}
    assert asks(standby, lambda: alice.opens("/api/v1/orders", **call, **said))
    assert not asks(standby, lambda: alice.opens("/api/v1/orders", **call))
    assert asks(standby, lambda: alice.opens("/api/v1/products", **call))


def kill(standby):
    standby.kill()
    return standby.start


def stop(standby):
    standby.stop()
    return standby.start


def freeze(standby):
    standby.freeze()
    return standby.thaw


@pytest.mark.parametrize("away", [kill, stop, freeze])
def test_a_standby_that_is_away_costs_nothing_but_its_help(house, host, alice, away):
    standby = house.standbys[0]
    wait_until(lambda: asks(standby, lambda: alice.opens("/orders/")))
    said = host.output.count("The standby is away")
    come_back = away(standby)
    try:
        reference = f"while it was away {uuid.uuid4()}"
        order = opens_an_order(alice, reference)
        for page in (*FROM_STANDBY, f"{order}history/"):
            status, _, text = alice.opens(page)
            assert status in (200, 303), page
        assert reference in text
        # The first page that it failed has said so, and all others went by.
        assert host.output.count("The standby is away") == said + 1
    finally:
        come_back()
    wait_until(lambda: asks(standby, lambda: alice.opens("/orders/")))


def test_a_page_that_waits_for_the_standby_in_vain_is_made_by_the_primary(house, host, alice):
    """At first it only waits for a lock; then the standby hangs, and no timeout of its runs."""
    standby = house.standbys[0]
    wait_until(lambda: asks(standby, lambda: alice.opens("/orders/")))
    with house.delayed(standby, "30s"), ThreadPoolExecutor(1) as agent:
        # A lock is taken there at once, and given back with the commit, which is delayed.
        with house.primary.connect() as connection, connection.transaction():
            connection.execute("LOCK TABLE ordering_orderhead")
        assert told_nothing(alice).opens("/orders/")[0] == 200
        page = agent.submit(told_nothing(alice).opens, "/orders/")
        wait_until(lambda: page.done() or standby.ask(WAITING))
        standby.freeze()
        try:
            assert page.result(LONGEST_WAIT)[0] == 200
        finally:
            standby.thaw()


def test_what_is_no_copy_of_the_primary_is_never_asked(house, settings):
    """Such as the database that the other tests have."""
    other = f"postgresql://postgres@/tandem?host={settings.DATABASES['default']['HOST']}"
    with house.python(TRY, DATABASE_REPLICA_URL=other) as tried:
        assert tried.ends() == 0
        message = "DATABASE_REPLICA_URL: expected a standby of the cluster "
        assert tried.output.count(message) == 1
        assert "stays open: True" in tried.output

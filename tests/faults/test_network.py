"""The network between the shop and its database fails, at any byte of a command."""

import json
import sys
from collections import Counter

import pytest

from shop.embedded import cluster
from tests.faults.client import Program
from tests.faults.judging import command_id
from tests.faults.proxy import Fault, Proxy
from tests.faults.server import Web
from tests.shop.processes import ROOT, Running

# How often, of all tries.
KINDS = {"drop": 370, "cut": 370, "swallow": 150, "delay": 50, "refuse": 58, "slow": 2}
BYTES = 16_000  # more than a command sends and receives, both ways together
DELAY = 1.0  # seconds
# To notice that packets vanish (tcp_user_timeout), and to try to connect again (connect_timeout).
SECONDS_TO_NOTICE = 5 + 5 + 5


@pytest.fixture
def socket(server):
    """The path of the database's socket."""
    return f"{cluster.socket_folder(server.pgdata)}/.s.PGSQL.{cluster.PORT}"


@pytest.fixture
def proxy(socket):
    with Proxy(socket) as running:
        yield running


@pytest.fixture
def behind(proxy, server):
    """A page worker that reaches its database through that network."""
    database = f"postgresql://postgres@127.0.0.1:{proxy.port}/{cluster.DATABASE}"
    with Web(server.folder, database, name="behind") as running:
        yield running


def test_a_command_is_done_once_or_answered_by_503(proxy, behind, store, form, dice, figure):
    tries = form.of(full=1000, short=30)
    token, agent = store.token("alice"), store.agent("alice")
    program = Program(behind.port, token)
    order, [sku] = program.opens(), store.skus(1)
    path, body = f"orders/{order}/items", {"sku": sku, "quantity": 1}
    first, struck, ambiguous = Counter(), Counter(), 0
    for number in range(tries):
        kind = dice.choices(list(KINDS), list(KINDS.values()))[0]
        key = f"{number}"
        before = store.version(order)
        if kind == "refuse":
            fault = Fault("drop")
            proxy.drops_all()
        else:
            seconds = DELAY if kind in ("delay", "slow") else dice.choice([0.05, 0.2])
            fault = Fault(kind, dice.randrange(BYTES), seconds)
        proxy.arm(fault)
        status, _, _ = program.asks("POST", path, body, Idempotency_Key=key)
        proxy.arm(None)
        first[status] += 1
        struck[kind] += fault.happened.is_set()
        if status != 200:
            ambiguous += store.version(order) > before
            status, _, _ = program.insists("POST", path, body, key=key)
        assert status == 200
        assert store.version(order) == before + 1, (kind, fault)
        assert (
            store.one(
                "SELECT count(*) FROM eventstore_event WHERE command_id = %s",
                command_id(agent, key),
            )
            == 1
        )
    assert set(first) <= {200, 503}, first
    assert sum(struck.values()) >= tries / 4, "expected faults to happen within commands"
    assert store.lines(order) == {sku: tries}
    store.is_sound()
    assert "Traceback" not in behind.output, behind.output.partition("Traceback")[2]
    figure(
        "network fails",
        tries=tries,
        faults_within_a_command=dict(struck),
        first_answers=dict(first),
        done_and_answered_by_503=ambiguous,
        twice=0,
        longest_answer=f"{program.longest:.1f} s",
    )


@pytest.mark.full
def test_packets_that_vanish_are_noticed_and_no_thread_waits_for_ever(
    server, socket, store, dice, figure
):
    if sys.platform != "linux":
        pytest.fail(f"expected Linux, which has network namespaces, found {sys.platform}")
    tries = 8
    plan = {"folder": str(server.folder), "socket": socket, "token": store.token("alice")}
    plan |= {"tries": tries, "seed": f"{dice.random()}"}
    log = server.folder / "vanishing.out"
    with Running("-m", "tests.faults.cut_off", json.dumps(plan), cwd=ROOT, log=log) as run:
        assert run.process.wait(tries * 60) == 0, run.output
        told = [json.loads(line) for line in run.output.splitlines() if line[:1] == "{"]
    assert len(told) == tries
    assert {one["first"] for one in told} <= {200, 503}
    assert {one["then"] for one in told} == {200}
    assert [one["version"] for one in told] == [*range(2, tries + 2)], "each is done once"
    longest = max(one["took"] for one in told)
    figure(
        "packets to the database vanish",
        tries=tries,
        first_answers=dict(Counter(one["first"] for one in told)),
        longest_answer=f"{longest:.1f} s",
        twice=0,
    )
    store.is_sound()
    assert longest < SECONDS_TO_NOTICE

"""PostgreSQL dies while agents order, again and again."""

import signal
import time

from tests.faults.client import Program
from tests.faults.judging import Store, folded, lost_or_doubled
from tests.faults.load import agents_at_work, answered, until_answered
from tests.faults.server import Server, Web
from tests.shop.processes import wait_until
from tests.shop.test_replay_killed import manage, managed

PROCESSES, AGENTS, ORDERS = 4, 4, 16


def one_backend_is_killed(server, dice):
    """PostgreSQL then ends all other connections itself, and recovers."""
    before = set(server.backends())
    dice.choice(sorted(before, key=lambda process: process.pid)).send_signal(signal.SIGKILL)
    wait_until(lambda: not before & set(server.backends()))


def all_of_it_is_killed(server, dice):
    server.is_killed()
    server.starts_again()


def it_is_stopped_at_once(server, dice):
    server.is_stopped_at_once()
    server.starts_again()


CRASHES = (one_backend_is_killed, all_of_it_is_killed, it_is_stopped_at_once)


def test_no_acknowledged_command_is_lost_and_none_is_done_twice(folder, form, dice, figure):
    commands, crashes = form.of(full=20_000, short=120), form.of(full=12, short=3)
    with (
        Server(folder) as server,
        Web(folder, server.url) as web,
        manage(folder, "run_projections", DATABASE_URL=server.url, LOCAL="1") as runner,
    ):
        with server.connect() as connection:
            store = Store(connection)
            token, agent, skus = store.token("alice"), store.agent("alice"), store.skus(40)
        orders = [Program(web.port, token).opens() for _ in range(ORDERS)]
        runner.says("Following the log")
        plan = {"port": web.port, "token": token, "orders": orders, "skus": skus}
        count, gaps = commands // PROCESSES, []
        with agents_at_work(folder, PROCESSES, dice, each=AGENTS, count=count, **plan) as processes:
            for crash in range(crashes):
                until_answered(commands * (crash + 1) // (crashes + 1), processes)
                began = time.monotonic()
                CRASHES[crash % len(CRASHES)](server, dice)
                until_answered(answered(processes) + 1, processes)
                gaps.append(time.monotonic() - began)

        intents = [intent for process in processes for intent in process.intents]
        assert len(intents) == commands
        # Neither the page worker nor the runner was started again.
        assert web.process.poll() is None
        assert runner.process.poll() is None
        with server.connect() as connection:
            store = Store(connection)
            assert lost_or_doubled(store, agent, intents) == []
            assert {order: store.lines(order) for order in orders} == folded(store, agent, intents)
            store.is_sound()
            last = store.one("SELECT max(position) FROM eventstore_event")
            wait_until(
                lambda: (
                    not store.ask(
                        "SELECT name FROM eventstore_checkpoint"
                        " WHERE kind <> 'inline' AND position < %s",
                        last,
                    )
                )
            )
        assert runner.signalled(signal.SIGTERM) == 0
        if form.full:
            managed(folder, "replay_projections", "--verify")
            managed(folder, "verify_events")
        counted = [one for process in processes for one in process.counted()]
    figure(
        "PostgreSQL dies under load",
        acknowledged=len(intents),
        crashes=crashes,
        lost=0,
        twice=0,
        requests=sum(one["sent"] for one in counted),
        longest_without_an_answer=f"{max(gaps):.1f} s",
        longest_request=f"{max(one['longest'] for one in counted):.1f} s",
    )

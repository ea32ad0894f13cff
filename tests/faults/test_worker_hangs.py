"""A page worker hangs while it holds an order's lock."""

import os
import signal
import threading
import time
from concurrent.futures import ThreadPoolExecutor

from tests.faults.client import Program
from tests.faults.server import Worker

WAITING = 4  # who wants the same order; page threads are twice as many
# Seconds that a request waits itself: two tries, of which the second may wait twice for a lock,
# first for its turn among those who want the row, then for the row.
OWN_PATIENCE = 2.0 + 2 * 2.0 + 1.0


def test_the_database_frees_the_lock_and_others_wait_no_longer_than_that(
    web, server, store, form, figure
):
    # The shop's own settings are in force in full; the suite does not wait for them.
    seconds = form.of(full=10, short=1)
    guards = {"idle_in_transaction_session_timeout": f"{seconds}s", "lock_timeout": "2s"}
    options = "%20".join(f"-c%20{name}%3D{value}" for name, value in guards.items())
    database = server.url if form.full else f"{server.url}&options={options}"
    token = store.token("alice")
    program = Program(web.port, token)
    order, other, [sku] = program.opens(), program.opens(), store.skus(1)
    path, body = f"orders/{order}/items", {"sku": sku, "quantity": 1}
    over, pages = threading.Event(), Program(web.port, token)

    def wants_it(number):
        agent = Program(web.port, token)
        began = time.monotonic()
        agent.insists("POST", path, body)
        return time.monotonic() - began, agent

    def looks_elsewhere():
        while not over.is_set():
            assert pages.asks("GET", f"orders/{other}")[0] == 200

    with Worker(server.folder, database, "hanging") as worker:
        number = worker.does(
            path=path, token=token, key="hung", body=body, moment="projected", how="freezes"
        )
        [process] = worker.said("holding", number)
        frozen = time.monotonic()
        with ThreadPoolExecutor(WAITING + 1) as threads:
            looking = threads.submit(looks_elsewhere)
            try:
                waited, agents = zip(*threads.map(wants_it, range(WAITING)), strict=True)
                free_after = time.monotonic() - frozen
            finally:
                over.set()
            looking.result()
        assert store.version(order) == 1 + WAITING
        # It wakes up, and finds its connection ended. When its patience is over, too, whoever sent
        # the command has to send it again.
        os.kill(int(process), signal.SIGCONT)
        [awake] = worker.said("answered", number)
        assert awake in ("200", "503")

    statuses = {status for agent in agents for status in agent.statuses}
    assert statuses <= {200, 503}, statuses
    assert program.insists("POST", path, body, key="hung")[0] == 200
    assert store.version(order) == 1 + WAITING + 1
    assert store.lines(order) == {sku: WAITING + 1}
    store.is_sound()
    longest = max(agent.longest for agent in agents)
    figure(
        "worker hangs with the lock",
        database_frees_after=f"{seconds} s",
        others_through_after=f"{free_after:.1f} s",
        longest_answer=f"{longest:.1f} s",
        it_answers_when_awake=awake,
        others={status: sum(a.statuses.get(status, 0) for a in agents) for status in statuses},
        pages_meanwhile=pages.sent,
        slowest_page=f"{pages.longest * 1000:.0f} ms",
    )
    assert longest < form.at_most(seconds)
    assert max(waited) < form.at_most(seconds + OWN_PATIENCE)

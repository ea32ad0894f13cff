"""A page worker is killed between its append and its commit."""

import time
from collections import Counter

import psycopg
import pytest

from tests.faults.client import Program
from tests.faults.judging import command_id

MOMENTS = ("appended", "projected", "committing")
FREE = "SELECT version FROM eventstore_stream WHERE id = %s FOR UPDATE"


def test_nothing_is_left_of_a_command_whose_worker_died_and_its_lock_is_free(
    web, worker, store, form, dice, figure
):
    deaths = form.of(full=200, short=6)
    token, agent = store.token("alice"), store.agent("alice")
    program = Program(web.port, token)
    order, [sku] = program.opens(), store.skus(1)
    path, waits, at = f"orders/{order}/items", [], Counter()
    for death in range(deaths):
        before, lines = store.version(order), store.lines(order)
        key, moment = f"{dice.random()}", MOMENTS[death % len(MOMENTS)]
        body = {"sku": sku, "quantity": 1}
        about = {"path": path, "token": token, "key": key, "body": body, "how": "waits"}
        number = worker.does(moment=moment, **about)
        [process] = worker.said("holding", number)
        with pytest.raises(psycopg.errors.LockNotAvailable):
            store.ask(f"{FREE} NOWAIT", order)

        worker.kill(int(process))
        began = time.monotonic()
        store.ask(FREE, order)
        waits.append(time.monotonic() - began)
        assert worker.said("gone", number) == ["9"]

        assert (store.version(order), store.lines(order)) == (before, lines)
        assert not store.ask("SELECT FROM eventstore_command WHERE id = %s", command_id(agent, key))
        store.is_sound()
        at[moment] += 1
        # Whoever sent it does so again.
        status, _, said = program.insists("POST", path, body, key=key)
        assert (status, said["version"]) == (200, before + 1)

    assert store.version(order) == 1 + deaths
    assert store.lines(order) == {sku: deaths}
    figure(
        "worker killed between append and commit",
        deaths=deaths,
        **at,
        partial=0,
        lock_free_within=f"{max(waits) * 1000:.1f} ms",
    )
    assert max(waits) < form.at_most(0.1)

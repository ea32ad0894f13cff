"""What one person waits for is done beside the log, and a failure holds up nothing else."""

import threading

import pytest

from eventstore import errands
from eventstore.runner import Runner
from tests.shop.processes import wait_until


@pytest.fixture
def registered(monkeypatch):
    done = []
    monkeypatch.setattr(errands, "_errands", done)
    return done


def test_who_runs_the_projections_does_them(transactional_db, registered, monkeypatch):
    monkeypatch.setattr(errands, "LOOK", 0.01)
    done = []
    registered.append(lambda: done.append("once"))
    Runner().catch_up()
    assert done == ["once"]

    running = Runner()
    thread = threading.Thread(target=running.run)
    thread.start()
    try:
        wait_until(lambda: len(done) > 3)
    finally:
        running.stop.set()
        thread.join()


def test_one_that_fails_does_not_hold_up_the_others(registered, caplog):
    done = []

    def fails():
        raise ConnectionRefusedError("mail.example is away")

    registered += [fails, lambda: done.append("once")]
    assert not errands.run()
    assert done == ["once"]
    assert "fails has to wait: ConnectionRefusedError" in caplog.text

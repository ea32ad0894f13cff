import threading

from eventstore import housekeeping, runner
from eventstore.runner import Runner
from tests.shop.processes import wait_until


def test_who_runs_the_projections_does_the_chores(transactional_db, monkeypatch):
    done = []
    monkeypatch.setattr(housekeeping, "_chores", [lambda: done.append("once")])
    Runner().catch_up()
    assert done == ["once"]

    monkeypatch.setattr(runner, "TIDY", 0.0)
    running = Runner()
    thread = threading.Thread(target=running.run)
    thread.start()
    try:
        wait_until(lambda: len(done) > 3)
    finally:
        running.stop.set()
        thread.join()

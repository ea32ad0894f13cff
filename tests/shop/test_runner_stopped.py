"""`manage.py run_projections`, asked to stop in the middle of a batch."""

import signal

from tests.shop.processes import User, wait_until
from tests.shop.test_replay_killed import connect, manage, managed
from tests.shop.test_runner_killed import folder  # noqa: F401  (a fixture)

WAITS = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'"
RUNNERS = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND granted"
PLACE = "SELECT position FROM eventstore_checkpoint WHERE name = 'favourites'"


def test_it_finishes_the_batch_gives_its_lock_back_and_exits_0(folder):  # noqa: F811
    pgdata = folder / ".data/postgres"
    with User(pgdata, "other") as user, connect(pgdata) as holder, connect(pgdata) as watcher:
        # Longer than anybody waits here: what its batch writes is held until it was asked to stop.
        url = f"{user.uses()}&options=-c%20lock_timeout%3D120s"
        managed(folder, "run_projections", "--once")
        [before] = watcher.execute(PLACE).fetchone()
        managed(folder, "shell", "--command", COMPLETE_AN_ORDER)
        with holder.transaction():
            holder.execute("LOCK TABLE ordering_favourite IN EXCLUSIVE MODE")
            with manage(folder, "run_projections", DATABASE_URL=url, LOCAL="1") as runner:
                wait_until(lambda: watcher.execute(WAITS).fetchone() == (1,))
                runner.process.send_signal(signal.SIGTERM)
                assert watcher.execute(PLACE).fetchone() == (before,)
                assert watcher.execute(RUNNERS).fetchone() != (0,)
                holder.execute("ROLLBACK")
                assert runner.ends() == 0, runner.output
        assert watcher.execute(PLACE).fetchone()[0] > before
        assert watcher.execute(RUNNERS).fetchone() == (0,)
        user.leaves()
    managed(folder, "replay_projections", "--verify")


COMPLETE_AN_ORDER = """
from uuid import uuid4
from ordering import handling
from ordering.models import Agent
by = handling.Caller(Agent.objects.select_related("customer").get(username="alice"), "console")
order = handling.open_order(by, key=str(uuid4()), items=[("FLR-25", 2)]).stream_id
handling.complete_order(by, order, key=str(uuid4()))
"""

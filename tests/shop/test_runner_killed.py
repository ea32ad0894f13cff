"""`manage.py run_projections`, killed again and again while orders are completed."""

import os
import random
import signal
import subprocess
import time

import pytest

from tests.shop.processes import Running, User, folder_of_its_own, wait_until
from tests.shop.test_replay_killed import connect, manage, managed

KILLS = int(os.environ.get("KILLS", "3"))
AHEAD = 50  # completed orders whose e-mails the runner may still owe

COMPLETE_ORDERS = f"""
import os, time, uuid
from pathlib import Path
os.environ["DJANGO_SETTINGS_MODULE"] = "shop.settings"
import django
django.setup()
from ordering import handling
from ordering.models import Agent

agent = Agent.objects.select_related("customer").get(username="alice")
by = handling.Caller(agent, "console")
key = lambda: str(uuid.uuid4())
sent = lambda: len([*Path(".data/mail").glob("*.eml")])
completed = sent()
print("completing", flush=True)
while not os.path.exists("enough"):
    if completed - sent() >= {AHEAD}:
        time.sleep(0.01)
        continue
    order = handling.open_order(by, key=key(), items=[("FLR-25", 2), ("COF-1", 1)]).stream_id
    handling.complete_order(by, order, key=key())
    completed += 1
"""


@pytest.fixture
def folder(clone):
    """A copy of the clone, whose database stays open."""
    with folder_of_its_own() as path:
        subprocess.run(["cp", "-a", f"{clone}/.", path], check=True)
        with User(path / ".data/postgres") as user:
            user.uses()
            yield path
            user.leaves()


def completed(folder):
    """The completions of orders, as the keys of their e-mails."""
    with connect(folder / ".data/postgres") as connection:
        return {
            f"completion_email-{stream}-{version}"
            for stream, version in connection.execute(
                "SELECT stream_id, version FROM eventstore_event WHERE type = 'OrderCompleted'"
            )
        }


def mails(folder):
    return sorted(path.stem for path in (folder / ".data/mail").glob("*.eml"))


def test_every_row_is_right_and_each_completed_order_has_one_mail(folder):
    chance = random.Random(KILLS)
    with manage(folder, "run_projections"):
        wait_until(lambda: len(mails(folder)) == len(completed(folder)))  # the demo's own
    script = folder / "complete.py"
    script.write_text(COMPLETE_ORDERS)
    with Running(script, cwd=folder, log=folder / "agents.out") as agents:
        agents.says("completing")
        for _ in range(KILLS):
            with manage(folder, "run_projections") as runner:
                before = len(mails(folder))
                # At a random moment of its work, not of its start.
                wait_until(lambda: len(mails(folder)) > before)  # noqa: B023
                time.sleep(chance.random() * 0.2)
                runner.signalled(signal.SIGKILL)
        (folder / "enough").touch()
        assert agents.ends() == 0, agents.output
    managed(folder, "run_projections", "--once")

    assert mails(folder) == sorted(completed(folder))
    managed(folder, "replay_projections", "--verify")
    managed(folder, "replay_projections", "--no-input")
    assert mails(folder) == sorted(completed(folder)), "a replay sends nothing"

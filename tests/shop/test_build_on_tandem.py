"""docs/build-on-tandem.md and docs/two_agents.py do what they say, against the running shop."""

import os
import re
import shutil
import subprocess
import sys
from collections import Counter

import pytest

from tests.shop.processes import ROOT, environment
from tests.shop.test_replay_killed import connect

ROUNDS = int(os.environ.get("ROUNDS", "20"))
DOCS = ROOT / "docs"
MARK = "~~~ the next command ~~~"


def session(text):
    """The commands of the console blocks, each with the output that it is said to have."""
    for block in re.findall(r"```console\n(.*?)```", text, re.DOTALL):
        for command, expected in re.findall(
            r"^\$ (.*(?:\n> .*)*)\n((?:[^$].*\n|\n)*)", block, re.M
        ):
            yield command.replace("\n> ", "\n"), expected.strip()


@pytest.mark.skipif(not shutil.which("curl"), reason="the session is one of curl's: install it")
def test_the_session_says_what_it_is_said_to(served, token):
    said = list(session((DOCS / "build-on-tandem.md").read_text()))
    assert len(said) > 15
    # Where and who is the reader's own.
    commands = [one for one, _ in said if not one.startswith("export ")]
    expected = [output for one, output in said if not one.startswith("export ")]
    script = "".join(f"{command}\necho\necho '{MARK}'\n" for command in commands)
    script = script.replace("http://127.0.0.1:8000", served.home)
    script = script.replace("python docs/", f"{sys.executable} docs/")
    tokens = {"TOKEN": token("alice"), "BOBS_TOKEN": token("bob")}
    ran = subprocess.run(
        ["bash", "-c", script],
        cwd=ROOT,
        env=environment(TANDEM=f"{served.home}/api/v1", **tokens),
        capture_output=True,
        text=True,
    )
    outputs = ran.stdout.split(MARK)[:-1]
    assert len(outputs) == len(expected), ran.stderr
    wrong = [
        f"$ {command}\nexpected {pattern}\nfound    {output}"
        for command, output, pattern in zip(commands, outputs, expected, strict=True)
        if not re.fullmatch(
            ".*?".join(map(re.escape, pattern.split("…"))),
            output.replace("\r", "").strip(),
            re.DOTALL,
        )
    ]
    assert not wrong, "\n".join([*wrong, ran.stderr])


def test_two_agents_lose_nothing(served, token):
    command = [sys.executable, DOCS / "two_agents.py", served.home, token("alice"), token("bob")]
    ran = subprocess.run(
        [*command, "--rounds", str(ROUNDS)], env=environment(), capture_output=True, text=True
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr
    print(ran.stdout)  # noqa: T201  (pytest -s shows the figures)
    order_id = ran.stdout.split()[0]
    with connect(served.clone / ".data/postgres") as connection:
        events = connection.execute(
            "SELECT type, username FROM eventstore_event"
            "  JOIN ordering_agent ON ordering_agent.id = (metadata->>'actor')::bigint"
            " WHERE stream_id = %s",
            [order_id],
        ).fetchall()
    # What was acknowledged is in the store, and nothing else is.
    assert Counter(events) == {
        ("OrderOpened", "alice"): 1,
        ("ItemAdded", "alice"): ROUNDS,
        ("ItemAdded", "bob"): ROUNDS,
        ("DetailsChanged", "alice"): ROUNDS,
        ("DetailsChanged", "bob"): ROUNDS,
        ("OrderCompleted", "bob"): 1,
    }

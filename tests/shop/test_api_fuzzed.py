"""Schemathesis against the running shop: nothing undocumented, and no 5xx, whatever is sent."""

import json
import os
import re
import subprocess
import sys
import urllib.request
import uuid
from pathlib import Path

import pytest

from tests.shop.processes import ROOT, environment

CASES = os.environ.get("CASES", "2")  # of each call and phase, at most
CONFIG = ROOT / "tests/shop/schemathesis.toml"
# As an order's agent the stream does not end; it has a test of its own.
PLANS = {
    "alice": ("--exclude-operation-id", "watch_order"),
    "charlie": (),
    "nobody": (),
}


@pytest.fixture
def fuzz(served, tmp_path):
    """Runs schemathesis; returns how many cases it tried."""

    def fuzz(secret, order_id, *options):
        schemathesis = Path(sys.executable).with_name("schemathesis")
        phases = "examples,fuzzing,stateful" if int(CASES) < 20 else "all"
        command = [schemathesis, "--config-file", CONFIG, "--no-color", "run"]
        command += [f"{served.home}/api/v1/openapi.json", "--max-examples", CASES]
        command += ["--continue-on-failure", "--generation-database", "none"]
        command += [] if phases == "all" else ["--phases", phases]
        command += ["--header", f"Authorization: Bearer {secret}"] if secret else []
        ran = subprocess.run(
            [*map(str, command), *options],
            cwd=tmp_path,
            env=environment(ORDER_ID=order_id),
            capture_output=True,
            text=True,
        )
        assert ran.returncode == 0, ran.stdout + ran.stderr
        return int(re.search(r"(\d+) generated", ran.stdout)[1])

    return fuzz


def test_whoever_asks_whatever_gets_a_documented_answer(served, token, fuzz):
    tokens = {"alice": token("alice"), "charlie": token("charlie"), "nobody": ""}
    bearer = {"Authorization": f"Bearer {tokens['alice']}"}
    request = urllib.request.Request(f"{served.home}/api/v1/orders?status=open", headers=bearer)  # noqa: S310
    with urllib.request.urlopen(request) as answer:  # noqa: S310
        order_id = json.load(answer)["items"][0]["id"]
    tried = {who: fuzz(tokens[who], order_id, *options) for who, options in PLANS.items()}
    watch = ("--include-operation-id", "watch_order")
    tried["alice, watching"] = fuzz(tokens["alice"], str(uuid.uuid4()), *watch)
    print(tried)  # noqa: T201  (pytest -s shows the figures)

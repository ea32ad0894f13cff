"""Programs that call the API, and believe only what was answered.

As a module: `Program`. As a process, many of them at once, who keep what was answered on disk:

    python -m tests.faults.client PLAN

where PLAN is the JSON of a `Plan`. Standard library only, so that many of them cost little.
"""

import http.client
import json
import os
import random
import sys
import threading
import time
import uuid
from dataclasses import dataclass
from pathlib import Path

TIMEOUT = 60.0  # seconds; an answer that takes longer is a fault of its own
PAUSE = 0.05  # seconds before the same is sent again


class Program:
    """`port` and `token` of one agent. `sent` counts requests, `statuses` their answers; 0: none
    came, the connection was lost."""

    def __init__(self, port: int, token: str):
        self.port, self.token = port, token
        self.sent, self.statuses = 0, {}
        self.longest = 0.0  # seconds that one answer took
        self._connection = None

    def asks(self, method: str, path: str, body=None, **headers) -> tuple[int, dict, dict]:
        """One try: the status, the headers and the JSON of its answer."""
        self.sent += 1
        began = time.monotonic()
        kept, answer = self._connection is not None, None
        while answer is None:
            try:
                answer = self._once(method, path, body, headers)
            except (OSError, http.client.HTTPException):
                self.close()
                # One that was kept open may have been closed meanwhile, since nothing was asked.
                answer, kept = (None if kept else (0, {}, {})), False
        self.longest = max(self.longest, time.monotonic() - began)
        self.statuses[answer[0]] = self.statuses.get(answer[0], 0) + 1
        return answer

    def _once(self, method, path, body, headers):
        if self._connection is None:
            self._connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=TIMEOUT)
        sent = {"Authorization": f"Bearer {self.token}", "Content-Type": "application/json"}
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        data = None if body is None else json.dumps(body).encode()
        self._connection.request(method, f"/api/v1/{path}", data, sent | named)
        response = self._connection.getresponse()
        said = response.read()
        return response.status, response.headers, json.loads(said) if said else {}

    def close(self):
        if self._connection is not None:
            self._connection.close()
        self._connection = None

    def insists(self, method: str, path: str, body=None, *, key: str | None = None):
        """Send until it is answered other than by 503, always with the same key."""
        key = key or str(uuid.uuid4())
        while True:
            status, headers, said = self.asks(method, path, body, Idempotency_Key=key)
            if status not in (0, 503):
                return status, headers, said
            time.sleep(PAUSE)

    def opens(self) -> str:
        """The id of a new order."""
        status, _, said = self.insists("POST", "orders", {})
        assert status == 201, (status, said)
        return said["id"]


@dataclass
class Plan:
    """What the agents of one process do: `agents` of them, on `orders`, with `skus`, until they
    have `count` answers (None: for `seconds`). `mixed`: they also set quantities and remove."""

    port: int
    token: str
    log: str
    seed: str
    agents: int
    orders: list[str]
    skus: list[str]
    count: int | None = None
    seconds: float = 0.0
    mixed: bool = False


@dataclass
class Intent:
    """One that was answered. Times in seconds of the machine's clock that never goes back."""

    key: str
    order: str
    kind: str
    sku: str
    quantity: int
    status: int
    etag: int
    began: float
    ended: float


def work(plan: Plan) -> None:
    left, lock = [plan.count], threading.Lock()
    over = time.monotonic() + plan.seconds
    # Line by line, on the disk before the next intent: what is in it was acknowledged.
    log = os.open(plan.log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)

    def may_go_on() -> bool:
        if plan.count is None:
            return time.monotonic() < over
        with lock:
            left[0] -= 1
            return left[0] >= 0

    def agent(number: int) -> None:
        dice = random.Random(f"{plan.seed} {number}")
        program = Program(plan.port, plan.token)
        while may_go_on():
            intent = _intend(program, plan, dice)
            os.write(log, (json.dumps(vars(intent)) + "\n").encode())
            os.fsync(log)
        counted.append((program.sent, program.longest, program.statuses))

    counted: list[tuple] = []
    threads = [threading.Thread(target=agent, args=[number]) for number in range(plan.agents)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(counted) == plan.agents, "an agent failed; see above"
    for sent, longest, statuses in counted:
        told = json.dumps({"sent": sent, "longest": longest, "statuses": statuses})
        sys.stdout.write(f"done {told}\n")


def _intend(program: Program, plan: Plan, dice: random.Random) -> Intent:
    order, sku = dice.choice(plan.orders), dice.choice(plan.skus)
    kind = dice.choice(["add", "add", "set", "remove"]) if plan.mixed else "add"
    quantity = dice.randint(1, 3)
    key = str(uuid.UUID(int=dice.getrandbits(128), version=4))
    began = time.monotonic()
    match kind:
        case "add":
            asked = "POST", f"orders/{order}/items", {"sku": sku, "quantity": quantity}
        case "set":
            asked = "PATCH", f"orders/{order}/items/{sku}", {"quantity": quantity}
        case "remove":
            asked = "DELETE", f"orders/{order}/items/{sku}"
    status, headers, said = program.insists(*asked, key=key)
    ended = time.monotonic()
    if status not in (200, 404) or (status == 404 and kind != "set"):
        raise AssertionError(f"expected 200 for {asked}, found {status}: {said}")
    etag = int(headers["ETag"].strip('"')) if status == 200 else 0
    return Intent(key, order, kind, sku, quantity, status, etag, began, ended)


def acknowledged(log: str) -> list[Intent]:
    """What a log has. A line that was cut off by a crash was not acknowledged to anybody."""
    path = Path(log)
    lines = path.read_text().splitlines(keepends=True) if path.exists() else []
    return [Intent(**json.loads(line)) for line in lines if line.endswith("\n")]


if __name__ == "__main__":
    work(Plan(**json.loads(sys.argv[1])))

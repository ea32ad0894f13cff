"""Two agents fill one order at the same time, and nothing of what either did is lost.

    python two_agents.py http://127.0.0.1:8000 ALICES_TOKEN BOBS_TOKEN --rounds 20

In each round an agent adds an item, which always merges, and counts it in the order's note, which
both write: a change of it that meets one it had not seen is answered with 409. Then the agent looks
at what is there now, and decides again.
"""

import argparse
import re
import time
import uuid
from concurrent.futures import ThreadPoolExecutor

import requests

SKU = "FLR-25"


class Agent:
    def __init__(self, shop: str, name: str, token: str) -> None:
        self.name, self.shop = name, shop
        self.http = requests.Session()
        self.http.headers["Authorization"] = f"Bearer {token}"
        self.order: dict = {}  # as this agent saw it last
        self.requests = self.conflicts = self.counted = 0

    def send(self, method: str, path: str, body: dict | None = None) -> requests.Response:
        """Once, however often it must be sent: the key makes each repetition the same request."""
        headers = {"Idempotency-Key": str(uuid.uuid4())}
        if self.order:
            headers["If-Match"] = f'"{self.order["version"]}"'
        while True:
            self.requests += 1
            try:
                answer = self.http.request(
                    method, f"{self.shop}/api/v1/{path}", json=body, headers=headers, timeout=30
                )
            except requests.ConnectionError:
                time.sleep(1)  # the shop is away; it says no Retry-After
                continue
            if answer.status_code not in (429, 503):
                return answer
            # Too many requests, or the database is away.
            time.sleep(int(answer.headers["Retry-After"]))  # the shop says when to ask again

    def change(self, method: str, path: str, decide) -> None:
        """Send what `decide` makes of the order, until it was made of the order as it is."""
        while True:
            answer = self.send(method, f"orders/{self.order['id']}{path}", decide(self.order))
            told = answer.json()
            if answer.ok:
                self.order = told
                return
            if not told["type"].endswith("/conflict"):
                raise SystemExit(f"{self.name}: {told['title']}: {told['detail']}")
            # Who did what meanwhile is in told["events"]; here what is there now is enough.
            self.conflicts += 1
            self.order = told["current"]

    def work(self, rounds: int) -> None:
        for _ in range(rounds):
            self.change("POST", "/items", lambda order: {"sku": SKU, "quantity": 1})
            self.change("PATCH", "", self.count_one_more)
            self.counted += 1

    def count_one_more(self, order: dict) -> dict:
        counts = {name: int(count) for name, count in re.findall(r"(\w+): (\d+)", order["note"])}
        counts[self.name] = counts.get(self.name, 0) + 1
        return {"note": ", ".join(f"{name}: {count}" for name, count in sorted(counts.items()))}


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("shop")
    parser.add_argument("tokens", nargs=2)
    parser.add_argument("--rounds", type=int, default=20)
    asked = parser.parse_args()

    alice, bob = agents = [
        Agent(asked.shop, name, token)
        for name, token in zip(("alice", "bob"), asked.tokens, strict=True)
    ]
    opened = alice.send("POST", "orders", {"reference": "Two agents"})
    opened.raise_for_status()
    alice.order = bob.order = opened.json()
    with ThreadPoolExecutor() as pool:
        list(pool.map(lambda agent: agent.work(asked.rounds), agents))
    # Completing needs to have seen everything.
    bob.change("POST", "/complete", lambda order: {})

    order = bob.order
    print(f"{order['id']} {order['status']} with {order['lines'][0]['quantity']} x {SKU}")
    print(f"note: {order['note']}")
    sent = sum(agent.requests for agent in agents)
    print(f"{sent} requests, {sum(agent.conflicts for agent in agents)} conflicts followed")
    expected = ", ".join(f"{agent.name}: {agent.counted}" for agent in agents)
    if order["note"] != expected or order["lines"][0]["quantity"] != 2 * asked.rounds:
        raise SystemExit(f"expected the note {expected} and {2 * asked.rounds} x {SKU}")


if __name__ == "__main__":
    main()

"""A shop whose packets to its database vanish: in a network of its own, where that can be had.

    python -m tests.faults.cut_off PLAN

with the JSON of {"folder", "socket", "token", "tries"}. Writes what each try was answered, as JSON.
Nothing is told to either side, as when a cable is pulled: only time shows it.
"""

import json
import os
import random
import subprocess
import sys
import time
from pathlib import Path

from shop.embedded.cluster import DATABASE
from tests.faults.client import Program
from tests.faults.proxy import Fault, Proxy
from tests.faults.server import Web

# Within 127.0.0.0/8, and not what the shop itself listens on.
DATABASE_SIDE = "127.0.0.9"
ROUTE = ("blackhole", f"{DATABASE_SIDE}/32", "table", "local")
FOR_EVER = 3600.0  # seconds
BYTES = 6_000  # about what a command sends and receives


def ip(*arguments: str) -> None:
    subprocess.run(["ip", *arguments], check=True)


def main(folder: str, socket: str, token: str, tries: int, seed: str) -> None:
    users = 0 if os.geteuid() == 0 else os.CLONE_NEWUSER
    os.unshare(os.CLONE_NEWNET | users)
    ip("link", "set", "lo", "up")
    dice = random.Random(seed)
    with Proxy(socket, DATABASE_SIDE) as proxy:
        database = f"postgresql://postgres@{DATABASE_SIDE}:{proxy.port}/{DATABASE}"
        with Web(Path(folder), database, name="cut-off") as web:
            program = Program(web.port, token)
            order = program.opens()
            _, _, products = program.asks("GET", "products?limit=1")
            body = {"sku": products["items"][0]["sku"], "quantity": 1}
            path = f"orders/{order}/items"
            for number in range(tries):
                key, within = f"cut-off-{number}", number % 2 == 1
                if within:  # what comes from the database vanishes, too, from some byte on
                    proxy.arm(Fault("swallow", dice.randrange(BYTES), FOR_EVER))
                ip("route", "add", *ROUTE)
                began = time.monotonic()
                first, _, _ = program.asks("POST", path, body, Idempotency_Key=key)
                took = time.monotonic() - began
                # Before anything could come through again, with a hole in the middle.
                proxy.drops_all()
                proxy.arm(None)
                ip("route", "del", *ROUTE)
                status, _, said = program.insists("POST", path, body, key=key)
                assert status == 200, (number, first, status, said, web.output)
                told = {"first": first, "took": took, "then": status, "version": said["version"]}
                sys.stdout.write(json.dumps(told) + "\n")
                sys.stdout.flush()


if __name__ == "__main__":
    main(**json.loads(sys.argv[1]))

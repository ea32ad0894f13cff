"""The primary dies under load, and a standby takes its place."""

import threading
import time
import uuid
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise

import pytest

from tests.shop.house import House, logged_in, makes_a_token, opens_an_order, rounds
from tests.shop.processes import folder_of_its_own, wait_until
from tests.shop.web import Browser

PROGRAMS = 4
QUORUM = "SELECT count(*) = 2 FROM pg_stat_replication WHERE sync_state = 'quorum'"
CHECKPOINTS = """
SELECT min(position) >= (SELECT max(position) FROM eventstore_event)
  FROM eventstore_checkpoint WHERE kind = 'asynchronous'
"""
OPENED = """
SELECT count(*) FROM eventstore_event
 WHERE type = 'OrderOpened' AND data ->> 'reference' = ANY(%s)
"""


@pytest.fixture
def house(opened_once):
    """Of this test alone, for it is not the same afterwards. A commit is acknowledged when one of
    the standbys has it."""
    with folder_of_its_own() as folder, House(folder, opened_once.path) as house:
        for server in house.servers:
            server.set(synchronous_standby_names="ANY 1 (s0, s1, s2)")
        wait_until(lambda: house.primary.ask(QUORUM))
        yield house


class Programs:
    """Programs that open orders, one after the other, each until it is acknowledged."""

    def __init__(self, port: int, token: str) -> None:
        self.port, self.token = port, token
        self.acknowledged: dict[str, float] = {}  # when
        self.refused: list[tuple[int, str]] = []  # the status, Retry-After
        self.over = threading.Event()

    def work(self) -> None:
        program = Browser(self.port)
        while not self.over.is_set():
            reference = str(uuid.uuid4())
            wait_until(lambda sent=reference: self._opens(program, sent))
            self.acknowledged[reference] = time.monotonic()

    def _opens(self, program: Browser, reference: str) -> bool:
        said = {"Authorization": f"Bearer {self.token}", "Idempotency-Key": reference}
        status, headers, _ = program.sends("/api/v1/orders", {"reference": reference}, **said)
        if status != 201:
            self.refused.append((status, headers["Retry-After"]))
        return status == 201

    def have(self, more: int) -> None:
        """Wait until so many more orders are acknowledged."""
        enough = len(self.acknowledged) + more
        wait_until(lambda: len(self.acknowledged) >= enough)


def test_a_primary_that_dies_loses_nothing_that_was_acknowledged(house):
    with house.host("host", *house.standbys) as host, house.manages("run_projections") as follower:
        alice, bob = (logged_in(host.is_open(), name) for name in ("alice", "bob"))
        programs = Programs(host.port, makes_a_token(alice))
        with (
            bob.listens(f"/live/?since={int(time.time() * 1000)}") as events,
            ThreadPoolExecutor(PROGRAMS) as threads,
        ):
            assert next(events)[0] == "open"
            working = [threads.submit(programs.work) for _ in range(PROGRAMS)]
            try:
                programs.have(rounds(20))
                house.primary.kill()
                before = len(programs.acknowledged)
                house.fail_over()
                programs.have(rounds(20))
            finally:
                programs.over.set()
            for program in working:
                program.result()

            order = opens_an_order(alice, "After all this")
            heard = (data["order"] for name, data in events if name == "version")
            assert any(one in order for one in heard)
        acknowledged = programs.acknowledged
        silence = max(later - at for at, later in pairwise(sorted(acknowledged.values())))
        print(  # noqa: T201  (shown by pytest -s)
            f"{before} acknowledged before and {len(acknowledged) - before} after; "
            f"{len(programs.refused)} answered 503; {silence:.2f} s without an acknowledgement"
        )
        assert {*programs.refused} <= {(503, "5")}
        # Each of them, and once.
        assert house.primary.ask(OPENED, [*acknowledged]) == len(acknowledged)
        assert "After all this" in alice.opens("/orders/")[2]
        wait_until(lambda: house.primary.ask(CHECKPOINTS))
        assert "another cluster" not in follower.output
        assert "Traceback" not in host.output

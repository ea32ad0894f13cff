"""A shop on more than one machine: a primary, two standbys, and web hosts that share them."""

import contextlib
import os
import re
import subprocess
from pathlib import Path

from shop.embedded import cluster, keeper
from tests.shop.processes import QUICK_PASSWORDS, Running
from tests.shop.servers import Server, url_of
from tests.shop.web import Browser, hidden

ASKED = """
SELECT count(*) FROM pg_stat_activity
 WHERE application_name = 'tandem' AND query_start > %s
   AND query ~ 'FROM "?(catalog|ordering|eventstore)_'
"""
SERVE = "-m uvicorn shop.asgi:application --port 0 --timeout-graceful-shutdown 3"


class Host(Running):
    """A web host: pages and streams on a port of its own."""

    def is_open(self) -> "Host":
        self.says("Uvicorn running on ")
        self.port = int(re.search(r"running on http://127\.0\.0\.1:(\d+)", self.output)[1])
        return self


class House:
    """`primary` and `standbys` change places when a standby is promoted."""

    def __init__(self, folder: Path, clone: Path) -> None:
        self.folder, self.clone = folder, clone
        data = clone / ".data/postgres"
        assert keeper.server_of(data) is None, f"{data}: expected a stopped server"
        subprocess.run(["cp", "-a", data, folder / "s0"], check=True)
        cluster.prepare(folder / "s0")  # lets the server's user in
        self.primary = Server(folder / "s0", cluster_name="s0").start()
        self.standbys = [self.primary.standby(folder / name) for name in ("s1", "s2")]

    @property
    def servers(self) -> list[Server]:
        return [self.primary, *self.standbys]

    def host(self, name: str, *standbys: Server) -> Host:
        """A web host that finds the primary wherever it is, and reads these standbys."""
        settings = {"DATABASE_REPLICA_URL": url_of(*standbys)} if standbys else {}
        return self._runs(Host, name, *SERVE.split(), **settings)

    def manages(self, command: str) -> Running:
        """A command of `manage.py` that goes on."""
        return self._runs(Running, command, "-m", "django", command)

    def python(self, code: str, **settings: str) -> Running:
        return self._runs(Running, "code", "-c", code, **settings)

    def _runs(self, kind: type[Running], name: str, *arguments: str, **settings: str):
        # Not in the clone, where other tests see to it that nothing is left running.
        settings |= {"PYTHONPATH": str(self.clone), "LOCAL": "1", **QUICK_PASSWORDS}
        settings["DATABASE_URL"] = self.url
        return kind(*arguments, cwd=self.folder, log=self.folder / f"{name}.log", **settings)

    @property
    def url(self) -> str:
        return url_of(*self.servers, target_session_attrs="read-write")

    @contextlib.contextmanager
    def delayed(self, standby: Server, delay: str):
        """A standby that shows each commit so much later."""
        standby.set(recovery_min_apply_delay=delay)
        try:
            yield
        finally:
            standby.set(recovery_min_apply_delay="0")

    def fail_over(self) -> None:
        """Promote the standby that received most, and let the other one follow it. The old primary
        must be dead."""
        received = "SELECT coalesce(pg_last_wal_receive_lsn(), '0/0') - '0/0'::pg_lsn"
        self.standbys.sort(key=lambda standby: standby.ask(received))
        self.primary, *others = reversed(self.standbys)
        self.primary.promote()
        for other in others:
            other.follow(self.primary)
        self.standbys = others

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for server in self.servers:
            server.stop()


def logged_in(host: Host, name: str) -> Browser:
    browser = Browser(host.port)
    browser.logs_in(name)
    return browser


def opens_an_order(browser: Browser, reference: str = "") -> str:
    """Its address."""
    _, _, page = browser.opens("/orders/")
    status, headers, text = browser.sends_the_form_of(page, "/orders/", reference=reference)
    assert status == 303, text
    return headers["Location"]


def makes_a_token(browser: Browser) -> str:
    _, _, page = browser.opens("/account/")
    form = dict(hidden(page)) | {"name": "A till"}
    _, _, page = browser.opens("/account/", list(form.items()))
    return re.search("tandem_[A-Za-z0-9_-]{43}", page)[0]


def asks(server: Server, request) -> bool:
    """Whether a request asks that server for any of the shop's tables."""
    begun = server.ask("SELECT clock_timestamp()")
    request()
    return server.ask(ASKED, begun) > 0


def rounds(few: int) -> int:
    """ROUNDS=2000 before the command is the long form."""
    return int(os.environ.get("ROUNDS", few))

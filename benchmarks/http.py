"""Pages and calls over HTTP, of the shop as it is deployed: one uvicorn process, no debugging,
static files named by their content. Each client has one connection, which is kept."""

import contextlib
import re
import socket
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import Callable, Iterator
from urllib.parse import urlencode

import psutil

from benchmarks.client import Client
from benchmarks.database import ROOT, environment, fresh, machine, manage, use
from benchmarks.table import OURS, Goal, Table

ROUNDS = 7
REQUESTS = 100  # a sample; of commands, the same in orders of up to LINES lines
LINES = 20
ONE_QUERY = "a Django view of one query, same server"
ALONE = "handle() alone"
FORM = "Tandem's page"
FRAGMENT = f"cart fragment, {LINES} lines"
CHANGED = f"{FRAGMENT}, each after a colleague's change"
PAGES = ("/", "/products/FLR-25/", "/orders/")
# What htmx 4 and a browser send.
BROWSER = {
    "Accept": "text/html",
    "Accept-Encoding": "gzip, deflate, br",
    "Accept-Language": "en-GB,en;q=0.9",
    "User-Agent": "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0",
}


def table() -> Table:
    with fresh() as url, tempfile.TemporaryDirectory(prefix="tandem-") as static:
        settings = {"DJANGO_SETTINGS_MODULE": "benchmarks.settings", "STATIC_ROOT": static}
        for command in (["collectstatic", "--no-input"], ["load_catalog"], ["seed_demo"]):
            manage(*command, "--verbosity", "0", url=url, **settings)
        use(url)
        with served(url, settings) as (address, process):
            found = Table(
                "http",
                "Requests of one client to one server process",
                "requests/s",
                machine=machine(url),
                goals=[
                    Goal(FRAGMENT, ONE_QUERY, at_least=0.5),
                    Goal(CHANGED, ONE_QUERY, at_least=0.5),
                    Goal("adding an item", ALONE, at_least=0.4),
                    Goal("adding an item", ALONE, at_least=0.4, of=FORM),
                ],
            )
            shop = Shop(address, process)
            for number in range(ROUNDS + 1):
                samples = list(shop.round())
                if number:  # the first one warms up
                    for group, contender, sample in samples:
                        found.add(group, contender, sample)
            found.notes += shop.notes()
    return found


@contextlib.contextmanager
def served(url: str, settings: dict[str, str]) -> Iterator[tuple[str, psutil.Process]]:
    """A server process as "Deploying" in the README starts it; yields its address."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    # By its number: uvicorn takes a socket that it is handed for a Unix one, and leaves out
    # TCP_NODELAY, without which each answer waits 40 ms for the client's acknowledgement.
    command = [sys.executable, "-m", "uvicorn", "shop.asgi:application", "--port", str(port)]
    command += ["--log-level", "warning", "--no-access-log"]
    process = subprocess.Popen(command, cwd=ROOT, env=environment(url, **settings))
    try:
        while process.poll() is None:
            with contextlib.suppress(ConnectionRefusedError):
                socket.create_connection(("127.0.0.1", port)).close()
                break
            time.sleep(0.1)  # it is starting, and says nothing when it is ready
        yield f"http://127.0.0.1:{port}", psutil.Process(process.pid)
    finally:
        process.terminate()
        process.wait()


class Shop:
    def __init__(self, address: str, process: psutil.Process) -> None:
        from django.test import Client as Visitor

        from catalog.models import Product
        from ordering.api.models import ApiToken
        from ordering.models import Agent

        self.address, self.process = address, process
        self.alice, self.bob = (Agent.objects.get(username=name) for name in ("alice", "bob"))
        products = Product.objects.filter(active=True).order_by("sku")
        self.skus = list(products.values_list("sku", flat=True)[:LINES])
        visitor = Visitor()
        visitor.force_login(self.alice)
        cookies = f"sessionid={visitor.cookies['sessionid'].value}"
        self.cart = self.opened(self.alice, LINES)
        page = Client(address, BROWSER | {"Cookie": cookies}).get(
            f"/orders/{self.cart}/", Accept_Encoding="identity"
        )
        csrf = re.search(rb"csrftoken=(\w+)", page)[1].decode()
        self.token = re.search(rb'name="csrfmiddlewaretoken" value="(\w+)"', page)[1].decode()
        self.browser = Client(address, BROWSER | {"Cookie": f"{cookies}; csrftoken={csrf}"})
        _, secret = ApiToken.make(self.alice, "benchmark")
        self.program = Client(address, {"Authorization": f"Bearer {secret}"})
        self.seen, self.turn = LINES + 1, 0
        self.costs: dict[str, tuple[float, int]] = {}

    def opened(self, agent, lines: int) -> uuid.UUID:
        from ordering import handling

        items = [(sku, 1) for sku in self.skus[:lines]]
        by = handling.Caller(agent, "web", "benchmark")
        return handling.open_order(by, key=str(uuid.uuid4()), items=items).stream_id

    def round(self) -> Iterator[tuple[str, str, float]]:
        """(group, contender, requests/s)"""
        self.cart, self.seen = self.opened(self.alice, LINES), LINES + 1
        one_query = self.browser.request("GET", f"/one-query/{self.skus[0]}/")
        for group in (FRAGMENT, CHANGED):
            yield group, ONE_QUERY, self.rate(ONE_QUERY, lambda: self.browser.answer(one_query))
            change = self.colleagues_change if group == CHANGED else None
            yield group, OURS, self.rate(group, self.fragment, before=change)
        add = "adding an item"
        yield add, ALONE, self.adding(ALONE, self.add_alone)
        yield add, OURS, self.adding("adding an item, API", self.add_by_api)
        yield add, FORM, self.adding("adding an item, page", self.add_by_form)
        for page in (*PAGES, f"/orders/{self.cart}/"):
            request = self.browser.request("GET", page)
            name = page.replace(str(self.cart), "<id>")
            rate = self.rate(name, lambda request=request: self.browser.answer(request), of=40)
            yield f"page {name}", OURS, rate

    def rate(
        self,
        name: str,
        request: Callable[[], object],
        *,
        before: Callable[[], object] | None = None,
        of: int = 0,
    ) -> float:
        """How many a second; what is done `before` each of them is not timed."""
        for client in (self.browser, self.program):
            client.again()
        of, spent, cpu = of or REQUESTS, 0.0, self._cpu()
        for _ in range(of):
            if before:
                before()
            begun = time.perf_counter()
            request()
            spent += time.perf_counter() - begun
        self.costs[name] = ((self._cpu() - cpu) / of * 1000, of)
        return of / spent

    def _cpu(self) -> float:
        times = self.process.cpu_times()
        return times.user + times.system

    def fragment(self) -> None:
        """What parts.js asks for when a stream tells it of a change."""
        path = f"/orders/{self.cart}/"
        request = self.browser.request(
            "GET",
            f"{path}?since={self.seen}",
            HX_Request="true",
            HX_Request_Type="partial",
            HX_Current_URL=self.address + path,
        )
        self.browser.answer(request)

    def colleagues_change(self) -> None:
        from ordering import handling

        self.turn += 1
        by = handling.Caller(self.bob, "web", "benchmark")
        sku, quantity = self.skus[self.turn % LINES], 2 + self.turn % 97
        outcome = handling.change_quantity(by, self.cart, sku, quantity, key=str(uuid.uuid4()))
        self.seen = outcome.version - 1

    def adding(self, name: str, add: Callable[[str], object]) -> float:
        """Each order from none to LINES lines."""
        turn = 0

        def another() -> None:
            nonlocal turn
            if turn % LINES == 0:
                self.order = self.opened(self.alice, 0)
            turn += 1

        return self.rate(name, lambda: add(self.skus[turn % LINES]), before=another)

    def add_alone(self, sku: str) -> None:
        from ordering import handling

        by = handling.Caller(self.alice, "api", "benchmark")
        handling.add_items(by, self.order, [(sku, 2)], key=str(uuid.uuid4()))

    def add_by_api(self, sku: str) -> None:
        self.program.answer(
            self.program.request(
                "POST",
                f"/api/v1/orders/{self.order}/items",
                b'{"sku":"%s","quantity":2}' % sku.encode(),
                Content_Type="application/json",
                Idempotency_Key=str(uuid.uuid4()),
            )
        )

    def add_by_form(self, sku: str) -> None:
        path = f"/orders/{self.order}/"
        typed = {
            "csrfmiddlewaretoken": self.token,
            "command_id": str(uuid.uuid4()),
            "seen": "1",
            "sku": sku,
            "quantity": "2",
        }
        self.browser.answer(
            self.browser.request(
                "POST",
                f"{path}items/",
                urlencode(typed).encode(),
                Content_Type="application/x-www-form-urlencoded",
                HX_Request="true",
                HX_Request_Type="partial",
                HX_Current_URL=self.address + path,
                Origin=self.address,
            )
        )

    def notes(self) -> list[str]:
        return [
            f"processor time of the server, {name}: {spent:.2f} ms a request"
            for name, (spent, _) in self.costs.items()
        ]

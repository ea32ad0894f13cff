"""What a browser has to do for a page: largest paint, layout shift, bytes and requests, beside a
bare page of the same server. On a desk as it is, and on a phone with a slow connection (1.6 Mbit/s,
150 ms there and back) and a quarter of the processor, as Lighthouse has it."""

import itertools
import shutil

from playwright.sync_api import Page, sync_playwright

from benchmarks.database import machine
from benchmarks.served import demo
from benchmarks.table import OURS, Table

RUNS = 5
BROWSERS = ("chromium", "google-chrome", "chromium-headless-shell")
QUIET = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--disable-background-networking"]
DESK = {"viewport": {"width": 1280, "height": 900}}
PHONE = {"viewport": {"width": 390, "height": 844}, "device_scale_factor": 2, "is_mobile": True}
SLOW = {"offline": False, "latency": 150, "downloadThroughput": 200_000, "uploadThroughput": 94_000}
DEVICES = {"desk": DESK, "phone": PHONE}
BARE = "bare page of the same server"
LINES = 20

OBSERVE = """
window.seen = {paint: 0, shift: 0, all: 0};
new PerformanceObserver((list) => {
  for (const entry of list.getEntries()) seen.paint = entry.startTime;
}).observe({type: "largest-contentful-paint", buffered: true});
new PerformanceObserver((list) => {
  for (const entry of list.getEntries()) if (!entry.hadRecentInput) seen.shift += entry.value;
}).observe({type: "layout-shift", buffered: true});
"""


def table() -> Table:
    """RUNS runs, the pages taken in turns, each in a browser that knows nothing yet."""
    with demo() as (address, url), sync_playwright() as playwright:
        path = next(filter(None, map(shutil.which, BROWSERS)), None)
        browser = playwright.chromium.launch(executable_path=path, args=QUIET)
        state, order = _prepared(browser, address)
        pages = {
            "catalog": "/",
            "product": "/products/FLR-25/",
            f"cart, {LINES} lines": order,
        }
        found = Table(
            "pages",
            "Opening a page until its largest paint, in a browser that knows nothing yet",
            "ms",
            machine=f"{machine(url)}, Chromium {browser.version}",
        )
        costs = {}
        for _, (name, page), device in itertools.product(range(RUNS), pages.items(), DEVICES):
            group = f"{name}, {device}"
            bare, _ = _measured(browser, f"{address}/bare/", state, device)
            paint, costs[group] = _measured(browser, address + page, state, device)
            found.add(group, BARE, bare)
            found.add(group, OURS, paint)
        found.notes += [
            f"{group}: layout shift {shift:.2f}, {size / 1024:.1f} KiB, {requests} requests"
            for group, (shift, size, requests) in costs.items()
        ]
        moved = _moved_by_a_colleague(browser, address + order, state)
        found.notes += [
            f"layout shift after a colleague {what}: {shift:.2f}" for what, shift in moved
        ]
        browser.close()
    return found


def _log_in(context, address, agent) -> Page:
    page = context.new_page()
    page.goto(f"{address}/login/")
    page.fill("[name=username]", agent)
    page.fill("[name=password]", "demo")
    page.press("[name=password]", "Enter")
    page.wait_for_url(f"{address}/")
    return page


def _prepared(browser, address) -> tuple[dict[str, dict], str]:
    """What keeps each agent logged in, and the path of alice's order."""
    contexts = {name: browser.new_context() for name in ("alice", "bob")}
    pages = {name: _log_in(context, address, name) for name, context in contexts.items()}
    page = pages["alice"]
    skus = [
        one.get_attribute("id").removeprefix("product-")
        for one in page.locator("[id^=product-]").all()[:LINES]
    ]
    page.goto(f"{address}/quick-order/")
    page.locator("main textarea").first.fill("\n".join(f"{sku} 2" for sku in skus))
    page.locator("main form [type=submit]:visible").first.click()
    page.locator("[name=add]").first.click()
    page.wait_for_url("**/orders/*-*/")
    order = page.url.removeprefix(address)
    state = {name: context.storage_state() for name, context in contexts.items()}
    for context in contexts.values():
        context.close()
    return state, order


def _measured(browser, url, state, device) -> tuple[float, tuple[float, int, int]]:
    """Largest paint in ms of opening the page, and its (layout shift, bytes, requests)."""
    context = browser.new_context(storage_state=state["alice"], **DEVICES[device])
    page = context.new_page()
    wire = context.new_cdp_session(page)
    wire.send("Network.enable")
    if device == "phone":
        wire.send("Network.emulateNetworkConditions", SLOW)
        wire.send("Emulation.setCPUThrottlingRate", {"rate": 4})
    size, requests = 0, 0

    def loaded(event):
        nonlocal size
        size += event["encodedDataLength"]

    def asked(event):
        nonlocal requests
        requests += event["request"]["method"] == "GET"

    wire.on("Network.loadingFinished", loaded)
    wire.on("Network.requestWillBeSent", asked)
    page.add_init_script(OBSERVE)
    page.goto(url, wait_until="load")
    page.wait_for_timeout(500)  # the largest paint may come after loading
    seen = page.evaluate("window.seen")
    context.close()
    return seen["paint"], (seen["shift"], size, requests)


def _moved_by_a_colleague(browser, url, state) -> list[tuple[str, float]]:
    """How much alice's page moved with each thing that bob did, on the worse of both devices."""
    shifts = {}
    for options in DEVICES.values():
        mine = browser.new_context(storage_state=state["alice"], **options)
        colleagues = browser.new_context(storage_state=state["bob"])
        alice, bob = mine.new_page(), colleagues.new_page()
        alice.add_init_script(OBSERVE)
        alice.goto(url)
        bob.goto(url)
        alice.locator("html[data-stream=on]").wait_for()
        line = bob.locator("tr[id^=line-]").nth(2).get_attribute("id")
        for what, button in (
            ("changed a quantity", f"#{line} .more"),
            ("removed a line", f"#{line} .cell-remove button"),
            ("undid it", ".toast-undo"),
        ):
            before = alice.evaluate("window.seen.shift")
            news = alice.locator("#toasts .toast-quiet")
            had = news.count()
            bob.locator(button).last.click()
            news.nth(had).wait_for()
            alice.wait_for_timeout(300)  # what moves late
            shift = alice.evaluate("window.seen.shift") - before
            shifts[what] = max(shift, shifts.get(what, 0))
        mine.close()
        colleagues.close()
    return list(shifts.items())

"""The server, and the database, are killed and come back while pages are open."""

import contextlib
import signal

import pytest
from playwright.sync_api import expect

from shop import embedded
from tests.browser.conftest import SIZES
from tests.browser.fields import is_connected, quantity, set_quantity
from tests.browser.test_journey import log_in
from tests.shop.processes import demo, start_again

AFTER_A_RESTART = 60_000  # ms; the pages' pauses between two tries grow


@pytest.fixture
def pages(chromium, clone):
    """Alice and Bob with "Friday dinner" open in a demo, and the demo's port."""

    @contextlib.contextmanager
    def pages(port):
        home = f"http://127.0.0.1:{port}"
        with contextlib.ExitStack() as stack:
            opened = []
            for name in ("alice", "bob"):
                context = chromium.new_context(viewport=SIZES["desktop"], base_url=home)
                stack.callback(context.close)
                page = context.new_page()
                page.goto("/login/?next=/orders/")
                log_in(page, name)
                page.get_by_role("link", name="Friday dinner").click()
                is_connected(page)
                opened.append(page)
            yield opened

    return pages


def test_both_pages_catch_up_after_the_server_was_killed_also_one_that_was_cut_off_before(
    pages, clone
):
    with demo(clone, port=0) as first:
        port = first.is_open()
        with pages(port) as (alice, bob):
            alice.evaluate("stream.over = true; stream.stop.abort()")  # Alice hears nothing
            set_quantity(bob, "PEA-FZ", 9)
            expect(bob.locator("#line-PEA-FZ")).to_have_attribute("data-quantity", "9")
            expect(quantity(alice, "PEA-FZ")).not_to_have_value("9")
            first.signalled(signal.SIGKILL)
            alice.evaluate("stream.over = false; listen()")
            for page in (alice, bob):
                expect(page.get_by_text("No connection to the shop")).to_be_visible()
            with demo(clone, port=port) as second:
                second.is_open()
                for page in (alice, bob):
                    expect(page.locator("html")).to_have_attribute(
                        "data-stream", "on", timeout=AFTER_A_RESTART
                    )
                expect(quantity(alice, "PEA-FZ")).to_have_value("9", timeout=AFTER_A_RESTART)
                set_quantity(bob, "COD-FI", 8)
                expect(quantity(alice, "COD-FI")).to_have_value("8")
                assert second.signalled(signal.SIGINT) == 0


def test_both_pages_catch_up_after_the_database_was_stopped(pages, clone):
    pgdata = clone / ".data/postgres"
    with demo(clone, port=0) as shop:
        with pages(shop.is_open()) as (alice, bob):
            embedded.stop(pgdata)
            set_quantity(bob, "POT-10", 7)
            expect(bob.get_by_role("status")).to_contain_text("The database is away")
            expect(quantity(bob, "POT-10")).to_have_value("7")
            start_again(pgdata)

            quantity(bob, "POT-10").press("Enter")

            expect(bob.locator("#line-POT-10")).to_contain_text("€62.30")
            expect(quantity(alice, "POT-10")).to_have_value("7", timeout=AFTER_A_RESTART)
        assert shop.signalled(signal.SIGINT) == 0
        assert "Traceback" not in shop.output

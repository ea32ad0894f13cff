"""An open page that hears of a change, and is asked of a standby that has not seen it yet."""

from playwright.sync_api import expect

from tests.browser.conftest import SIZES
from tests.browser.fields import is_connected
from tests.browser.test_journey import log_in
from tests.shop.house import asks, logged_in, opens_an_order
from tests.shop.processes import wait_until


def test_a_list_shows_what_it_hears_of_though_the_standby_is_late(chromium, house, hosts):
    standby, home = house.standbys[0], f"http://127.0.0.1:{hosts[0].port}"
    alice = logged_in(hosts[0], "alice")
    wait_until(lambda: asks(standby, lambda: alice.opens("/orders/")))
    window = chromium.new_context(viewport=SIZES["desktop"], base_url=home)
    page = window.new_page()
    page.goto("/login/?next=/orders/")
    log_in(page, "bob")
    is_connected(page)
    with house.delayed(standby, "200ms"):
        opens_an_order(alice, "Late on the standby")
        expect(page.locator("#orders-list")).to_contain_text("Late on the standby")
    window.close()

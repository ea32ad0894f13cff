import pytest
from playwright.sync_api import expect

from eventstore.runner import Runner
from ordering import handling
from tests.browser.conftest import SIZES


@pytest.mark.parametrize("size", SIZES)
def test_what_the_team_orders_often_is_one_click_away(size, open_browser, by, order_id, fits):
    handling.complete_order(by("bob"), order_id, key="complete")
    Runner().catch_up()

    with open_browser("alice", size) as page:
        section = page.get_by_role("region", name="Your team orders often")
        expect(section.get_by_role("listitem")).to_have_count(2)
        fits(page)
        flour, coffee = page.locator("#often-FLR-25"), page.locator("#often-COF-1")
        flour.get_by_role("button", name="Add").click()
        # Her current order was completed: she says where it goes.
        flour.get_by_role("button", name="new order").click()
        expect(flour.locator(".in-order")).to_contain_text("1 in HC-")
        open_browser.complaints.clear()  # the browser's own word for the 409
        coffee.get_by_role("button", name="Add").click()
        expect(coffee.locator(".in-order")).to_contain_text("1 in HC-")

        section.get_by_role("link", name="All 2").click()

        expect(page.get_by_role("heading", level=1)).to_have_text("Your team orders often")
        expect(page).to_have_url("/?shelf=often")
        fits(page)

"""The order's page under the hands of an agent: what shows at once, what is taken back, where the
focus goes, and that nothing moves when a colleague changes something."""

import pytest
from playwright.sync_api import expect

from catalog.models import Product
from ordering import handling

# Layout shifts that no press or key of the agent is to blame for, with what was moved.
COUNT_SHIFTS = """
window.shifts = [];
new PerformanceObserver((list) => {
  for (const { value, hadRecentInput, sources } of list.getEntries()) {
    const moved = sources.map(({ node }) => node?.className || node?.nodeName);
    if (!hadRecentInput) window.shifts.push([value, moved]);
  }
}).observe({ type: "layout-shift" });
"""


@pytest.fixture
def full_order(by, order_id):
    """Alice's order with twenty lines."""
    skus = Product.objects.exclude(sku__in=["FLR-25", "COF-1"]).values_list("sku", flat=True)
    handling.add_items(by("alice"), order_id, [(sku, 2) for sku in skus[:18]], key="more")
    return order_id


@pytest.fixture
def held_back():
    """Holds what matches until it is let go: a shop that is slow, for as long as the test wants."""

    class HeldBack:
        def __init__(self, page, pattern):
            self.routes = []
            page.route(pattern, lambda route: self.routes.append(route))

        def let_go(self):
            for route in self.routes:
                route.continue_()

    return HeldBack


def test_sums_show_before_the_shop_has_answered(open_browser, order_id, held_back):
    with open_browser("alice") as page:
        page.goto(f"/orders/{order_id}/")
        shop = held_back(page, "**/items/FLR-25/")
        line, total = page.locator("#line-FLR-25"), page.get_by_role("region", name="Total")

        with page.expect_request("**/items/FLR-25/"):
            page.get_by_role("button", name="One more: Plain wheat flour").click()
        expect(line).to_contain_text("€59.40")
        expect(total).to_contain_text("€74.30")
        expect(page.locator("#current-order > summary")).to_contain_text("€74.30")
        expect(line).to_have_attribute("data-unsaved", "")

        shop.let_go()
        expect(line).not_to_have_attribute("data-unsaved", "")
        expect(line).to_contain_text("€59.40")
        expect(total).to_contain_text("€74.30")


@pytest.mark.parametrize("size", ["desktop", "phone"])
def test_sums_that_did_not_come_about_are_taken_back_where_it_shows(size, open_browser, order_id):
    with open_browser("alice", size=size) as page:
        page.goto(f"/orders/{order_id}/")
        line, total = page.locator("#line-FLR-25"), page.get_by_role("region", name="Total")
        page.route("**/items/FLR-25/", lambda route: route.abort())
        page.get_by_role("button", name="One more: Plain wheat flour").click()

        expect(page.get_by_role("status")).to_contain_text("there is no connection")
        expect(line).to_contain_text("€39.60")
        expect(total).to_contain_text("€54.50")
        expect(line).to_have_class("taken-back")
        expect(page.locator("#quantity-FLR-25")).to_have_value("3")
        page.unroute("**/items/FLR-25/")
        open_browser.complaints.clear()  # the browser's own word for it

        page.locator("#quantity-FLR-25").press("Enter")
        expect(line).to_contain_text("€59.40")
        expect(line).not_to_have_attribute("data-unsaved", "")


def test_sums_that_a_colleague_was_quicker_than_are_taken_back(open_browser, order_id, by):
    with open_browser("alice") as page:
        page.route("**/live/*", lambda route: route.abort())
        page.goto(f"/orders/{order_id}/")
        open_browser.complaints.clear()  # of the live page, which is to hear of nothing
        handling.change_quantity(by("bob"), order_id, "FLR-25", 7, key="bob")
        page.get_by_role("button", name="One more: Plain wheat flour").click()

        expect(page.get_by_role("alert")).to_contain_text("Bob")
        expect(page.locator("#line-FLR-25")).to_contain_text("€138.60")
        expect(page.locator("#line-FLR-25")).not_to_have_attribute("data-unsaved", "")
        expect(page.get_by_role("region", name="Total")).to_contain_text("€153.50")
        open_browser.complaints.clear()  # the browser's own word for the 409


@pytest.mark.parametrize("size", ["desktop", "phone"])
def test_nothing_moves_when_a_colleague_changes_adds_or_removes(size, open_browser, full_order, by):
    new = Product.objects.last().sku
    with open_browser("alice", size=size) as page:
        page.goto(f"/orders/{full_order}/")
        expect(page.locator("html")).to_have_attribute("data-stream", "on")
        page.evaluate(COUNT_SHIFTS)

        handling.change_quantity(by("bob"), full_order, "FLR-25", 7, key="change")
        expect(page.locator("#quantity-FLR-25")).to_have_value("7")
        handling.add_items(by("bob"), full_order, [(new, 1)], key="add")
        expect(page.locator(f"#line-{new}")).to_be_attached()
        handling.remove_item(by("bob"), full_order, "COF-1", key="remove")
        gone = page.locator("#gone-COF-1")
        expect(gone).to_have_class("gone")
        expect(gone).to_contain_text("Removed")
        expect(gone.get_by_role("textbox")).to_have_count(0)
        handling.add_items(by("bob"), full_order, [("COF-1", 1)], key="again")
        expect(page.locator("#line-COF-1")).to_be_attached()
        expect(gone).to_have_class("gone")
        shifts = page.evaluate("window.shifts")
        # A sum ends where it ended, so a longer one begins elsewhere; that is all.
        assert {one for _, moved in shifts for one in moved} <= {"#text"}, shifts
        assert f"{sum(shift for shift, _ in shifts):.2f}" == "0.00"

        page.get_by_role("heading", level=1).click()
        expect(gone).to_have_count(0)
        expect(page.get_by_role("row")).to_have_count(22)  # its head, and 21 lines


def test_the_focus_goes_on_from_where_it_was(open_browser, full_order):
    with open_browser("alice") as page:
        page.goto(f"/orders/{full_order}/")
        second = page.get_by_role("row").nth(3)
        name = second.get_by_role("link").inner_text()

        page.get_by_role("button", name="Remove House espresso").focus()
        page.keyboard.press("Enter")
        expect(page.locator("#line-COF-1")).to_have_count(0)
        expect(page.get_by_role("button", name=f"Remove {name}")).to_be_focused()

        page.get_by_role("button", name="Undo").focus()
        page.keyboard.press("Enter")
        expect(page.locator("#line-COF-1")).to_be_visible()
        expect(page.get_by_role("heading", level=1)).to_be_focused()

        page.get_by_role("button", name="Complete order").focus()
        page.keyboard.press("Enter")
        expect(page.get_by_text("Alice completed this order")).to_be_visible()
        expect(page.get_by_role("heading", level=1)).to_be_focused()
        page.get_by_role("button", name="Dismiss").focus()
        page.keyboard.press("Enter")
        expect(page.locator("#main")).not_to_have_text("Order completed. Thank you!")
        assert page.evaluate("document.activeElement !== document.body")

"""The whole journey of an order, with JavaScript and without, at a desk and on a phone."""

import pytest
from playwright.sync_api import expect


def log_in(page, agent):
    page.get_by_label("Username").fill(agent)
    page.get_by_label("Password").fill("demo")
    page.get_by_role("button", name="Log in").click()


def find_and_add(page, what, sku, quantity="1"):
    page.get_by_role("searchbox", name="Search products").fill(what)
    page.keyboard.press("Enter")
    card = page.locator(f"#product-{sku}")
    card.get_by_label("Quantity of").fill(quantity)
    card.get_by_role("button", name="Add ").click()
    expect(page.get_by_role("status")).to_contain_text(f"Added {quantity} ×")


@pytest.mark.parametrize("size", ["desktop", "phone"])
@pytest.mark.parametrize("javascript", [True, False], ids=["javascript", "plain"])
def test_alice_orders_bob_sees_it_and_charlie_does_not(javascript, size, open_browser, fits):
    options = {"size": size, "java_script_enabled": javascript}
    with open_browser(**options) as page:
        log_in(page, "alice")
        find_and_add(page, "cofee beans", "COF-1")
        expect(page.get_by_text("Showing results for")).to_be_visible()
        find_and_add(page, "flour 25", "FLR-25", "3")
        find_and_add(page, "oat milk", "OTM-6")

        page.locator("#current-order > summary").click()
        page.get_by_role("link", name="View order").click()
        page.wait_for_url("**/orders/*-*/")
        fits(page)
        order = page.url
        total = page.get_by_role("region", name="Total")
        flour = page.get_by_role("row").filter(has_text="FLR-25")
        quantity = flour.get_by_label("Quantity of")
        quantity.fill("5")
        quantity.press("Enter")
        expect(flour).to_contain_text("€99.00")

        page.get_by_role("row").filter(has_text="COF-1").get_by_label("Remove").click()
        expect(page.get_by_role("row").filter(has_text="COF-1")).to_have_count(0)

        page.get_by_label("Reference").fill("Saturday breakfast")
        page.get_by_label("Note").fill("Back gate, ring twice")
        page.get_by_role("button", name="Save").click()
        expect(page.locator(".reference")).to_have_text("Saturday breakfast")

        total.get_by_role("button", name="Complete order").click()
        expect(page.get_by_text("Alice completed this order")).to_be_visible()
        expect(page.get_by_text("Back gate, ring twice")).to_be_visible()
        fits(page)

    with open_browser("bob", **options) as page:
        page.goto("/orders/?status=completed")
        page.get_by_role("link", name="Saturday breakfast").click()
        expect(page).to_have_url(order)
        expect(page.get_by_text("Alice completed this order")).to_be_visible()
        page.get_by_role("link", name="Who did what").click()
        expect(page.get_by_text("set Plain wheat flour, 25 kg sack, from 3 to 5")).to_be_visible()

    with open_browser("charlie", **options) as page:
        assert page.goto(order).status == 404
        expect(page.get_by_role("heading", name="There is nothing here")).to_be_visible()
        open_browser.complaints.clear()  # the browser's own word for the 404

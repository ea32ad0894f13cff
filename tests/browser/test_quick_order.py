"""Pasting a list in a browser: in place with JavaScript, and the same without."""

import pytest
from playwright.sync_api import expect

LIST = "Hi Bob,\n4 x FLR-25\nflr25: 3\n2x oat milk\nFLR-26 2\nThanks!"


@pytest.mark.parametrize(
    ("size", "javascript"), [("desktop", True), ("phone", False)], ids=["desktop", "phone, plain"]
)
def test_a_pasted_list_is_checked_corrected_and_added(
    size, javascript, open_browser, order_id, fits
):
    with open_browser(
        "alice", size=size, path="/quick-order/", java_script_enabled=javascript
    ) as page:
        box = page.get_by_role("textbox", name="Lines")
        page.get_by_role("textbox", name="Paste lines").fill(LIST)
        page.get_by_role("button", name="Check").click()

        found = page.get_by_role("heading", name="2 products found, 1 line to correct")
        expect(found).to_be_focused()
        expect(box).to_have_value("FLR-26 2")
        expect(page.get_by_role("row").filter(has_text="OTM-6")).to_contain_text("Matched by name")
        fits(page)

        flour = page.get_by_role("row").filter(has_text="FLR-25")
        if javascript:
            flour.get_by_role("button", name="One more").click()
        else:
            flour.get_by_label("Quantity of").fill("8")
            page.get_by_role("button", name="Update the total").click()
        expect(flour).to_contain_text("€158.40")
        expect(box).to_have_value("FLR-26 2")

        box.fill("FLR-5 2")
        page.get_by_role("button", name="Check").click()
        expect(page.get_by_role("heading", name="3 products found")).to_be_focused()
        expect(flour.get_by_label("Quantity of")).to_have_value("8")
        page.get_by_role("button", name="Add 3 products to HC-").click()

        page.wait_for_url(f"**/orders/{order_id}/")
        expect(page.get_by_text("Added 3 products.")).to_be_visible()
        line = page.locator("#line-FLR-25")
        expect(line.get_by_label("Quantity of")).to_have_value("10")

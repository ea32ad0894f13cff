"""Searching while one types: what is offered below the field, and the keys that work with it."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from ordering import handling
from ordering.models import OrderLine

AXE = {"resultTypes": ["violations"]}


def violations(page):
    found = Axe().run(page, options=AXE).response["violations"]
    return [f"{rule['id']}: {node['html']}" for rule in found for node in rule["nodes"]]


@pytest.mark.parametrize("size", ["desktop", "phone"])
def test_products_are_found_and_added_by_the_keyboard_from_any_page(
    size, open_browser, order_id, fits
):
    with open_browser("alice", size, f"/orders/{order_id}/", reduced_motion="reduce") as page:
        note = page.get_by_label("Note")
        note.focus()
        page.keyboard.press("/")  # a character of the note
        expect(note).to_have_value("/")
        note.fill("")
        page.locator(".crumbs a").focus()
        page.keyboard.press("/")
        field = page.locator("#q")
        expect(field).to_be_focused()

        page.keyboard.type("espreso")
        options = page.get_by_role("option")
        expect(options.first).to_contain_text("House espresso coffee beans")
        expect(options.first.locator("mark").first).to_have_text("espresso")
        expect(options.first).to_contain_text("in order: 1")
        expect(options.last).to_have_text("All results for “espresso”")
        fits(page)
        assert violations(page) == []

        for _ in range(2):
            page.keyboard.press("ArrowDown")
        page.keyboard.press("ArrowUp")
        expect(options.first).to_have_attribute("aria-selected", "true")
        page.keyboard.press("Enter")
        expect(options.first).to_contain_text("in order: 2")
        page.keyboard.press("Enter")
        expect(options.first).to_contain_text("in order: 3")
        expect(page.locator("#toasts")).to_contain_text("Added 1 × House espresso coffee beans")
        expect(page.locator("#current-order > summary")).to_contain_text("€84.30")
        expect(page.locator("#line-COF-1")).to_contain_text("€44.70")
        expect(field).to_be_focused()
        expect(field).to_have_value("espreso")

        page.keyboard.press("Escape")
        expect(options).to_have_count(0)
        expect(field).to_have_value("espreso")
        page.keyboard.press("Escape")
        expect(page.locator(".crumbs a")).to_be_focused()
    assert OrderLine.objects.get(order_id=order_id, sku="COF-1").quantity == 3


def test_the_field_and_the_results_agree_wherever_history_leads(open_browser, order_id, by):
    with open_browser("alice") as page:
        field, heading = page.locator("#q"), page.get_by_role("heading", level=1)
        field.press_sequentially("flour")
        expect(page.get_by_role("option").first).to_be_visible()
        page.keyboard.press("Enter")  # nothing chosen: the page of results
        expect(heading).to_have_text("“flour”")
        expect(page).to_have_url("/?q=flour")

        page.get_by_role("link", name="Flour & grain").click()
        expect(page).to_have_url("/?q=flour&category=flour-grain")
        expect(page.locator("#aisle-flour-grain")).to_be_focused()
        page.get_by_role("link", name="Remove the filter: “flour”").click()
        expect(heading).to_have_text("Flour & grain")
        expect(heading).to_be_focused()
        expect(field).to_have_value("")

        for go, q in [(page.go_back, "flour"), (page.go_back, "flour"), (page.go_back, "")]:
            go()
            expect(field).to_have_value(q)
        expect(page).to_have_url("/")
        page.go_forward()
        expect(heading).to_have_text("“flour”")
        page.reload()
        expect(field).to_have_value("flour")

        # What was typed over it is searched for by nobody, and Ctrl+Enter opens a product.
        field.fill("oat milk")
        page.keyboard.press("ArrowDown")
        expect(page.get_by_role("option").first).to_contain_text("oat drink")
        page.keyboard.press("ArrowDown")
        page.keyboard.press("Control+Enter")
        page.wait_for_url("**/products/OTM-6/")
        page.go_back()
        expect(heading).to_have_text("“flour”")
        expect(field).to_have_value("flour")

        # A card and an option of one product say the same; what cannot be added says why.
        field.fill("flour 25")
        card = page.locator("#product-FLR-25")
        option = page.locator("#suggestion-FLR-25")
        expect(card.locator(".in-order")).to_contain_text("2 in HC-")
        option.locator("[data-add]").click()
        expect(card.locator(".in-order")).to_contain_text("3 in HC-")
        expect(option).to_contain_text("in order: 3")
        handling.complete_order(by("bob"), order_id, key="done")
        page.keyboard.press("Enter")
        expect(page.locator("#suggestion-adding")).to_contain_text("Bob completed HC-")
        open_browser.complaints.clear()  # the browser's own word for the 409
        page.keyboard.press("Enter")
        expect(page.locator("#toasts")).to_contain_text("Added 1 × Plain wheat flour")
        expect(option).to_contain_text("in order: 1")

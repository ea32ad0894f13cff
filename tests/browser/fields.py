"""What tests of live pages look at, and type into."""

from playwright.sync_api import expect

A_MOMENT = 5_000  # ms; changes show in a fraction of this


def is_connected(page):
    expect(page.locator("html")).to_have_attribute("data-stream", "on")


def quantity(page, sku):
    return page.locator(f"#quantity-{sku}")


def set_quantity(page, sku, value):
    quantity(page, sku).fill(str(value))
    quantity(page, sku).press("Enter")


def caret(page):
    return page.evaluate("document.activeElement.selectionStart")

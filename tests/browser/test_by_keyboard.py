"""The whole journey of an order by the keyboard alone, and what a screen reader is told on its way:
roles, names and states, as Chromium's accessibility tree has them."""

import pytest
from playwright.sync_api import expect

WANTED = {
    "flour 25": "FLR-25",
    "house espreso": "COF-1",
    "oat milk": "OTM-6",
    "unsalted buter": "BUT-10",
}


@pytest.fixture
def tab_to():
    """Presses Tab until something of that role and name has the focus, as somebody would."""

    def tab_to(page, role, name, presses=80, backwards=False):
        wanted = page.get_by_role(role, name=name).first
        for _ in range(presses):
            if wanted.count() and wanted.evaluate("element => element === document.activeElement"):
                return wanted
            page.keyboard.press("Shift+Tab" if backwards else "Tab")
        raise AssertionError(f"{presses} presses of Tab did not come to the {role} {name!r}")

    return tab_to


def test_log_in_find_four_products_and_order_them(open_browser, cast, tab_to):
    with open_browser(path="/login/") as page:
        tab_to(page, "textbox", "Username")
        page.keyboard.type("alice")
        page.keyboard.press("Tab")
        page.keyboard.type("demo")
        page.keyboard.press("Enter")
        expect(page.get_by_role("heading", level=1)).to_have_text("What does your kitchen need?")
        expect(page.locator("body")).to_match_aria_snapshot("""
            - link "Skip to the content"
            - banner:
              - 'link "Tandem: to the catalog"'
              - search:
                - searchbox "Search products"
                - button "Search"
              - navigation "Main":
                - link "Orders"
                - link "Quick order"
            - main:
              - navigation "Categories"
              - region "What does your kitchen need?"
            - contentinfo
        """)

        page.keyboard.press("Tab")
        expect(page.get_by_role("link", name="Skip to the content")).to_be_focused()
        search = page.locator("#q")
        for words, sku in WANTED.items():
            page.keyboard.press("/")
            expect(search).to_be_focused()
            page.keyboard.press("Control+a")
            page.keyboard.type(words)
            option = page.get_by_role("listbox", name="Suggestions").get_by_role("option")
            option = option.and_(page.locator(f"#suggestion-{sku}"))
            expect(option).to_contain_text(sku)
            expect(search).to_have_role("combobox")
            expect(search).to_have_attribute("aria-expanded", "true")
            while search.get_attribute("aria-activedescendant") != f"suggestion-{sku}":
                page.keyboard.press("ArrowDown")
            expect(option).to_have_attribute("aria-selected", "true")
            page.keyboard.press("Enter")
            expect(page.get_by_role("status").first).to_contain_text("Added 1 ×")
            expect(option).to_contain_text("in order: 1")
            page.keyboard.press("Escape")
            page.keyboard.press("Escape")

        current = page.locator("#current-order > summary")
        expect(current).to_contain_text("4 lines")
        while not current.evaluate("element => element === document.activeElement"):
            page.keyboard.press("Tab")
        page.keyboard.press("Enter")
        tab_to(page, "link", "View order", presses=3)
        page.keyboard.press("Enter")
        page.wait_for_url("**/orders/*-*/")

        expect(page.locator("main")).to_match_aria_snapshot("""
            - main:
              - navigation "Where you are":
                - list:
                  - listitem:
                    - link "Orders"
              - list "Colleagues on this page"
              - heading /HC-\\d+-\\d+ Open Your current order/ [level=1]
              - region "Lines":
                - textbox "Add by SKU"
                - textbox "Quantity"
                - button "Add"
                - table /Lines of HC-/
              - complementary "Total and details":
                - region "Total":
                  - button "Complete order"
                - region "Details":
                  - textbox /Reference/
                  - textbox /Note/
        """)
        expect(page.locator("#line-FLR-25")).to_match_aria_snapshot("""
            - row:
              - rowheader:
                - link "Plain wheat flour"
              - cell:
                - textbox "Quantity of Plain wheat flour": "1"
                - 'button "One less: Plain wheat flour" [disabled]'
                - 'button "One more: Plain wheat flour"'
              - cell "€19.80"
              - cell "€19.80"
              - cell:
                - button "Remove Plain wheat flour"
        """)

        tab_to(page, "textbox", "Quantity of Plain wheat flour")
        page.keyboard.type("3")
        page.keyboard.press("Enter")
        expect(page.locator("#line-FLR-25")).to_contain_text("€59.40")
        expect(page.get_by_role("status").first).to_contain_text("FLR-25 is now 3.")
        tab_to(page, "button", "Complete order")
        page.keyboard.press("Enter")
        expect(page.get_by_text("Alice completed this order")).to_be_visible()
        expect(page.get_by_role("heading", level=1)).to_be_focused()
        expect(page.get_by_role("heading", level=1)).to_contain_text("Completed")

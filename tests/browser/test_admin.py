"""The admin in a browser, with awkward texts: seen by axe in light and dark, on both screens, and
worked with by the keyboard alone."""

import re

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.contrib.admin import site
from playwright.sync_api import expect

from ordering.models import Customer
from tests import real_catalog
from tests.browser.awkward import LINES, SCRIPT, make_awkward_shop
from tests.browser.conftest import SIZES
from tests.factories import AgentFactory

AXE = Axe().axe_script
ALL = {"resultTypes": ["violations"]}
# What can be otherwise in other colours and on another screen.
DRAWN = ALL | {"runOnly": ["color-contrast", "scrollable-region-focusable"]}
ROWS = 15  # of a list; its further ones are as these
STORE, ORDERING = "/admin/eventstore", "/admin/ordering"


@pytest.fixture
def shop(loaded_catalog, transactional_db):
    real_catalog.fill()
    AgentFactory(username="admin", customer=None, is_staff=True, is_superuser=True)
    return make_awkward_shop(LINES)


@pytest.fixture
def staff(open_browser, shop):
    # Colours on their way from light to dark would be read as they pass.
    with open_browser("admin", path="/admin/", reduced_motion="reduce") as page:
        yield page


@pytest.fixture
def short_lists(monkeypatch):
    for page in site._registry.values():
        monkeypatch.setattr(page, "list_per_page", ROWS)


@pytest.fixture
def cast():
    """The awkward ones only."""


def pages_of(shop):
    """One of each kind."""
    return [
        "/admin/",
        "/admin/password_change/",
        f"{STORE}/",
        f"{STORE}/stream/",
        f"{STORE}/stream/?q=of+no+order",
        f"{STORE}/stream/{shop.order}/change/?at=3&path=/note",
        f"{STORE}/stream/{shop.order}/history/",
        f"{STORE}/event/",
        f"{STORE}/event/{shop.event}/change/",
        f"{STORE}/event/{shop.old_event}/change/",
        f"{STORE}/refusal/",
        f"{STORE}/refusal/{shop.conflict}/change/",
        f"{STORE}/refusal/{shop.rejected}/change/",
        f"{STORE}/checkpoint/",
        f"{STORE}/checkpoint/orders/change/",
        f"{STORE}/checkpoint/favourites/do/skip/",
        f"{STORE}/skip/",
        f"{STORE}/skip/{shop.skip}/change/",
        f"{ORDERING}/customer/",
        f"{ORDERING}/customer/{shop.customer}/change/",
        f"{ORDERING}/agent/",
        f"{ORDERING}/agent/{shop.agent}/change/",
        f"{ORDERING}/agent/{shop.agent}/password/",
        f"{ORDERING}/agent/add/",
        f"{ORDERING}/orderhead/",
        f"{ORDERING}/orderhead/{shop.order}/change/",
        f"{ORDERING}/dailyfigure/",
        "/admin/catalog/product/",
        f"/admin/catalog/product/{shop.product}/change/",
        "/admin/catalog/category/",
        "/admin/auth/group/",
        f"/admin/auth/group/{shop.group}/change/",
    ]


def violations(page, options=ALL) -> list[str]:
    # Playwright evaluates it through the browser's debugger, which the page's CSP does not bind.
    if page.evaluate("!window.axe"):
        page.evaluate(AXE)
    found = page.evaluate("options => axe.run(options)", options)
    return [
        f"{page.url}: {one['impact']} {one['id']}: {node['target']}"
        for one in found["violations"]
        if one["impact"] != "minor"
        for node in one["nodes"]
    ]


@pytest.mark.long
def test_no_page_has_what_axe_would_complain_of_nor_breaks(short_lists, staff, shop, fits):
    """Each in light on a desktop, then in dark on a phone, on what is drawn anew there."""
    found = []
    for path in pages_of(shop):
        staff.emulate_media(color_scheme="light")
        staff.set_viewport_size(SIZES["desktop"])
        assert staff.goto(path).status == 200
        assert "broken" not in staff.title().replace(SCRIPT, "")
        fits(staff)
        found += violations(staff)
        staff.emulate_media(color_scheme="dark")
        staff.set_viewport_size(SIZES["phone"])
        fits(staff)
        found += violations(staff, DRAWN)
    assert found == []


def test_the_login_page_has_nothing_either(open_browser, shop):
    for scheme in ("light", "dark"):
        with open_browser(path="/admin/login/", color_scheme=scheme) as page:
            assert violations(page) == []


def test_no_column_of_a_list_is_cut_off_on_a_desktop(staff):
    wide = "table => table.scrollWidth - table.parentElement.clientWidth"
    for path in (
        *(f"{STORE}/{one}/" for one in ("stream", "event", "refusal", "skip")),
        *(f"{ORDERING}/{one}/" for one in ("orderhead", "customer", "agent")),
        "/admin/catalog/product/",
    ):
        staff.goto(path)
        assert staff.locator("#result_list").evaluate(wide) <= 0, path


def test_texts_from_outside_stay_texts_and_turn_nothing_around_them(staff, shop):
    staff.goto(f"{STORE}/stream/{shop.order}/change/")
    timeline = staff.locator(".timeline")
    expect(timeline.get_by_text(SCRIPT).first).to_be_visible()
    expect(timeline).to_contain_text("\\u202e")
    assert "\u202e" not in timeline.inner_text()


# --- By the keyboard alone --------------------------------------------------------------------

FOCUSED = """() => {
  const at = document.activeElement, outline = getComputedStyle(at);
  return [at.tagName, at.innerText || at.name || at.id,
          outline.outlineStyle !== "none" && parseFloat(outline.outlineWidth) >= 2];
}"""


def tabbed(page, times: int) -> list[list]:
    """Where Tab leads: [tag, name, whether it is seen to have the focus]."""
    steps = []
    for _ in range(times):
        page.keyboard.press("Tab")
        steps.append(page.evaluate(FOCUSED))
    return steps


def test_tab_leads_from_the_skip_link_through_the_page_and_is_seen(staff):
    staff.goto(f"{STORE}/stream/")
    staff.locator("body").press("Tab")
    expect(staff.locator(":focus")).to_have_text("Skip to main content")
    staff.keyboard.press("Enter")
    staff.locator("#content-start").focus()
    steps = tabbed(staff, 20)
    names = [name for _, name, _ in steps]
    assert names[0] == "Export as JSON Lines"
    # A date has several parts to stop at.
    assert [name for name in dict.fromkeys(names) if name in ("All", "from", "actor")] == [
        "All",
        "from",
        "actor",
    ]
    # The last part of a date, its calendar's button, has an outline of the browser's own.
    assert set(names) == {name for _, name, seen in steps if seen}


def test_versions_slide_by_the_arrows_and_events_open_by_enter(staff, shop):
    staff.goto(f"{STORE}/stream/{shop.order}/change/?at=3")
    shown = staff.locator("#state-shown")
    staff.locator("#version-range").focus()
    staff.keyboard.press("ArrowRight")
    expect(shown).to_contain_text("Version 4")
    staff.keyboard.press("Home")
    expect(shown).to_contain_text("Version 1")
    expect(staff.locator("#version-range")).to_be_focused()
    entry = staff.locator(".timeline-entry details").first
    entry.locator("summary").focus()
    staff.keyboard.press("Enter")
    expect(entry.locator("pre")).to_be_visible()
    staff.keyboard.press("Tab")
    expect(entry.locator("pre")).to_be_focused()  # it scrolls, so it can be reached


def test_a_list_is_filtered_and_paged(staff):
    staff.goto(f"{STORE}/event/")
    staff.get_by_label("Username").focus()
    staff.keyboard.type("admin")
    staff.keyboard.press("Enter")
    expect(staff.get_by_text("Nothing that matches.")).to_be_visible()
    staff.get_by_role("link", name="Show all", exact=True).press("Enter")
    staff.get_by_role("link", name="Older", exact=True).press("Enter")
    expect(staff).to_have_url(re.compile("older="))


def test_an_action_asks_and_is_done(staff):
    staff.goto(f"{STORE}/checkpoint/")
    staff.locator("#orders-replay").press("Enter")
    expect(staff.get_by_role("heading", level=1)).to_contain_text("Make the rows of orders anew?")
    staff.get_by_role("button", name="Replay").press("Enter")
    expect(staff.get_by_text("The rows of orders are made anew.")).to_be_visible()


def test_customers_are_deactivated(staff):
    staff.goto(f"{ORDERING}/customer/")
    staff.get_by_role("row", name="EMO").get_by_role("checkbox").press("Space")
    action = staff.get_by_label("Action:")
    action.focus()
    staff.keyboard.type("Deactivate")
    action.press("Tab")
    staff.keyboard.press("Enter")
    expect(staff.get_by_text("1 customer deactivated.")).to_be_visible()
    assert not Customer.objects.get(code="EMO").is_active


# --- Looked at otherwise ----------------------------------------------------------------------


def test_forced_colours_leave_what_is_told_by_colour(open_browser, shop, fits):
    with open_browser("admin", forced_colors="active", reduced_motion="reduce") as page:
        for path in ("/admin/", f"{STORE}/checkpoint/", f"{STORE}/stream/{shop.order}/change/"):
            page.goto(path)
            fits(page)
        expect(page.locator(".drift-badge")).to_contain_text("Read rows equal the fold")

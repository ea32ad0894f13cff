"""What JavaScript adds: changes without a new page, and nothing typed is lost when they fail."""

import pytest
from playwright.sync_api import expect

from ordering import handling
from ordering.models import OrderHead, OrderLine
from tests.browser.test_journey import log_in


@pytest.fixture
def quantity():
    """The field of a product's quantity on the page."""
    return lambda page, sku: page.locator(f"#quantity-{sku}")


def quantities(order_id):
    return dict(OrderLine.objects.filter(order_id=order_id).values_list("sku", "quantity"))


def is_change(request):
    """A form that is sent, and not a sign of life of the page."""
    return request.method == "POST" and "/live/" not in request.url


def test_a_quantity_changes_in_place_and_keeps_the_focus(open_browser, order_id, quantity):
    with open_browser("alice") as page:
        page.goto(f"/orders/{order_id}/")
        page.evaluate("document.body.dataset.same = 'yes'")

        quantity(page, "FLR-25").fill("6")
        quantity(page, "FLR-25").press("Enter")

        expect(page.locator("#line-FLR-25")).to_have_attribute("data-quantity", "6")
        expect(page.locator("#line-FLR-25")).to_contain_text("€118.80")
        expect(page.locator("#current-order > summary")).to_contain_text("€133.70")
        expect(quantity(page, "FLR-25")).to_be_focused()
        assert page.evaluate("document.body.dataset.same") == "yes"
    assert quantities(order_id)["FLR-25"] == 6


def test_quick_steps_are_sent_together_when_the_agent_pauses(open_browser, order_id, quantity):
    with open_browser("alice") as page:
        page.goto(f"/orders/{order_id}/")
        sent = []
        page.on("request", lambda request: is_change(request) and sent.append(request.url))

        for _ in range(4):
            page.get_by_role("button", name="One more: Plain wheat flour").click()

        expect(quantity(page, "FLR-25")).to_have_value("6")
        expect(page.locator("#line-FLR-25")).to_have_attribute("data-quantity", "6")
        assert len(sent) == 1
    assert quantities(order_id)["FLR-25"] == 6


def test_leaving_a_field_sends_its_quantity(open_browser, order_id, quantity):
    with open_browser("alice") as page:
        page.goto(f"/orders/{order_id}/")

        quantity(page, "FLR-25").fill("3")
        quantity(page, "COF-1").fill("4")
        page.get_by_label("Note").click()

        expect(page.locator("#line-FLR-25")).to_have_attribute("data-quantity", "3")
        expect(page.locator("#line-COF-1")).to_have_attribute("data-quantity", "4")
    assert quantities(order_id) == {"FLR-25": 3, "COF-1": 4}


def test_changes_are_sent_one_after_the_other_so_that_no_old_answer_replaces_a_newer_one(
    open_browser, order_id, quantity
):
    with open_browser("alice") as page:
        page.goto(f"/orders/{order_id}/")
        seen = []
        note = lambda what, request: is_change(request) and seen.append(what)  # noqa: E731
        page.on("request", lambda request: note("asked", request))
        page.on("response", lambda response: note("answered", response.request))

        for sku in ("FLR-25", "COF-1"):
            quantity(page, sku).fill("4")
            quantity(page, sku).press("Enter")

        expect(page.locator("#line-COF-1")).to_have_attribute("data-quantity", "4")
        expect(page.locator("#line-FLR-25")).to_have_attribute("data-quantity", "4")
        assert seen == ["asked", "answered", "asked", "answered"]
    assert quantities(order_id) == {"FLR-25": 4, "COF-1": 4}


def test_a_refused_quantity_is_explained_beside_it_and_can_be_put_right(
    open_browser, order_id, quantity
):
    with open_browser("alice") as page:
        page.goto(f"/orders/{order_id}/")
        quantity(page, "FLR-25").fill("many")
        quantity(page, "FLR-25").press("Enter")

        line = page.locator("#line-FLR-25")
        expect(line).to_contain_text("must be a whole number from 1 to 9999, not many.")
        expect(quantity(page, "FLR-25")).to_have_value("many")
        expect(quantity(page, "FLR-25")).to_be_focused()
        open_browser.complaints.clear()  # the browser's own word for the 422

        quantity(page, "FLR-25").fill("5")
        quantity(page, "FLR-25").press("Enter")
        expect(line).to_contain_text("€99.00")
        expect(line).not_to_contain_text("must be")


def test_an_item_for_an_order_that_a_colleague_closed_goes_into_a_new_one(
    open_browser, order_id, by, quantity
):
    with open_browser("alice") as page:
        page.goto("/?q=butter")
        handling.complete_order(by("bob"), order_id, key="done")
        card = page.locator("#product-BUT-10")
        card.get_by_label("Quantity of").fill("3")
        card.get_by_role("button", name="Add ").click()

        expect(card).to_contain_text("Bob completed HC-")
        expect(card.get_by_label("Quantity of")).to_have_value("3")
        open_browser.complaints.clear()  # the browser's own word for the 409
        card.get_by_role("button", name="Put it into a new order").click()
        expect(page.get_by_role("status")).to_contain_text("Added 3 × Unsalted butter")
    newest = OrderHead.objects.order_by("-opened_at").first()
    assert quantities(newest.pk) == {"BUT-10": 3}


@pytest.mark.parametrize(
    ("trouble", "said"),
    [
        (lambda route: route.abort(), "there is no connection"),
        (lambda route: route.fulfill(status=500, body="<h1>Oh</h1>"), "could not do that just now"),
        (
            lambda route: route.fulfill(
                status=503, body="The database is away.", content_type="text/plain"
            ),
            "The database is away.",
        ),
        (lambda route: route.fulfill(status=403, body="<h1>Old</h1>"), "out of date"),
    ],
    ids=["no network", "a fault", "no database", "too old"],
)
def test_when_the_shop_cannot_be_reached_it_says_so_and_what_was_typed_stays(
    trouble, said, open_browser, order_id
):
    with open_browser("alice") as page:
        page.goto(f"/orders/{order_id}/")
        page.route("**/details/", trouble)
        page.get_by_label("Note").fill("Back gate")
        page.get_by_role("button", name="Save").click()

        expect(page.get_by_role("status")).to_contain_text(said)
        expect(page.get_by_label("Note")).to_have_value("Back gate")
        open_browser.complaints.clear()  # the browser's own word for it

        page.unroute("**/details/")
        page.get_by_role("button", name="Save").click()
        expect(page.get_by_role("status")).to_contain_text("Reference and note saved.")
    assert OrderHead.objects.get(pk=order_id).note == "Back gate"


def test_who_was_logged_out_meanwhile_comes_back_to_the_order(open_browser, order_id, address):
    with open_browser("alice") as page:
        page.goto(f"/orders/{order_id}/")
        page.context.clear_cookies(name="sessionid")
        page.get_by_label("Remove House espresso").click()

        page.wait_for_url("**/login/?next=*")
        log_in(page, "alice")
        page.wait_for_url(f"{address}/orders/{order_id}/")
        # A sign of life may have gone out in between: the browser's own word for its 404.
        open_browser.complaints[:] = [one for one in open_browser.complaints if "404" not in one]


def test_shelves_and_pages_change_in_place_and_going_back_works(open_browser):
    with open_browser("alice") as page:
        page.evaluate("document.body.dataset.same = 'yes'")

        page.get_by_role("link", name="Dairy & eggs").click()
        expect(page.get_by_role("heading", level=1)).to_have_text("Dairy & eggs")
        expect(page).to_have_title("Dairy & eggs · Tandem")
        assert page.url.endswith("/?category=dairy-eggs")
        assert page.evaluate("document.body.dataset.same") == "yes"

        page.go_back()
        expect(page.get_by_role("heading", level=1)).to_have_text("What does your kitchen need?")
        page.get_by_role("link", name="Next").click()
        expect(page.get_by_text("Page 2 of")).to_be_visible()
        page.reload()
        expect(page.get_by_text("Page 2 of")).to_be_visible()


def test_a_menu_closes_with_escape_and_gives_the_focus_back(open_browser):
    with open_browser("alice") as page:
        menu = page.locator("#current-order")
        menu.locator("summary").click()
        expect(menu.get_by_role("button", name="New order")).to_be_visible()

        page.keyboard.press("Escape")

        expect(menu.get_by_role("button", name="New order")).to_be_hidden()
        expect(menu.locator("summary")).to_be_focused()

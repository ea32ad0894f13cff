"""Two agents with the same order open, each in a browser of their own: they see one another's
changes, and each other."""

import re

import pytest
from playwright.sync_api import expect

from ordering import handling
from ordering.models import Agent, OrderLine
from tests.browser.fields import A_MOMENT, quantity, set_quantity


def test_a_change_shows_on_a_colleagues_page_with_who_and_what(listening, fits):
    with listening("alice") as alice, listening("bob", size="phone") as bob:
        alice.evaluate("document.body.dataset.same = 'yes'")

        set_quantity(bob, "FLR-25", 5)

        expect(quantity(alice, "FLR-25")).to_have_value("5", timeout=A_MOMENT)
        expect(alice.get_by_role("status").filter(has_text="Bob set")).to_contain_text(
            "Bob set Plain wheat flour, 25 kg sack, from 2 to 5"
        )
        expect(alice.locator("#line-FLR-25")).to_contain_text("by Bob")
        expect(alice.get_by_role("region", name="Total")).to_contain_text("€113.90")
        assert alice.evaluate("document.body.dataset.same") == "yes"
        fits(alice)
        fits(bob)


def test_the_one_who_made_the_change_is_not_told_of_it(listening):
    with listening("alice") as alice, listening("bob") as bob:
        set_quantity(bob, "FLR-25", 5)
        expect(quantity(alice, "FLR-25")).to_have_value("5")
        set_quantity(alice, "FLR-25", 6)
        expect(bob.get_by_text("Alice set Plain wheat flour")).to_be_visible()
        expect(bob.get_by_text("Bob set")).to_have_count(0)


def test_the_header_and_the_list_of_orders_follow(listening, by):
    with (
        listening("alice", "/") as catalog,
        listening("bob", "/orders/") as orders,
        listening("bob") as bob,
    ):
        badge = catalog.locator("#current-order > summary")
        expect(badge).to_contain_text("€54.50")

        set_quantity(bob, "FLR-25", 5)

        expect(badge).to_contain_text("€113.90", timeout=A_MOMENT)
        expect(orders.get_by_role("row").filter(has_text="HC-")).to_contain_text("€113.90")

        new = handling.open_order(by("alice"), key="second", reference="Saturday")
        expect(orders.get_by_role("link", name="Saturday")).to_be_visible(timeout=A_MOMENT)
        handling.cancel_order(by("alice"), new.stream_id, key="gone")
        expect(orders.get_by_role("link", name="Saturday")).to_have_count(0)


def test_the_history_follows(listening, order_id):
    with listening("alice", f"/orders/{order_id}/history/") as history, listening("bob") as bob:
        set_quantity(bob, "FLR-25", 5)
        expect(
            history.get_by_text("set Plain wheat flour, 25 kg sack, from 2 to 5")
        ).to_be_visible()
        history.get_by_role("link", name="at version 4").click()
        expect(history.locator("#as-it-was")).to_contain_text("Version 4 of 4")
        assert "deeds" not in history.url
        set_quantity(bob, "FLR-25", 6)
        expect(history.get_by_label("Version, from 1 to 5")).to_have_attribute("max", "5")


def test_who_has_nothing_typed_sees_a_closed_order_closed(listening):
    with listening("alice") as alice, listening("bob") as bob:
        bob.get_by_role("button", name="Complete order").click()
        expect(alice.locator(".notice-good")).to_contain_text("Bob completed this order")
        expect(alice.get_by_role("button", name="Complete order")).to_have_count(0)


def test_colleagues_see_who_is_there_and_in_which_line(listening):
    with listening("alice") as alice:
        here = alice.get_by_role("list", name="Colleagues on this page")
        expect(here.get_by_role("listitem")).to_have_count(0)
        with listening("bob") as bob:
            expect(here).to_contain_text("Bob is here")
            expect(bob.get_by_text("Alice is here")).to_be_visible()

            quantity(bob, "COF-1").focus()

            cell = alice.locator("#line-COF-1 .cell-quantity")
            expect(cell).to_have_attribute("data-editing", "Bob")
            # The mark outlives a change of the line.
            set_quantity(bob, "COF-1", 4)
            expect(quantity(alice, "COF-1")).to_have_value("4")
            expect(cell).to_have_attribute("data-editing", "Bob")
            bob.get_by_role("textbox", name="Note").focus()
            expect(cell).not_to_have_attribute("data-editing", "Bob")
        expect(here.get_by_role("listitem")).to_have_count(0)


def test_an_open_menu_stays_open(listening, by, order_id):
    with listening("alice") as alice:
        alice.locator("#current-order > summary").click()
        handling.add_items(by("bob"), order_id, [("FLR-25", 1)], key="more")
        expect(alice.locator("#current-order > summary")).to_contain_text("€74.30")
        expect(alice.get_by_role("link", name="View order")).to_be_visible()


def test_who_logs_out_in_another_tab_hears_nothing_more(listening, by, order_id, open_browser):
    with listening("alice") as alice:
        other = alice.context.new_page()
        other.goto("/orders/")
        other.locator(".agent > summary").click()
        other.get_by_role("button", name="Log out").click()
        other.wait_for_url(re.compile("/login/"))
        # The page's own words come after the stream has ended and no other was given.
        expect(alice.get_by_text("You are not logged in any more.")).to_be_visible()
        handling.add_items(by("bob"), order_id, [("FLR-25", 1)], key="more")
        expect(quantity(alice, "FLR-25")).to_have_value("2")
        assert OrderLine.objects.get(order_id=order_id, sku="FLR-25").quantity == 3
        open_browser.complaints.clear()  # the browser's own word for the 401


def test_a_page_in_the_background_catches_up_when_it_is_looked_at(listening, by, order_id):
    hide = "(is) => {Object.defineProperty(document, 'hidden', {value: is, configurable: true});"
    hide += " document.dispatchEvent(new Event('visibilitychange'));}"
    with listening("alice") as alice, listening("bob") as bob:
        alice.evaluate(hide, True)
        set_quantity(bob, "FLR-25", 5)
        expect(bob.locator("#line-FLR-25")).to_contain_text("€99.00")
        expect(quantity(alice, "FLR-25")).to_have_value("2")
        alice.evaluate(hide, False)
        expect(quantity(alice, "FLR-25")).to_have_value("5")
        expect(alice.get_by_text("Bob set")).to_be_visible()


def test_a_cut_stream_is_opened_again_and_nothing_is_missed(listening, by, order_id, open_browser):
    with listening("alice") as alice:
        alice.context.set_offline(True)
        alice.evaluate("stream.stop.abort()")
        expect(alice.locator("html")).to_have_attribute("data-stream", "off")
        handling.add_items(by("bob"), order_id, [("FLR-25", 1)], key="more")
        expect(alice.get_by_text("No connection to the shop")).to_be_visible()
        alice.context.set_offline(False)
        expect(quantity(alice, "FLR-25")).to_have_value("3")
        expect(alice.get_by_text("No connection to the shop")).to_be_hidden()
        expect(alice.get_by_text("Bob added 1 × Plain wheat flour")).to_be_visible()
        open_browser.complaints.clear()  # the browser's own word for the lost connection


def test_without_javascript_nothing_listens_and_nothing_is_missing(open_browser, order_id):
    with open_browser("alice", java_script_enabled=False) as page:
        page.goto(f"/orders/{order_id}/")
        assert page.locator("html").get_attribute("data-stream") is None
        expect(page.locator("#connection")).to_be_hidden()


def test_a_step_and_then_the_removal_of_the_line_removes_it(listening, order_id):
    with listening("alice") as alice:
        alice.get_by_role("button", name="One more: Plain wheat flour").click()
        alice.get_by_label("Remove Plain wheat flour").click()
        expect(alice.locator("#line-FLR-25")).to_have_count(0)
        set_quantity(alice, "COF-1", 2)
        expect(alice.locator("#line-COF-1")).to_contain_text("€29.80")
        expect(alice.get_by_text("no line for")).to_have_count(0)


@pytest.mark.parametrize(
    "name", ["W" * 60, "Wilhelmina <script>alert(1)</script> مرحبا 🥐 " + "x" * 40]
)
def test_any_name_is_shown_whole_and_inert(name, listening, fits):
    Agent.objects.filter(username="bob").update(first_name=name)
    with listening("alice", size="phone") as alice, listening("bob") as bob:
        set_quantity(bob, "FLR-25", 5)
        expect(alice.get_by_role("status").filter(has_text="set Plain wheat")).to_contain_text(name)
        expect(alice.locator("#presence")).to_contain_text(f"{name} is here")
        quantity(bob, "COF-1").focus()
        expect(alice.locator("#line-COF-1 .cell-quantity")).to_have_attribute("data-editing", name)
        fits(alice)


def test_what_a_colleague_did_meanwhile_is_told_with_ones_own_answer(listening, by, order_id):
    with listening("alice") as alice:
        alice.evaluate("end()")  # hears nothing by itself
        handling.change_quantity(by("bob"), order_id, "COF-1", 4, key="meanwhile")
        set_quantity(alice, "FLR-25", 5)
        expect(alice.get_by_text("Bob set House espresso")).to_be_visible()
        expect(alice.get_by_text("FLR-25 is now 5.")).to_be_visible()


def test_a_page_of_somebody_who_has_been_followed_by_another_says_so(listening, open_browser):
    with listening("alice") as alice, open_browser("bob") as bob:
        [cookie] = [one for one in bob.context.cookies() if one["name"] == "sessionid"]
        alice.context.add_cookies([cookie])
        alice.evaluate("stream.stop.abort()")
        expect(alice.get_by_text("This page is out of date")).to_be_visible()


def test_a_page_whose_agent_has_logged_out_stops_asking(listening, by, order_id, open_browser):
    with listening("alice") as alice:
        asked = []
        alice.context.clear_cookies(name="sessionid")
        alice.on("request", lambda request: asked.append(request.url))
        handling.add_items(by("bob"), order_id, [("FLR-25", 1)], key="more")
        alice.evaluate("stream.stop.abort()")
        expect(alice.get_by_text("You are not logged in any more.")).to_be_visible()
        assert len(asked) < 20
        open_browser.complaints.clear()

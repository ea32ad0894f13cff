"""What a browser reads out of a page, sends, and tries again. The shop here is a script."""

import pytest
import requests

from ordering.simulation.browser import TRIES, Browser, Failed, Page
from tests.ordering.simulation.adapters import Script

HOME = "http://shop.example"
CART = f"{HOME}/orders/1/"
PAGE = """
<form method="post"><input type="hidden" name="command_id" value="a"><input name="reference"></form>
<form method="post" action="/orders/1/items/" hx-post="/orders/1/items/">
  <input type="hidden" name="seen" value="7">
  <button type="submit">Set</button>
  <input name="quantity" value="2">
  <button type="submit" name="quantity" value="3">+</button>
</form>
<form method="post" action="/elsewhere/">
  <textarea name="note">\n\nRing &amp; wait</textarea>
  <button type="button" name="into" value="nothing">A help of a script</button>
  <button type="submit" name="into" value="old" disabled>Put it there</button>
  <button type="submit" name="into" value="new">Put it here</button>
</form>
"""
QUESTION = """
<section><h2 id="question">You and Bob changed the same thing</h2>
  <a href="/orders/1/">Keep 5</a>
  <form action="/orders/1/items/X/"><button name="quantity" value="4">Use mine: 4</button></form>
</section>
"""


@pytest.fixture
def browse():
    """A browser that is answered by a script, the script, and the pauses that it made."""

    def browse(*answers):
        script, pauses = Script(*answers), []
        browser = Browser(HOME, pause=pauses.append)
        browser.session.mount(HOME, script)
        return browser, script, pauses

    return browse


@pytest.fixture
def forms():
    return Page(CART, 200, PAGE).forms


class TestForms:
    def test_one_without_an_address_goes_to_the_page_itself(self, forms):
        assert [form.url for form in forms] == [CART, f"{CART}items/", f"{HOME}/elsewhere/"]

    def test_one_with_hx_post_is_sent_by_htmx(self, forms):
        assert [form.htmx for form in forms] == [False, True, False]

    def test_an_empty_field_is_sent_too(self, forms):
        assert forms[0].fields == (("command_id", "a"), ("reference", ""))

    def test_the_first_button_is_pressed(self, forms):
        assert forms[1].fields == (("seen", "7"), ("quantity", "2"))

    def test_but_not_a_disabled_one_or_one_that_sends_nothing(self, forms):
        assert forms[2].value("into") == "new"

    def test_a_textarea_begins_after_its_first_line_end(self, forms):
        assert forms[2].value("note") == "\nRing & wait"

    def test_what_is_typed_replaces_what_is_there(self, forms):
        assert forms[1].filled(quantity="9").fields == (("seen", "7"), ("quantity", "9"))
        assert forms[1].value("quantity") == "2"

    def test_only_what_the_shop_sent_can_be_filled_in(self, forms):
        with pytest.raises(Failed, match="the field sku, found seen, quantity"):
            forms[1].filled(sku="FLR-25")


class TestQuestions:
    def test_its_ways_are_links_and_forms(self):
        link, form = Page(CART, 409, PAGE + QUESTION).ways
        assert link == CART
        assert (form.url, form.value("quantity")) == (f"{CART}items/X/", "4")

    @pytest.mark.parametrize("html", [PAGE, "", "Something went wrong here."])
    def test_a_page_that_asks_nothing_has_none(self, html):
        assert Page(CART, 200, html).ways == []


class TestSending:
    def test_as_htmx_does_the_agent_stays_on_the_page(self, browse, forms):
        browser, script, _ = browse((200, b"<p id='cart'>"))
        page = browser.sends(forms[1])
        [request] = script.asked
        assert (page.url, page.has("cart")) == (CART, True)
        assert request.body == "seen=7&quantity=2"
        assert request.headers["HX-Request"] == "true"
        assert request.headers["HX-Request-Type"] == "partial"
        assert request.headers["HX-Current-URL"] == CART

    def test_a_plain_form_leads_to_another_page(self, browse, forms):
        browser, script, _ = browse((303, b"", "/orders/2/"), (200, b"<p>"))
        assert browser.sends(forms[0]).url == f"{HOME}/orders/2/"
        assert "HX-Request" not in script.asked[0].headers
        assert browser.requests == 2

    def test_a_fragment_that_comes_from_elsewhere_is_another_page(self, browse, forms):
        browser, _, _ = browse((302, b"", "/login/"), (200, b"<p>"))
        assert browser.sends(forms[1]).url == f"{HOME}/login/"

    @pytest.mark.parametrize("status", [409, 422])
    def test_a_refusal_is_a_page(self, status, browse):
        browser, _, _ = browse((status, b"<p>No"))
        assert browser.opens("/orders/1/").status == status

    @pytest.mark.parametrize("status", [400, 403, 404, 500, 502])
    def test_what_an_agent_sees_as_an_error_is_one_at_once(self, status, browse):
        browser, script, _ = browse((status, b"<p>Sorry"))
        with pytest.raises(Failed, match=f"GET {CART}: expected 200, 409, 422, found {status}"):
            browser.opens("/orders/1/")
        assert (len(script.asked), browser.retried) == (1, 0)


class TestTries:
    @pytest.mark.parametrize(
        "trouble", [(503, b""), requests.ConnectionError("reset"), requests.ReadTimeout("30 s")]
    )
    def test_after_trouble_the_same_form_is_sent_again(self, trouble, browse, forms):
        browser, script, pauses = browse(trouble, trouble, (200, b"<p>"))
        browser.sends(forms[0])
        assert {request.body for request in script.asked} == {"command_id=a&reference="}
        assert (len(script.asked), browser.requests, browser.retried) == (3, 3, 1)
        assert pauses == [0.2, 0.4]

    def test_it_is_one_wait_for_the_agent(self, browse):
        browser, _, _ = browse((503, b""), (200, b"<p>"))
        browser.opens("/")
        assert len(browser.waits) == 1

    def test_at_last_it_is_an_error(self, browse):
        browser, script, pauses = browse(*[(503, b"")] * TRIES)
        with pytest.raises(Failed, match=f"expected an answer in {TRIES} tries, found 503"):
            browser.opens("/")
        assert (len(script.asked), len(pauses)) == (TRIES, TRIES - 1)
        assert (browser.retried, browser.waits) == (0, [])

    def test_an_error_after_trouble_went_not_through(self, browse):
        browser, _, _ = browse((503, b""), (500, b""))
        with pytest.raises(Failed, match="found 500"):
            browser.opens("/")
        assert browser.retried == 0

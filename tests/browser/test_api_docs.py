"""The API's documentation in a browser: it works under the shop's CSP, and asks nobody else."""

import json
import re

import pytest
from playwright.sync_api import expect

from ordering.api.models import ApiToken
from ordering.models import Agent, OrderHead

DOCS = "/api/v1/docs"


def open_call(page, operation):
    call = page.locator(f"[id$=-{operation}]")
    call.locator(".opblock-summary-control").click()
    call.get_by_role("button", name="Try it out").click()
    return call


def answer(call):
    call.get_by_role("button", name="Execute").click()
    live = call.locator(".live-responses-table")
    expect(live).to_be_visible()
    return live.locator("tbody .response-col_status").first, live.locator("pre").first


@pytest.mark.parametrize(("size", "scheme"), [("desktop", "light"), ("phone", "dark")])
def test_it_shows_every_call_and_asks_no_other_host(open_browser, fits, address, size, scheme):
    with open_browser(size=size, color_scheme=scheme) as page:
        asked = []
        page.on("request", lambda request: asked.append(request.url))
        page.goto(DOCS)
        expect(page.locator(".opblock")).to_have_count(15)
        page.locator("[id$=-add_items] .opblock-summary-control").click()
        expect(page.get_by_role("button", name="Try it out")).to_be_visible()
        fits(page)
        assert all(url.startswith(address) or url.startswith("data:") for url in asked), asked
        color = page.locator("h3.opblock-tag").first.evaluate("tag => getComputedStyle(tag).color")
        light_text = int(re.search(r"\d+", color)[0]) > 127
        assert light_text == (scheme == "dark")


def test_calls_can_be_tried_with_a_token(open_browser):
    _, secret = ApiToken.make(Agent.objects.get(username="alice"), "docs")
    with open_browser(path=DOCS) as page:
        page.get_by_role("button", name="Authorize").first.click()
        asked = page.locator(".modal-ux")
        asked.get_by_label("auth-bearer-value").fill(secret)
        asked.locator("button.authorize").first.click()
        asked.get_by_role("button", name="Close").first.click()

        call = open_call(page, "open_order")
        call.locator("textarea").fill(json.dumps({"reference": "From the docs"}))
        status, body = answer(call)
        expect(status).to_have_text("201")
        expect(body).to_contain_text("From the docs")
    assert OrderHead.objects.get().reference == "From the docs"


def test_whoever_is_logged_in_tries_calls_as_themselves(open_browser):
    with open_browser("bob", path=DOCS) as page:
        call = open_call(page, "open_order")
        call.locator("textarea").fill("{}")
        status, body = answer(call)
        expect(status).to_have_text("201")
        expect(body).to_contain_text('"opened_by": "bob"')

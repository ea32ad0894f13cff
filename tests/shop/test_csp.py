"""No answer lacks a policy, and no page has anything in it that the policy would have to allow."""

import json
import re
from html.parser import HTMLParser

import pytest
from django.test import Client

from tests.shop.admin_rows import FIVE
from tests.shop.test_admin_matrix import PAGES, address, browser, key_of
from tests.shop.test_admin_matrix import examples as examples  # a fixture
from tests.shop.test_url_matrix import Visitor
from tests.shop.test_url_matrix import ids as ids  # a fixture
from tests.shop.url_rows import ROWS

pytestmark = pytest.mark.django_db

# Never run: what the browser reads as data.
DATA = {"application/json", "importmap", "speculationrules", "text/plain"}


class Inline(HTMLParser):
    """What of a page only 'unsafe-inline' or 'unsafe-eval' would let a browser do."""

    def __init__(self, nonce: str):
        super().__init__()
        self.nonce, self.found = nonce, []

    def handle_starttag(self, tag, attrs):
        given = dict(attrs)
        for name, value in attrs:
            value = (value or "").strip().lower()
            if (
                name == "style"
                or re.match("on[a-z]|hx-on|data-hx-on", name)
                or re.match("(javascript|vbscript):", value)
                or (name.startswith("hx-") and re.match("(js|javascript):", value))
            ):
                self.found.append(f"<{tag} {name}>")
        runs = tag in ("script", "style") and "src" not in given and given.get("type") not in DATA
        if runs and not (self.nonce and given.get("nonce") == self.nonce):
            self.found.append(f"<{tag}> without the nonce")

    handle_startendtag = handle_starttag


def inline(page: str, nonce: str = "") -> list[str]:
    parser = Inline(nonce)
    parser.feed(page)
    return parser.found


def faults(answer) -> list[str]:
    """What is wrong with an answer's policy, or with the page under it."""
    policy = answer.get("Content-Security-Policy", "")
    expected = ("default-src ", "base-uri 'none'", "frame-ancestors 'none'", "form-action ")
    found = [f"no {directive!r} in {policy!r}" for directive in expected if directive not in policy]
    if "default-src 'none'" not in policy and "object-src 'none'" not in policy:
        found.append(f"no object-src in {policy!r}")
    found += re.findall(r"'unsafe-[^']*'|(?<= )\*(?=[ ;]|$)|https?:", policy)
    if answer.get("Content-Type", "").startswith("text/html"):
        nonce = re.search("'nonce-([^']+)'", policy)
        found += inline(answer.content.decode(), nonce[1] if nonce else "")
    if answer.get("X-Content-Type-Options") != "nosniff":
        found.append("no nosniff")
    return found


@pytest.mark.parametrize(
    ("page", "found"),
    [
        ("<p style='color: red'>", ["<p style>"]),
        ("<b onclick=x()>", ["<b onclick>"]),
        ("<b hx-on:click=x()>", ["<b hx-on:click>"]),
        ("<b hx-vals='js:{a: 1}'>", ["<b hx-vals>"]),
        ("<a href=' JavaScript:x()'>", ["<a href>"]),
        ("<script>x()</script>", ["<script> without the nonce"]),
        ("<script nonce=old>x()</script>", ["<script> without the nonce"]),
        ("<style>p {}</style>", ["<style> without the nonce"]),
        ("<script nonce=new>x()</script>", []),
        ("<script src=/x.js></script><script type=application/json>1</script>", []),
        ("<p class=style data-only=1>on it</p>", []),
    ],
)
def test_what_is_inline_is_found(page, found):
    assert inline(page, "new") == found


def test_no_page_of_the_shop_has_anything_inline(ids):
    for who in ("alice", "anonymous"):
        visitor = Visitor(who)
        visitor.may_nothing = False  # what is left is looked at elsewhere
        for row in ROWS:
            for method in ("GET", "POST"):
                answer = visitor.ask(row, method, ids)
                assert faults(answer) == [], f"{method} {row.route}, {who}"


def test_nor_any_of_the_admins(request):
    examples = request.getfixturevalue("examples")
    client, tried = browser("admin"), 0
    for row in PAGES:
        if row.get.split()[FIVE.index("admin")] == "200":
            answer = client.get(address(row, key_of(row, examples)))
            assert faults(answer) == [], row.route
            tried += 1
    assert tried > 20


def test_nor_an_answer_to_what_is_wrong(settings, alice):
    settings.ROOT_URLCONF = "tests.shop.failing_urls"
    client = Client(raise_request_exception=False, enforce_csrf_checks=True)
    client.force_login(alice)
    answers = {
        400: client.get("/", headers={"host": "evil.example"}),
        403: client.post("/orders/"),
        404: client.get("/nowhere"),
        405: Client().put("/healthz"),
        500: client.get("/bug/"),
        503: client.get("/refused/"),
    }
    for status, answer in answers.items():
        assert (answer.status_code, faults(answer)) == (status, []), status


def test_nor_a_static_file():
    answer = Client().get("/static/shop.css")
    assert answer.status_code == 200
    assert faults(answer) == []
    assert "Access-Control-Allow-Origin" not in answer


def test_htmx_is_set_up_for_it(db):
    """It would add a <style> of its own, which the policy forbids."""
    page = Client().get("/login/").content.decode()
    config = json.loads(re.search(r"name=\"htmx-config\" content='([^']+)'", page)[1])
    assert config["includeIndicatorCSS"] is False
    assert "inlineScriptNonce" not in config  # no script in an answer is to run

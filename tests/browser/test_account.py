"""Making a token, in a browser."""

import pytest
from playwright.sync_api import expect

from ordering.api.models import ApiToken


@pytest.mark.parametrize(
    ("size", "javascript"),
    [("desktop", True), ("phone", False)],
    ids=["desktop-javascript", "phone-plain"],
)
def test_a_token_is_made_shown_once_and_revoked(open_browser, fits, size, javascript):
    options = {"size": size, "java_script_enabled": javascript}
    with open_browser("alice", **options) as page:
        page.get_by_label("Alice: account").click()
        page.get_by_role("link", name="Account and API").click()
        page.get_by_label("What is it for?").fill("Till at the counter of the northern hall")
        page.get_by_role("button", name="Make a token").click()

        shown = page.get_by_label("The token", exact=True)
        secret = shown.input_value()
        assert ApiToken.objects.by_secret(secret) is not None
        fits(page)

        page.goto("/account/")
        expect(page.get_by_role("row").filter(has_text=f"…{secret[-4:]}")).to_be_visible()
        expect(shown).to_have_count(0)
        assert secret not in page.content()

        page.get_by_role("button", name="Revoke Till").click()
        expect(page.get_by_role("table", name="Your API tokens")).to_have_count(0)
        assert ApiToken.objects.by_secret(secret) is None

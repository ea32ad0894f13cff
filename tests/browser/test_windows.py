"""A window of the browser goes from test to test, and takes nothing along."""

from tests.browser.conftest import SIZES

KEPT = "[localStorage.length, sessionStorage.length, document.cookie.includes('kept')]"
DARK = "matchMedia('(prefers-color-scheme: dark)').matches"


def test_a_window_knows_nothing_of_who_had_it_before(windows, cast):
    usual = {"viewport": SIZES["desktop"], "locale": "en-IE"}
    with windows.one(**usual) as first:
        first.goto("/login/")
        first.evaluate("document.cookie = localStorage.kept = sessionStorage.kept = 'kept=1'")
        assert first.evaluate(KEPT) == [1, 1, True]
        assert first.context.cookies()
        first.context.new_page()
        first.route("**/login/", lambda route: route.abort())
        first.emulate_media(color_scheme="dark")
        first.set_viewport_size(SIZES["phone"])
        first.context.set_offline(True)

    with windows.one(**usual) as second:
        assert second is first
        assert second.context.pages == [second]
        assert second.context.cookies() == []
        assert second.viewport_size == SIZES["desktop"]
        assert second.goto("/login/").status == 200
        assert second.evaluate(KEPT) == [0, 0, False]
        assert not second.evaluate(DARK)


def test_a_window_is_of_what_it_was_opened_with(windows, cast):
    usual = {"viewport": SIZES["desktop"], "locale": "en-IE"}
    with windows.one(**usual) as one, windows.one(**usual) as other:
        assert one is not other
    with windows.one(**usual | {"locale": "de-DE"}) as german:
        german.goto("/login/")
        assert german.locator("html").get_attribute("lang") == "de"

"""Every page in every state, for axe in light and dark, and for whether it fits: on a desk, on a
phone, at 400 %, and in German, whose words are longer."""

from itertools import groupby

import pytest
from playwright.sync_api import expect

from tests.browser.awkward import LINES
from tests.browser.conftest import SIZES
from tests.browser.scenes import make_scenes
from tests.browser.test_admin import DRAWN, violations

# 1280 by 1024 pixels at 400 %: what WCAG 2.2 asks for in 1.4.10, Reflow.
MAGNIFIED = {"width": 320, "height": 256}


@pytest.fixture
def scenes(cast, settings):
    settings.ROOT_URLCONF = "tests.shop.failing_urls"
    settings.SITE_URL = "https://shop.example"
    return make_scenes(LINES)


@pytest.fixture
def visited(scenes, open_browser):
    """Each scene with a page that shows it; those of one agent in one browser."""

    def visited(**options):
        for agent, theirs in groupby(sorted(scenes, key=_agent), key=_agent):
            with open_browser(agent or None, path=None, **options) as page:
                for scene in theirs:
                    size = page.viewport_size
                    assert page.goto(scene.path).status == scene.status
                    scene.act(page)
                    yield scene, page
                    page.set_viewport_size(size)
                    page.emulate_media(color_scheme="light")
        open_browser.complaints.clear()  # refusals are among what is shown

    return visited


def _agent(scene):
    return scene.agent or ""


@pytest.mark.long
def test_no_page_has_what_axe_would_complain_of_nor_breaks(visited, fits):
    found = []
    # Colours on their way from light to dark would be read as they pass.
    for _, page in visited(reduced_motion="reduce"):
        fits(page)
        found += violations(page)
        page.emulate_media(color_scheme="dark")
        page.set_viewport_size(SIZES["phone"])
        fits(page)
        found += violations(page, DRAWN)
        page.set_viewport_size(MAGNIFIED)
        fits(page)
    assert found == []


@pytest.mark.long
def test_no_page_breaks_in_german(visited, fits):
    for _, page in visited(size="phone", locale="de-DE"):
        expect(page.locator("html")).to_have_attribute("lang", "de")
        fits(page)

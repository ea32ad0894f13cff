"""Pictures of every page, for people to look at: `make screenshots`, never part of the suite.

They go to screenshots/, as PAGE-WIDTH-light.png and PAGE-WIDTH-dark.png; those that end in -de are
German. What fails while they are taken fails the run, after the others were taken.
"""

import re
from collections import Counter
from functools import partial
from pathlib import Path

import pytest

from tests.browser.awkward import make_awkward_shop
from tests.browser.conftest import SIZES
from tests.browser.scenes import Scene, make_scenes
from tests.browser.test_admin import pages_of
from tests.factories import AgentFactory

KEY = re.compile(r"[0-9]+|[0-9a-f-]{36}")
INTO = Path(__file__).parents[2] / "screenshots"
LOOKS = [(size, scheme, "en") for scheme in ("light", "dark") for size in ("desktop", "phone")]
GERMAN = [("desktop", "light", "de"), ("phone", "dark", "de")]


@pytest.fixture
def scenes(cast, settings):
    settings.ROOT_URLCONF = "tests.shop.failing_urls"
    settings.SITE_URL = "https://shop.example"
    return make_scenes(300)


@pytest.fixture
def admin_scenes(cast):
    AgentFactory(username="admin", customer=None, is_staff=True, is_superuser=True)
    pages = _numbered(pages_of(make_awkward_shop()))
    return [Scene(f"admin{name}", path, agent="admin") for name, path in pages]


def _name(path):
    """`-eventstore-event-change`, and `-2` where that is the second page of the kind."""
    parts = path.partition("?")[0].split("/")[2:]
    return "-".join(["", *(part for part in parts if part and not KEY.fullmatch(part))])


def _numbered(paths):
    seen = Counter()
    for path in paths:
        name = _name(path)
        seen[name] += 1
        yield f"{name}-{seen[name]}" if seen[name] > 1 else name, path


@pytest.mark.parametrize(("size", "scheme", "language"), LOOKS + GERMAN)
def test_pictures_of_the_shop(size, scheme, language, scenes, picture):
    picture(scenes, size, scheme, language)


@pytest.mark.parametrize(("size", "scheme", "language"), LOOKS + GERMAN)
def test_pictures_of_the_admin(size, scheme, language, admin_scenes, picture):
    picture(admin_scenes, size, scheme, language)


@pytest.fixture
def picture(open_browser, fits):
    return partial(_picture, open_browser, fits)


def _picture(open_browser, fits, scenes, size, scheme, language):
    INTO.mkdir(exist_ok=True)
    troubles = []
    for scene in scenes:
        options = {"color_scheme": scheme, "locale": language, "reduced_motion": "reduce"}
        with open_browser(scene.agent, size=size, path=None, **options) as page:
            try:
                assert page.goto(scene.path).status == scene.status
                scene.act(page)
                take(page, scene.name, size, scheme, language)
                fits(page)
            except Exception as error:
                troubles.append(f"{scene.name}: {error}")
    open_browser.complaints.clear()  # refusals are among what is shown
    assert troubles == []


def take(page, name, size, scheme, language):
    suffix = "" if language == "en" else f"-{language}"
    file = INTO / f"{name}-{SIZES[size]['width']}-{scheme}{suffix}.png"
    page.screenshot(path=file, full_page="overfull" not in name)

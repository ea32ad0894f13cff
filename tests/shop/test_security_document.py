"""SECURITY.md names files, settings and words of the log: they are there."""

import re

import pytest
from django.conf import settings

from tests.shop.processes import ROOT

WORDS = ["logged-in", "logged-out", "login-failed", "locked-out", "not-theirs", "forbidden",
         "csrf", "bad-token", "too-many", "second-factor-failed", "second-factor-on",
         "second-factor-off", "recovery-code-used", "recovery-codes-new",
         "password-forgotten", "password-reset", "session-ended"]  # fmt: skip
SAID = (ROOT / "SECURITY.md").read_text()


def test_what_it_names_is_there():
    named = set(re.findall(r"`((?:[a-z_]+/)+[a-z_]*(?:\.[a-z]+)?|test_[a-z_]+\.py)`", SAID))
    named -= {"/login/", "/admin/login/", "/account/", "/account/second-factor/",
              "/login/forgotten/", "/login/new-password/"}  # fmt: skip
    places = (ROOT, ROOT / "tests", ROOT / "ordering/api", ROOT / "tests/ordering/api")
    missing = {name for name in named if not any((place / name).exists() for place in places)}
    assert len(named) > 40
    assert missing == set()


def test_its_settings_are_read_from_the_environment():
    read = (ROOT / "shop/settings.py").read_text()
    for name in (
        "LOGIN_FAILURES",
        "LOGIN_FAILURES_OF_ADDRESS",
        "LOGIN_WAIT",
        "SECOND_FACTOR",
        "SESSION_IDLE_DAYS",
        "PROXIES",
        "API_RATE",
    ):
        assert f"`{name}`" in SAID
        assert f'"{name}"' in read, name


def test_its_figures_are_those_of_the_shop():
    for figure in (
        f"`LOGIN_FAILURES` ({settings.AXES_FAILURE_LIMIT})",
        f"`LOGIN_FAILURES_OF_ADDRESS` ({settings.LOGIN_FAILURES_OF_ADDRESS})",
        f"`LOGIN_WAIT` ({settings.AXES_COOLOFF_TIME.seconds // 60})",
        f"`SESSION_IDLE_DAYS` ({settings.SESSION_IDLE_DAYS})",
        f"{settings.DATA_UPLOAD_MAX_MEMORY_SIZE // 1024} KiB, "
        f"{settings.DATA_UPLOAD_MAX_NUMBER_FIELDS:,} fields",
    ):
        assert figure in SAID


@pytest.mark.parametrize("word", WORDS)
def test_it_has_every_word_of_the_log(word):
    sources = ("shop/security.py", "ordering/live/app.py", "ordering/api/auth.py",
               "ordering/views/login.py", "ordering/views/second_factor.py",
               "ordering/views/forgotten.py", "ordering/views/account.py")  # fmt: skip
    assert any(f'"{word}"' in (ROOT / file).read_text() for file in sources)
    assert f"`{word}`" in SAID

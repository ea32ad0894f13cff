"""What the shop refuses to start with, and how it is set up where it is reached from outside."""

import json
import subprocess
import sys

import pytest
from django.core.exceptions import ImproperlyConfigured

from shop import environment
from tests.shop.processes import ROOT
from tests.shop.processes import environment as environment_of

SECRET = "k7J-random-enough-for-a-test-0123456789-abcdefghijklmnop"
# Nothing here is connected to: `check --without-store` reads the code only.
PRODUCTION = {
    "DATABASE_URL": "postgresql://shop:secret@db.invalid:5432/shop",
    "SECRET_KEY": SECRET,
    "ALLOWED_HOSTS": "shop.example",
}
TELL = """
import json, django
from django.conf import settings
django.setup()
names = [name for name in dir(settings) if name.isupper()]
print(json.dumps({name: getattr(settings, name) for name in names}, default=str))
"""


def run(*arguments, **settings) -> subprocess.CompletedProcess:
    return subprocess.run(
        [sys.executable, *arguments],
        cwd=ROOT,
        env=environment_of(**settings) | {"DJANGO_SETTINGS_MODULE": "shop.settings"},
        capture_output=True,
        text=True,
    )


@pytest.fixture(scope="module")
def production():
    """The settings of a shop outside local mode."""
    told = run("-c", TELL, **PRODUCTION)
    assert told.returncode == 0, told.stderr
    return json.loads(told.stdout)


def test_a_deployment_passes_djangos_own_checks():
    checked = run(
        *("manage.py", "check", "--deploy", "--fail-level", "WARNING", "--without-store"),
        **PRODUCTION,
    )
    assert checked.returncode == 0, checked.stderr
    assert "WARNINGS" not in checked.stderr


def test_a_deployment_without_hosts_does_not_pass_them():
    checked = run(
        *("manage.py", "check", "--deploy", "--fail-level", "WARNING", "--without-store"),
        **PRODUCTION | {"ALLOWED_HOSTS": ""},
    )
    assert checked.returncode == 1
    assert "security.W020" in checked.stderr


def test_its_cookies_belong_to_one_host_and_to_https(production):
    for cookie in ("SESSION", "CSRF", "LANGUAGE"):
        assert production[f"{cookie}_COOKIE_NAME"].startswith("__Host-")
        # What the prefix asks for; a browser would drop the cookie.
        assert production[f"{cookie}_COOKIE_SECURE"] is True
        assert production[f"{cookie}_COOKIE_DOMAIN"] is None
        assert production[f"{cookie}_COOKIE_PATH"] == "/"
        assert production[f"{cookie}_COOKIE_HTTPONLY"] is True
        assert production[f"{cookie}_COOKIE_SAMESITE"] == "Lax"
    assert production["LANGUAGE_CHOSEN_COOKIE_NAME"].startswith("__Host-")


def test_browsers_come_back_by_https_for_a_year(production):
    assert production["SECURE_SSL_REDIRECT"] is True
    assert production["SECURE_HSTS_SECONDS"] == 31_536_000
    assert production["SECURE_HSTS_INCLUDE_SUBDOMAINS"] is True
    assert production["SECURE_HSTS_PRELOAD"] is False


def test_nobody_is_believed_to_be_a_proxy(production):
    assert production["PROXIES"] == 0
    assert production["SECURE_PROXY_SSL_HEADER"] is None


@pytest.mark.parametrize(
    ("secret", "found"),
    [
        ("short", "found 5."),
        ("x" * 49, "found 49."),
        ("ab" * 40, "found 2 different ones."),
        ("django-insecure-" + SECRET, "found one that begins with django-insecure."),
    ],
)
def test_a_secret_that_could_be_guessed_is_refused(secret, found):
    with pytest.raises(ImproperlyConfigured) as refused:
        environment.sound_secret(secret)
    said = str(refused.value)
    assert said.startswith("SECRET_KEY: expected 50 or more random characters, ")
    assert said.endswith(found)
    assert secret not in said


def test_the_shop_does_not_start_with_one():
    started = run("manage.py", "check", **PRODUCTION | {"SECRET_KEY": "short"})
    assert started.returncode != 0
    assert "SECRET_KEY: expected 50 or more random characters, found 5." in started.stderr
    assert "Traceback" not in started.stderr


def test_nor_with_pages_that_show_its_code():
    started = run("manage.py", "check", **PRODUCTION | {"DEBUG": "1", "LOCAL": "0"})
    assert started.returncode != 0
    assert "DEBUG: expected off where LOCAL is off, found on." in started.stderr


@pytest.mark.parametrize(
    "host",
    ["*", ".example.org", "*.example.org", "https://shop.example", "shop.example:8000", "", "a b",
     "shop.example/", "-", "::1", "shop.example."],
)  # fmt: skip
def test_a_host_that_is_not_exact_is_refused(host):
    with pytest.raises(ImproperlyConfigured) as refused:
        environment.exact_hosts(["shop.example", host])
    assert "expected exact host names" in str(refused.value)
    assert str(refused.value).endswith(f"found {host!r}.")


def test_exact_hosts_are_taken():
    hosts = ["shop.example", "SHOP-2.example", "127.0.0.1", "[::1]", "localhost", "web_1"]
    assert environment.exact_hosts(hosts) == hosts


@pytest.mark.parametrize("found", ["", "-1", "1.5", "many", "1" * 10])
def test_a_count_that_is_none_is_refused(found):
    with pytest.raises(ImproperlyConfigured) as refused:
        environment.a_count("PROXIES", found)
    assert str(refused.value) == f"PROXIES: expected a number, 0 or more; found {found!r}."


def test_a_limit_of_nothing_is_refused():
    with pytest.raises(ImproperlyConfigured, match=r"expected a number, 1 or more; found '0'\."):
        environment.a_count("LOGIN_FAILURES", "0", least=1)

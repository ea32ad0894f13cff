from pathlib import Path

import pytest
from django.core import mail
from django.core.exceptions import ImproperlyConfigured

from shop import mailer

SMTP = "django.core.mail.backends.smtp.EmailBackend"


def test_a_url_says_host_port_user_and_password():
    made = mailer.from_url("smtp+tls://shop%40x:s%2Fcret@mail.example:587")

    assert made == {
        "BACKEND": SMTP,
        "OPTIONS": {
            "host": "mail.example",
            "port": 587,
            "username": "shop@x",
            "password": "s/cret",
            "use_tls": True,
            "timeout": 10,
        },
    }


def test_a_host_is_enough_and_the_rest_is_djangos():
    assert mailer.from_url("smtp://localhost")["OPTIONS"] == {"host": "localhost", "timeout": 10}
    assert mailer.from_url("smtp+ssl://h?timeout=3")["OPTIONS"] == {
        "host": "h",
        "use_ssl": True,
        "timeout": 3,
    }


def test_a_folder_is_a_whole_path():
    assert mailer.from_url("filemail:///srv/mail") == mailer.into(Path("/srv/mail"))


@pytest.mark.parametrize(
    "url", ["smtp+tls://u:p@h:587", "smtp://h", "filemail:///tmp", "consolemail://", "dummymail://"]
)
def test_django_takes_what_is_made_of_it(url, settings):
    settings.MAILERS = {"default": mailer.from_url(url)}

    assert mail.mailers["default"].send_messages([]) in (0, None)


@pytest.mark.parametrize(
    ("url", "found"),
    [
        ("http://user:s3cret@h", "that begins with 'http'"),
        ("smtp://user:s3cret@h:port", "that begins with 'smtp'"),
        ("smtp://user:s3cret@[h", "that begins with 'smtp'"),
        ("smtp://", "without a host"),
        ("mail.example", "that begins with 'mail.example'"),
    ],
)
def test_what_is_none_is_refused_without_its_password(url, found):
    with pytest.raises(ImproperlyConfigured, match="EMAIL_URL: expected smtp") as refused:
        mailer.from_url(url)

    assert found in str(refused.value)
    assert "s3cret" not in str(refused.value)

"""What DATABASE_URL and DATABASE_REPLICA_URL come to."""

import pytest
from django.core.exceptions import ImproperlyConfigured

from shop import databases

BOTH = {"DATABASE_URL": databases.primary, "DATABASE_REPLICA_URL": databases.standby}


def test_one_host():
    found = databases.primary("postgresql://tandem:s3%40ret@db.example:5433/shop?sslmode=require")
    assert found["OPTIONS"].pop("options").startswith("-c lock_timeout=2s ")
    assert found == {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": "shop",
        "USER": "tandem",
        "PASSWORD": "s3@ret",
        "HOST": "db.example",
        "PORT": "5433",
        "CONN_MAX_AGE": None,
        "CONN_HEALTH_CHECKS": True,
        "ATOMIC_REQUESTS": False,
        "OPTIONS": {
            "application_name": "tandem",
            "connect_timeout": 5,
            "prepare_threshold": 5,
            "sslmode": "require",
            **databases.WATCHED,
        },
    }


def test_several_hosts_of_which_one_is_the_primary():
    url = "postgresql://tandem@a:5432,b:5433/shop?target_session_attrs=read-write"
    found = databases.primary(url)
    assert (found["HOST"], found["PORT"]) == ("a,b", "5432,5433")
    assert found["OPTIONS"]["target_session_attrs"] == "read-write"


def test_a_socket_s_folder():
    found = databases.primary("postgresql://postgres@/tandem?host=/a%20b&port=5432")
    assert (found["HOST"], found["PORT"], found["NAME"]) == ("/a b", "5432", "tandem")


def test_what_the_url_says_comes_first():
    url = "postgresql://h/shop?connect_timeout=9&application_name=till"
    assert databases.standby(url)["OPTIONS"] | {"options": ""} == {
        "application_name": "till",
        "connect_timeout": "9",
        "prepare_threshold": 5,
        "options": "",
        **databases.WATCHED,
    }


def test_nothing_is_written_to_a_standby():
    options = databases.standby("postgresql://h/shop")["OPTIONS"]["options"]
    assert "-c default_transaction_read_only=on" in options


@pytest.mark.parametrize("name", BOTH)
@pytest.mark.parametrize("url", ["mysql://root:s3cret@h/shop", "postgresql://h/", "shop", ""])
def test_a_url_of_something_else_is_refused_by_name(name, url):
    expected = f"{name}: expected postgresql://USER:PASSWORD@HOST:PORT/NAME, found one that begins"
    with pytest.raises(ImproperlyConfigured) as refused:
        BOTH[name](url)
    assert str(refused.value).startswith(expected)
    assert "s3cret" not in str(refused.value)


@pytest.mark.parametrize("name", BOTH)
@pytest.mark.parametrize(
    "url", ["postgresql://u:s3cret%zz@h/shop", "postgresql://u:s3cret@h/s?x=1"]
)
def test_a_url_that_libpq_cannot_read_is_refused_without_its_password(name, url):
    with pytest.raises(
        ImproperlyConfigured, match=f"{name}: expected .* found one that"
    ) as refused:
        BOTH[name](url)
    assert "s3cret" not in str(refused.value)
    assert refused.value.__suppress_context__

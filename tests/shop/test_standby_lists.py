"""What a standby is asked for is named in lists; a name that means nothing would go unnoticed."""

import pytest
from django.apps import apps
from django.db import connection
from django.urls import get_resolver

from shop.standby import position
from shop.standby.routing import CALLS, PAGES, TABLES
from tests.shop.processes import ROOT


def names(resolver, prefix="") -> set[str]:
    found = set()
    for pattern in resolver.url_patterns:
        if hasattr(pattern, "url_patterns"):
            inner = f"{pattern.namespace}:" if pattern.namespace else ""
            found |= names(pattern, prefix + inner)
        elif pattern.name:
            found.add(prefix + pattern.name)
    return found


def test_each_page_and_call_is_an_address_of_the_shop():
    assert names(get_resolver()) >= PAGES | CALLS


@pytest.mark.django_db
def test_each_table_is_one_that_a_standby_has():
    tables = [apps.get_model(label)._meta.db_table for label in sorted(TABLES)]
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT relname FROM pg_class WHERE relname = ANY(%s) AND relpersistence = 'p'",
            [tables],
        )
        logged = {name for (name,) in cursor.fetchall()}
    assert logged == set(tables)


def test_nothing_of_it_is_loaded_without_a_standby(settings):
    assert list(settings.DATABASES) == ["default"]
    assert settings.DATABASE_ROUTERS == []
    assert not [name for name in settings.MIDDLEWARE if "standby" in name]


def test_the_script_and_the_shop_keep_the_position_in_the_same_cookie():
    script = (ROOT / "static/live.js").read_text()
    assert f"(?:^|; ){position.COOKIE}=(" in script
    assert f"document.cookie = `{position.COOKIE}=$" in script

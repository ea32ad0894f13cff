"""The cast, a database whose history even tests can only empty through one gate, and a clone."""

import gc
import shutil
import signal
from pathlib import Path
from typing import NamedTuple

import pytest
from django.conf import settings
from django.contrib.auth.models import Group, Permission
from django.core.management.commands import flush
from django.db import connection
from django.db.backends.postgresql.operations import DatabaseOperations
from prometheus_client.parser import text_string_to_metric_families
from whitenoise.middleware import WhiteNoiseMiddleware

import shop.messages
from ordering.roles import OPERATOR, ROLES, SUPPORT, make_roles
from tests import emptying, real_catalog
from tests.factories import AgentFactory, CustomerFactory
from tests.shop.house import House
from tests.shop.processes import ROOT, clear, demo, folder_of_its_own, write_quick_passwords

NOT_IN_A_CLONE = shutil.ignore_patterns(".*", "__pycache__", "tests", "staticfiles")


# Whoever runs pytest by itself may not have run bin/setup since a translation changed.
shop.messages.compile_stale()


def pytest_collection_modifyitems(items):
    """Tests that start the shop come first, then those that are marked as long: at the end one
    worker would have them while the others have nothing left. And the first share one clone."""

    def key(item):
        fixtures = getattr(item, "fixturenames", ())
        return "opened_once" not in fixtures, item.get_closest_marker("long") is None

    items.sort(key=key)


def pytest_collection_finish():
    """What is loaded by now stays. To look through it for garbage again and again took an eighth of
    the time of the tests that run in this process."""
    gc.collect()
    gc.freeze()


@pytest.fixture(autouse=True, scope="session")
def _quick_emptying():
    """Each of the hundreds of tests that commit ends by emptying the database."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(DatabaseOperations, "execute_sql_flush", emptying.empty)
        patch.setattr(flush, "emit_post_migrate_signal", emptying.fill)
        yield


@pytest.fixture(autouse=True, scope="session")
def _quick_clients():
    """Each of the thousands of clients makes the middleware anew, which then looks at each file
    that the shop serves. None of them changes meanwhile."""
    files = {}
    look = WhiteNoiseMiddleware.add_files_from_finders

    def look_once(middleware):
        if not files:
            look(middleware)
            files.update(middleware.files)
        middleware.files.update(files)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(WhiteNoiseMiddleware, "add_files_from_finders", look_once)
        yield


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_modify_db_settings):
    """A commit need not wait for the disk: what a test wrote is thrown away in any case."""
    options = settings.DATABASES["default"]["OPTIONS"]
    options["options"] = f"{options.get('options', '')} -c synchronous_commit=off"


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup, django_db_blocker):
    """Agents get ids from 1000 on: those below are for tests that choose one."""
    with django_db_blocker.unblock(), connection.cursor() as cursor:
        cursor.execute("SELECT setval(pg_get_serial_sequence('ordering_agent', 'id'), 99_999)")


@pytest.fixture(scope="session")
def loaded_catalog(django_db_setup, django_db_blocker):
    """The real catalog, aside; `real_catalog.fill` copies it into a test's database."""
    with django_db_blocker.unblock():
        return real_catalog.keep()


@pytest.fixture(autouse=True)
def _quick_passwords(settings):
    """Hashing that is slow on purpose would be most of the suite's time."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture
def harbour(db):
    return CustomerFactory(name="Harbour Café", code="HC")


@pytest.fixture
def northgate(db):
    return CustomerFactory(name="Northgate Bakery", code="NB")


@pytest.fixture
def alice(harbour):
    return AgentFactory(username="alice", customer=harbour)


@pytest.fixture
def bob(harbour):
    """Alice's colleague."""
    return AgentFactory(username="bob", customer=harbour)


@pytest.fixture
def charlie(northgate):
    """An agent of another customer, who is always refused."""
    return AgentFactory(username="charlie", customer=northgate)


@pytest.fixture
def admin(db):
    return AgentFactory(username="admin", customer=None, is_staff=True, is_superuser=True)


@pytest.fixture
def roles(db):
    """The roles of the migration, which a test that committed has emptied away."""
    if Group.objects.filter(name__in=ROLES).count() < len(ROLES):
        make_roles(Group, Permission)


def _staff(name, role):
    agent = AgentFactory(username=name, customer=None, is_staff=True)
    agent.groups.add(Group.objects.get(name=role))
    return agent


@pytest.fixture
def support(roles):
    return _staff("support", SUPPORT)


@pytest.fixture
def operator(roles):
    return _staff("operator", OPERATOR)


@pytest.fixture
def figure(client):
    """A figure of /metrics by its name and labels; 0 when there is no such series."""

    def figure(name, **labels):
        for family in text_string_to_metric_families(client.get("/metrics").content.decode()):
            for sample in family.samples:
                if sample.name == name and sample.labels == labels:
                    return sample.value
        return 0

    return figure


@pytest.fixture
def rise(figure):
    """By how much figures, pairs of name and labels, rise while something is done."""

    def rise(work, *wanted):
        before = [figure(name, **labels) for name, labels in wanted]
        work()
        return [
            figure(name, **labels) - was for (name, labels), was in zip(wanted, before, strict=True)
        ]

    return rise


class Clone(NamedTuple):
    path: Path
    first_words: str
    """What the first `demo` wrote there."""


@pytest.fixture(scope="session")
def opened_once():
    """The shop's files as in a fresh clone, where the demo was opened and closed once."""
    with folder_of_its_own() as path:
        shutil.copytree(ROOT, path, dirs_exist_ok=True, ignore=NOT_IN_A_CLONE)
        write_quick_passwords(path)
        with demo(path, port=0) as first:
            first.is_open()
            assert first.signalled(signal.SIGINT) == 0
        yield Clone(path, first.output)


@pytest.fixture
def clone(opened_once):
    """That clone, in which nothing may be left running."""
    yield opened_once.path
    clear(opened_once.path)


@pytest.fixture(scope="session")
def house(opened_once):
    """A primary and two standbys of it, with the demo's data."""
    with folder_of_its_own() as folder, House(folder, opened_once.path) as house:
        yield house


@pytest.fixture(scope="session")
def hosts(house):
    """Two web hosts: the first reads the first standby, the second the other one."""
    with house.host("first", house.standbys[0]) as first:
        with house.host("second", house.standbys[1]) as second:
            yield first.is_open(), second.is_open()
            assert second.signalled(signal.SIGINT) == 0
        assert first.signalled(signal.SIGINT) == 0
    for host in (first, second):
        assert "Traceback" not in host.output, host.output

"""The roles that a migration makes, and what each may."""

import importlib

import pytest
from django.apps import apps
from django.contrib.auth.models import Group, Permission
from django.db import connection

from ordering.roles import OPERATOR, ROLES, SUPPORT, make_roles

pytestmark = pytest.mark.django_db

OF_SUPPORT = {
    "catalog.view_category", "catalog.view_product", "eventstore.view_checkpoint",
    "eventstore.view_event", "eventstore.view_refusal", "eventstore.view_skip",
    "eventstore.view_stream", "ordering.view_agent", "ordering.view_customer",
    "ordering.view_dailyfigure", "ordering.view_orderhead",
}  # fmt: skip
OF_OPERATOR = OF_SUPPORT | {
    "eventstore.change_checkpoint", "eventstore.view_payload", "ordering.add_agent",
    "ordering.add_customer", "ordering.change_agent", "ordering.change_customer",
}  # fmt: skip


def test_support_looks_and_an_operator_acts(support, operator):
    assert support.get_all_permissions() == OF_SUPPORT
    assert operator.get_all_permissions() == OF_OPERATOR


def test_the_migration_makes_them_where_there_are_no_permissions_yet():
    Group.objects.all().delete()
    Permission.objects.all().delete()
    migration = importlib.import_module("ordering.migrations.0007_roles")
    with connection.schema_editor() as editor:
        migration.forwards(apps, editor)
    made = {
        group.name: {
            f"{one.content_type.app_label}.{one.codename}" for one in group.permissions.all()
        }
        for group in Group.objects.all()
    }
    assert made == {SUPPORT: OF_SUPPORT, OPERATOR: OF_OPERATOR}


def test_made_again_they_keep_what_they_were_given(roles):
    group = Group.objects.get(name=SUPPORT)
    group.permissions.add(Permission.objects.get(codename="view_payload"))
    make_roles(Group, Permission)
    assert group.permissions.count() == len(OF_SUPPORT) + 1
    assert Group.objects.count() == 2


def test_a_permission_that_is_not_there_is_named(monkeypatch):
    monkeypatch.setitem(ROLES, SUPPORT, [("eventstore", "view_nonsense")])
    with pytest.raises(LookupError, match=r"Support: expected .* eventstore.view_nonsense"):
        make_roles(Group, Permission)

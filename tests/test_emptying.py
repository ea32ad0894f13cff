"""What the suite itself does between tests that commit: nothing is left, and the log is shut."""

import pytest
from django.contrib.contenttypes.models import ContentType
from django.core.management import call_command
from django.db import Error, connection

from eventstore.models import Checkpoint, Event, Stream
from ordering import handling
from ordering.handling import Caller
from ordering.models import Agent, OrderHead
from tests import emptying


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("grown", [emptying.GROWN, -1], ids=["few rows", "many deleted rows"])
def test_it_leaves_nothing_but_what_migrations_made(alice, monkeypatch, grown):
    monkeypatch.setattr(emptying, "GROWN", grown)
    handling.open_order(Caller(alice, "web"), key="order")

    call_command("flush", interactive=False, verbosity=0)

    for model in (Agent, OrderHead, Stream, Event):
        assert not model.objects.exists(), model
    assert ContentType.objects.exists()
    assert not Checkpoint.objects.exclude(position=0).exists()
    assert Checkpoint.objects.exists()
    for refused in ("DELETE FROM eventstore_event", "TRUNCATE eventstore_event"):
        with connection.cursor() as cursor, pytest.raises(Error, match="append-only"):
            cursor.execute(refused)

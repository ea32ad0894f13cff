"""A reactor may wait for others longer than a command may."""

import pytest
from django.db import connection

from eventstore.checkpoints import ensure_checkpoints
from eventstore.models import Checkpoint
from eventstore.reactors import Reactor, reactors
from eventstore.runner import Runner
from tests.eventstore.counter import Add, Counted

LIMITS = ("idle_in_transaction_session_timeout", "transaction_timeout")


def limits():
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {', '.join(f'current_setting({name!r})' for name in LIMITS)}")
        return cursor.fetchone()


@pytest.mark.django_db(transaction=True)
def test_its_transaction_outlives_a_slow_mail_server(monkeypatch, send):
    seen, slow = [], Reactor("slow")
    slow.on(Counted)(lambda reaction: seen.append(limits()))
    monkeypatch.setitem(reactors, "slow", slow)
    ensure_checkpoints()
    usual = limits()

    send(Add((1,)))
    Runner().catch_up()

    assert seen == [("5min", "5min")]
    assert limits() == usual == ("10s", "30s")
    Checkpoint.objects.filter(name="slow").delete()

import uuid

import psycopg
import pytest
from django.db import IntegrityError, connection, transaction
from django.db.transaction import TransactionManagementError
from django.test.utils import CaptureQueriesContext

from eventstore.models import Skip
from eventstore.statements import Statement, run, write_together

pytestmark = pytest.mark.django_db

SKIP = """
INSERT INTO eventstore_skip (subscription, position, error, skipped_by)
VALUES (%s, %s, '', '')
"""


def test_it_returns_the_rows_and_none_where_there_are_none():
    assert run(Statement("SELECT n FROM generate_series(1, %s) AS n", [3])) == [(1,), (2,), (3,)]
    assert run(Statement(SKIP, ["favourites", 1])) == []


def test_values_come_as_from_djangos_cursors():
    asked = [uuid.uuid4(), '{"a": 1}']
    sql = "SELECT %s::uuid, %s::jsonb, TIMESTAMPTZ '2026-04-01 12:00+02'"
    with connection.cursor() as cursor:
        cursor.execute(sql, asked)
        assert run(Statement(sql, asked)) == cursor.fetchall()


def test_the_database_parses_a_statement_once_a_connection():
    sql = "SELECT %s::int + 4711"
    for number in range(3):
        run(Statement(sql, [number]))
    run(Statement("SELECT 4712", prepare=False))
    with connection.cursor() as cursor:
        cursor.execute("SELECT statement FROM pg_prepared_statements WHERE statement ~ '471'")
        assert cursor.fetchall() == [("SELECT $1::int + 4711",)]


def test_whoever_watches_djangos_cursors_sees_it_too():
    with CaptureQueriesContext(connection) as captured:
        assert run(Statement("SELECT %s::int", [7])) == [(7,)]
    assert [query["sql"] for query in captured] == ["SELECT 7::int"]


def test_it_fails_as_djangos_cursors_do():
    run(Statement(SKIP, ["favourites", 1]))
    with pytest.raises(IntegrityError) as raised, transaction.atomic():
        run(Statement(SKIP, ["favourites", 1]))
    assert raised.value.__cause__.sqlstate == "23505"
    connection.set_rollback(True)
    with pytest.raises(TransactionManagementError):
        run(Statement("SELECT 1"))
    connection.set_rollback(False)


def test_what_is_written_together_is_one_statement():
    with CaptureQueriesContext(connection) as captured:
        write_together([Statement(SKIP, ["favourites", position]) for position in (1, 2, 3)])
    assert len(captured) == 1
    assert set(Skip.objects.values_list("position", flat=True)) == {1, 2, 3}


def test_all_of_what_is_written_together_fails_with_one_of_it():
    with pytest.raises(IntegrityError), transaction.atomic():
        write_together([Statement(SKIP, ["favourites", position]) for position in (1, 2, 2)])
    assert not Skip.objects.exists()


def test_nothing_to_write_is_no_statement():
    with CaptureQueriesContext(connection) as captured:
        write_together([])
    assert len(captured) == 0


@pytest.mark.django_db(transaction=True)
def test_a_request_notices_that_the_server_ended_its_connection():
    connection.ensure_connection()
    with psycopg.connect(**connection.get_connection_params(), autocommit=True) as other:
        own = connection.connection.info.backend_pid
        other.execute("SELECT pg_terminate_backend(%s, 5000)", [own])
    connection.health_check_enabled, connection.health_check_done = True, False  # a request begins
    assert run(Statement("SELECT 1")) == [(1,)]

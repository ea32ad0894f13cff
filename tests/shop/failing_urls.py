"""The shop's pages, and some that fail in the ways that `shop.views` answers for."""

import psycopg
from django.contrib.auth.decorators import login_not_required
from django.db import DatabaseError, InterfaceError, InternalError, OperationalError
from django.http import HttpResponse
from django.urls import path

from shop import lockout
from shop.urls import *  # noqa: F403
from shop.urls import urlpatterns as pages


def refused():
    raise OperationalError("connection refused") from psycopg.OperationalError()


def shut_down():
    raise OperationalError("terminating connection") from psycopg.errors.AdminShutdown()


def closed():
    raise InterfaceError("connection already closed")


def cleaning_up_after_a_lost_connection():
    try:
        refused()
    except OperationalError as error:
        raise RuntimeError("could not roll back") from error


def lock_timeout():
    raise OperationalError("lock timeout") from psycopg.errors.LockNotAvailable()


def disk_full():
    raise OperationalError("could not extend file") from psycopg.errors.DiskFull()


def read_only():
    cause = psycopg.errors.ReadOnlySqlTransaction()
    raise InternalError("cannot execute INSERT in a read-only transaction") from cause


def out_of_step():
    raise DatabaseError("lost synchronization with server") from psycopg.DatabaseError()


def wrong_of_another_kind():
    raise DatabaseError("feature not there") from psycopg.errors.lookup("F0000")()


def ended_for_idling():
    cause = psycopg.errors.IdleInTransactionSessionTimeout()
    raise InternalError("terminating connection") from cause


def damaged():
    raise InternalError("invalid page") from psycopg.errors.DataCorrupted()


def bug():
    raise ZeroDivisionError("a fault of ours")


FAILURES = [
    refused,
    shut_down,
    closed,
    cleaning_up_after_a_lost_connection,
    lock_timeout,
    disk_full,
    read_only,
    out_of_step,
    wrong_of_another_kind,
    ended_for_idling,
    damaged,
    bug,
]


def page(failure):
    @login_not_required
    def view(request):
        failure()

    return view


@login_not_required
def change_session(request):
    request.session["seen"] = True
    return HttpResponse("changed")


urlpatterns = [
    *pages,
    *(path(f"{failure.__name__}/", page(failure)) for failure in FAILURES),
    path("api/refused/", page(refused)),
    path("change_session/", change_session),
    path("locked_out/", login_not_required(lockout.answer)),
]

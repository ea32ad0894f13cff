"""Logging in has to wait after too many failures: of one account, or of one address.

Counted by django-axes in the database, so that all processes count together. Sessions are left
alone: who is logged in stays so, whatever somebody else tries with their name.
"""

import logging

from axes.handlers.database import AxesDatabaseHandler
from axes.models import AccessAttempt
from django.conf import settings
from django.db.models.signals import pre_save
from django.dispatch import receiver
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from ordering.address import client_address, counted_as

# It says less than shop.security does, which says the same.
logging.getLogger("axes.handlers").setLevel(logging.ERROR)


class Lockout(AxesDatabaseHandler):
    """axes has one limit. An office has one address and many agents, so its limit is another."""

    def get_failures(self, request: HttpRequest, credentials: dict | None = None) -> int:
        """As axes compares them with AXES_FAILURE_LIMIT, which is that of an account."""
        of_account, of_address = (
            sum(attempts.values_list("failures_since_start", flat=True))
            for attempts in self.get_user_attempts(request, credentials)
        )
        if of_address >= settings.LOGIN_FAILURES_OF_ADDRESS:
            return max(of_account, settings.AXES_FAILURE_LIMIT)
        return of_account

    def reset_user_attempts(self, request: HttpRequest, credentials: dict | None = None) -> int:
        """Forget what this account failed at from here. axes would forget all of the address, and
        somebody with one good account could go on guessing at the others for ever."""
        hers = AccessAttempt.objects.filter(
            username=(credentials or {}).get("username"), ip_address=request.axes_ip_address
        )
        return hers.delete()[0]


@receiver(pre_save, sender=AccessAttempt, dispatch_uid="shop.lockout.untold")
def keep_nothing_typed(sender, instance: AccessAttempt, **kwargs) -> None:
    """axes keeps all fields of the form but those that it knows to be secret, each time anew."""
    instance.get_data = instance.post_data = ""


def address(request: HttpRequest) -> str | None:
    return counted_as(client_address(request))


def answer(
    request: HttpRequest, original: HttpResponse | None = None, credentials: dict | None = None
) -> HttpResponse:
    """The same for an account that exists and one that does not."""
    wait = settings.AXES_COOLOFF_TIME
    context = {"minutes": int(wait.total_seconds() / 60)}
    response = render(request, "429.html", context, status=429)
    response["Retry-After"] = int(wait.total_seconds())
    response["Cache-Control"] = "no-store"
    return response

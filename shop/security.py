"""What the log says of logins and of who was denied something (see ordering.denials).

Loaded with the middleware: every process that answers requests hears the signals below.
"""

import logging

from axes.signals import user_locked_out
from django.contrib.auth import signals
from django.dispatch import receiver
from django.http import HttpRequest, HttpResponse
from django.views import csrf

from ordering.denials import note_request
from ordering.models import Agent
from shop.observed import known

# Of an address: what is another's, or is not there. Nobody comes upon such an id by chance.
NAMED = {"order_id", "token_id", "session_id"}


def denials(get_response):
    """Notes each answer that denied something to somebody."""

    def middleware(request):
        response = get_response(request)
        if what := denial(request, response):
            note_request(what, request, known(request), status=response.status_code)
        return response

    return middleware


def denial(request: HttpRequest, response: HttpResponse) -> str:
    """What to call it; "" when nothing was denied."""
    match response.status_code:
        case 401 if "Authorization" in request.headers:
            return "bad-token"
        case 403:
            return getattr(request, "denied_as", "forbidden")
        case 404 if known(request) and _names_something(request):
            return "not-theirs"
        case 429 if not getattr(request, "axes_locked_out", False):  # which is noted below
            return "too-many"
    return ""


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    request.denied_as = "csrf"
    return csrf.csrf_failure(request, reason)


@receiver(signals.user_login_failed, dispatch_uid="shop.security.failed")
def on_failed(sender, credentials, request=None, **kwargs):
    """Tells of the account that was tried only by its id, if there is one: what was typed as a
    name may be a password."""
    what = "second-factor-failed" if "second_token" in credentials else "login-failed"
    if request is None or getattr(request, "axes_locked_out", False):
        return
    tried = _id_of(credentials.get("username"))
    note_request(what, request, known(request), tried_id=tried)


@receiver(user_locked_out, dispatch_uid="shop.security.locked")
def on_locked_out(sender, request, username, **kwargs):
    note_request("locked-out", request, known(request), tried_id=_id_of(username))


@receiver(signals.user_logged_in, dispatch_uid="shop.security.in")
def on_login(sender, request, user, **kwargs):
    note_request("logged-in", request, user, level=logging.INFO)


@receiver(signals.user_logged_out, dispatch_uid="shop.security.out")
def on_logout(sender, request, user, **kwargs):
    note_request("logged-out", request, user, level=logging.INFO)


def _id_of(username: str | None) -> int | None:
    return Agent.objects.filter(username=username).values_list("pk", flat=True).first()


def _names_something(request: HttpRequest) -> bool:
    found = request.resolver_match
    return bool(found) and (
        found.url_name == "current_order" or NAMED & found.kwargs.keys() != set()
    )

"""Who asks: a program by its token, or a page by the session. Both become `request.auth`."""

from datetime import timedelta

from django.conf import settings
from django.http import HttpRequest
from django.utils import timezone
from ninja.security import APIKeyCookie, HttpBearer
from ninja.utils import check_csrf

from eventstore.away import while_it_takes_changes
from ordering.api.limits import check_rate
from ordering.api.models import ApiToken
from ordering.api.problems import Problem
from ordering.models import Agent
from ordering.second_factor.steps import suffices

NOTED_EVERY = timedelta(minutes=1)  # its last use is not written with each request


class BearerToken(HttpBearer):
    def authenticate(self, request: HttpRequest, token: str) -> Agent | None:
        found = ApiToken.objects.by_secret(token)
        if found is None:
            return None
        check_rate(f"token {found.pk}")
        _note_use(found)
        return found.agent


class Session(APIKeyCookie):
    param_name = settings.SESSION_COOKIE_NAME

    def __init__(self) -> None:
        super().__init__(csrf=False)  # only once it is known that somebody is logged in

    def authenticate(self, request: HttpRequest, key: str | None) -> Agent | None:
        # A token that is not good any more is not made good by a session.
        if "Authorization" in request.headers or not request.user.is_authenticated:
            return None
        if not suffices(request.user, request.session):
            return None
        if check_csrf(request):
            request.denied_as = "csrf"
            raise Problem(
                403,
                "Expected the header X-CSRFToken with the token of the cookie, since a session "
                "asks.",
                code="csrf-failed",
            )
        check_rate(f"agent {request.user.pk}")
        return request.user


def _note_use(token: ApiToken) -> None:
    now = timezone.now()
    if token.last_used_at is None or now - token.last_used_at > NOTED_EVERY:
        with while_it_takes_changes():
            ApiToken.objects.filter(pk=token.pk).update(last_used_at=now)

"""Whether somebody has the second factor of an account."""

import math
import re

from django.db import transaction
from django.http import HttpRequest
from django.utils import timezone
from django_otp.plugins.otp_totp.models import TOTPDevice

from ordering.models import Agent
from ordering.second_factor.models import RecoveryCode, plain

OF_APP = re.compile("[0-9]{6}")


def device_of(agent: Agent) -> TOTPDevice | None:
    return _devices(agent).first()


def remove_from(agent: Agent) -> bool:
    """Take the second factor away; whether there was one."""
    with transaction.atomic():
        agent.recovery_codes.all().delete()
        return bool(TOTPDevice.objects.filter(user=agent).delete()[0])


def is_of_app(typed: str) -> bool:
    """Whether it looks like a code of an app, and not like a recovery code."""
    return bool(OF_APP.fullmatch(plain(typed)))


def accepts(agent: Agent, typed: str) -> bool:
    """Whether it is a code that the agent's app shows now, or one of the recovery codes. Neither
    is accepted twice, not even at the same moment."""
    code = plain(typed)
    if not is_of_app(typed):
        return device_of(agent) is not None and RecoveryCode.use(agent, code)
    with transaction.atomic():
        device = _devices(agent).select_for_update().first()
        return device is not None and device.verify_token(code)


def wait_for(agent: Agent, typed: str) -> int:
    """For how many seconds no code of the app is tried, after wrong ones: each doubles the wait, so
    that nobody who knows the password guesses for days. 0 for none, and for a recovery code."""
    device = device_of(agent) if is_of_app(typed) else None
    allowed, why = device.verify_is_allowed() if device else (True, None)
    if allowed:
        return 0
    return max(1, math.ceil((why["locked_until"] - timezone.now()).total_seconds()))


def _devices(agent: Agent):
    return TOTPDevice.objects.filter(user=agent, confirmed=True)


class CodeBackend:
    """Tries a code as a password is tried, so that both count together (see shop.lockout). It lets
    nobody in by itself: only those ask it who have proved the password."""

    def authenticate(self, request: HttpRequest, username: str, second_token: str):
        agent = Agent.objects.filter(username=username, is_active=True).first()
        return agent if agent and accepts(agent, second_token) else None

"""Setting a second factor up: a key that the app learns, and a code that proves it did."""

import time
from base64 import b32encode

import segno
from django.contrib.auth import update_session_auth_hash
from django.db import transaction
from django.http import HttpRequest
from django.utils.safestring import SafeString, mark_safe
from django_otp.plugins.otp_totp.models import TOTPDevice, default_key

from ordering import own_sessions
from ordering.models import Agent
from ordering.second_factor import proving, steps
from ordering.second_factor.models import RecoveryCode, plain

NEW_KEY = "second_factor_key"  # in the session: [key in hex, until when (Unix time)]
MINUTES = 15  # that a key waits to be confirmed


def begin(request: HttpRequest) -> None:
    request.session[NEW_KEY] = [default_key(), time.time() + MINUTES * 60]


def begun(request: HttpRequest) -> TOTPDevice | None:
    """What is being set up in this browser, not stored yet."""
    key, until = request.session.get(NEW_KEY, ("", 0))
    if until < time.time():
        return None
    return TOTPDevice(user=request.user, name="app", key=key)


def cancel(request: HttpRequest) -> None:
    request.session.pop(NEW_KEY, None)


def readable_key(device: TOTPDevice) -> str:
    """For whoever types it: in groups of four."""
    key = b32encode(device.bin_key).decode()
    return " ".join(key[at : at + 4] for at in range(0, len(key), 4))


def picture(device: TOTPDevice) -> SafeString:
    """A QR code as SVG, without styles: the CSP allows none."""
    drawn = segno.make(device.config_url, error="m").svg_inline(
        light="#fff", border=3, omitsize=True, svgclass="qr"
    )
    return mark_safe(drawn)  # noqa: S308  (squares, drawn by the package)


def confirm(request: HttpRequest, device: TOTPDevice, typed: str) -> list[str]:
    """Store the device when its code is right, with new recovery codes, which are returned; []
    for a wrong code, or when there is another device by now. Ends the agent's other sessions: they
    began without it."""
    agent = request.user
    with transaction.atomic():
        Agent.objects.select_for_update().get(pk=agent.pk)  # two browsers may set one up
        code = plain(typed)
        right = proving.is_of_app(code) and device.verify_token(code)
        if not right or TOTPDevice.objects.filter(user=agent).exclude(pk=device.pk).exists():
            transaction.set_rollback(True)
            return []
        codes = RecoveryCode.make_new(agent)
        own_sessions.end_all(agent, but=request.session.session_key)
    update_session_auth_hash(request, agent)
    cancel(request)
    steps.complete(request)
    return codes


def remove_what_is_lost(agent: Agent) -> bool:
    """Take the second factor away from who lost it, and end all their sessions: one may be on the
    lost phone. Whether there was one."""
    with transaction.atomic():
        had_one = proving.remove_from(agent)
        if had_one:
            own_sessions.end_all(agent)
    return had_one

"""Agents with a second factor, and the codes of their apps."""

import time

from django.test import Client
from django_otp.oath import TOTP
from django_otp.plugins.otp_totp.models import TOTPDevice

STEP = 30  # seconds


def give_app(agent) -> TOTPDevice:
    return TOTPDevice.objects.create(user=agent, name="app")


def code_of(device, later: int = 0) -> str:
    """What the app shows now, or so many steps later: each code is taken once."""
    app = TOTP(device.bin_key)
    app.time = time.time() + later * STEP
    return f"{app.token():06}"


def wrong_code(device) -> str:
    right = {code_of(device, later) for later in (-1, 0, 1)}
    return next(code for code in ("000000", "111111", "222222", "333333") if code not in right)


def prove_password(agent, at="/login/", next_="", **options) -> Client:
    """A browser in which the agent has done the first step."""
    client = Client(**options)
    form = {"username": agent.username, "password": "demo"} | ({"next": next_} if next_ else {})
    client.asked = client.post(at, form)
    return client


def is_logged_in(client) -> bool:
    return client.get("/orders/").status_code == 200

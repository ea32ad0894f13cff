"""What the environment says, checked before anything is served by it."""

import re

from django.core.exceptions import ImproperlyConfigured

SHORTEST_SECRET = 50  # characters
FEWEST_DIFFERENT = 5  # characters in it; Django's own check wants as many
# A name, an IPv4 address, or an IPv6 address in brackets: what a Host header may be, without port.
EXACT_HOST = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?|\[[0-9A-Fa-f:.]+\]")


def sound_secret(secret: str) -> str:
    """The secret, when nobody could guess it. Never names it: errors end in logs."""
    expected = f"SECRET_KEY: expected {SHORTEST_SECRET} or more random characters, found "
    if secret.startswith("django-insecure"):
        raise ImproperlyConfigured(f"{expected}one that begins with django-insecure.")
    if len(secret) < SHORTEST_SECRET:
        raise ImproperlyConfigured(f"{expected}{len(secret)}.")
    if len(set(secret)) < FEWEST_DIFFERENT:
        raise ImproperlyConfigured(f"{expected}{len(set(secret))} different ones.")
    return secret


def exact_hosts(hosts: list[str]) -> list[str]:
    """The hosts, when each one is exact: who may choose the Host header chooses where the links of
    an answer lead."""
    for host in hosts:
        if not EXACT_HOST.fullmatch(host):
            raise ImproperlyConfigured(
                "ALLOWED_HOSTS: expected exact host names without scheme, port, wildcard or "
                f"leading dot, such as shop.example; found {host!r}."
            )
    return hosts


def a_count(name: str, found: str, least: int = 0) -> int:
    if not re.fullmatch("[0-9]{1,9}", found) or int(found) < least:
        raise ImproperlyConfigured(f"{name}: expected a number, {least} or more; found {found!r}.")
    return int(found)


def one_of(name: str, found: str, known: tuple[str, ...]) -> str:
    if found not in known:
        raise ImproperlyConfigured(f"{name}: expected one of {', '.join(known)}; found {found!r}.")
    return found

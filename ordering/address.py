"""Where a request comes from, as far as it can be known."""

import ipaddress

from django.conf import settings
from django.http import HttpRequest


def address_of(connected: str, forwarded: str) -> str:
    """The client's address: `connected` is who holds the connection; `forwarded` is the header
    X-Forwarded-For, whose last entry each proxy adds. "" when neither is an address.

    Only the entries of our own proxies are believed (settings.PROXIES); those before them anybody
    may have written.
    """
    entries = [entry.strip() for entry in forwarded.split(",")]
    told = entries[-settings.PROXIES] if 0 < settings.PROXIES <= len(entries) else ""
    for text in (told, connected):
        try:
            address = ipaddress.ip_address(text)
        except ValueError:
            continue
        return str(getattr(address, "ipv4_mapped", None) or address)
    return ""


def client_address(request: HttpRequest) -> str:
    return address_of(
        request.META.get("REMOTE_ADDR", ""), request.headers.get("X-Forwarded-For", "")
    )


def counted_as(address: str) -> str | None:
    """What counts as one address: whoever has one of IPv6 has a whole /64 of them."""
    if not address:
        return None
    if ":" in address:
        return str(ipaddress.ip_network((address, 64), strict=False).network_address)
    return address

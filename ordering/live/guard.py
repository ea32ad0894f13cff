"""What Django's middleware sees to for pages. Streams do not pass through it."""

from django.conf import settings
from django.http.request import split_domain_port, validate_host
from limits import parse
from limits.storage import MemoryStorage
from limits.strategies import FixedWindowRateLimiter

from ordering.address import address_of, counted_as
from ordering.api.problems import NOTHING

# A page signs every four seconds, and when the cursor moves; of one stream.
SIGNS = parse("300/minute")
# Of one address, before each costs a look at the database. A page that is told so stops asking.
STRANGERS = parse("120/minute")

# Counted in this process: asking another place would hold up the event loop.
_limiter = FixedWindowRateLimiter(MemoryStorage())


def headers_of(scope: dict) -> dict[bytes, bytes]:
    return dict(scope["headers"])


def is_for_us(scope: dict) -> bool:
    """Whether the header Host names a host of ours, as Django asks of pages."""
    host = headers_of(scope).get(b"host", b"").decode("latin-1")
    domain, _port = split_domain_port(host)
    return bool(domain) and validate_host(domain, settings.ALLOWED_HOSTS)


def is_secure(scope: dict) -> bool:
    """Whether it came by https: to this server, or to a proxy of ours."""
    said = headers_of(scope).get(b"x-forwarded-proto")
    if settings.PROXIES and said is not None:
        return said.partition(b",")[0].strip() == b"https"  # as Django reads it
    return scope.get("scheme") == "https"


def address(scope: dict) -> str:
    """Where it comes from; "" when nobody knows."""
    connected = (scope.get("client") or [""])[0]
    forwarded = headers_of(scope).get(b"x-forwarded-for", b"").decode("latin-1")
    return address_of(connected, forwarded)


def hardening(scope: dict) -> list[tuple[bytes, bytes]]:
    """The headers that make a browser careful with the answer."""
    headers = [
        (b"x-content-type-options", b"nosniff"),
        (b"content-security-policy", NOTHING.encode()),
        (b"referrer-policy", settings.SECURE_REFERRER_POLICY.encode()),
    ]
    if settings.SECURE_HSTS_SECONDS and is_secure(scope):
        subdomains = "; includeSubDomains" if settings.SECURE_HSTS_INCLUDE_SUBDOMAINS else ""
        told = f"max-age={settings.SECURE_HSTS_SECONDS}{subdomains}"
        headers.append((b"strict-transport-security", told.encode()))
    return headers


def signs_too_often(stream_id) -> bool:
    return not _limiter.hit(SIGNS, f"sign {stream_id}")


def came_too_often(scope: dict) -> bool:
    """Whether nobody we know has come from that address too often."""
    return not _limiter.test(STRANGERS, _stranger(scope))


def note_stranger(scope: dict) -> None:
    _limiter.hit(STRANGERS, _stranger(scope))


def _stranger(scope: dict) -> str:
    return f"stranger {counted_as(address(scope))}"

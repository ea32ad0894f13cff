"""/metrics: who may ask, and what is answered."""

import hmac
import ipaddress
import os
from pathlib import Path

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from prometheus_client import REGISTRY, CollectorRegistry, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4
from prometheus_client.multiprocess import MultiProcessCollector, mark_process_dead

from ordering.second_factor.steps import suffices
from shop.database_figures import DatabaseFigures

# What proxies add. A request with one of them comes from farther away than the connection does.
FORWARDED = ("Forwarded", "X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Proto", "X-Real-IP")
REFUSED = (
    "Expected a request from this machine, METRICS_TOKEN as a bearer token, or a session of "
    "staff; found none of them.\n"
)


@login_not_required
@never_cache
@require_safe
def metrics(request: HttpRequest) -> HttpResponse:
    """The figures of this process and of the database, in Prometheus' text format."""
    if not (_knows_the_token(request) or _is_from_here(request) or _is_staff(request)):
        return HttpResponse(REFUSED, status=403, content_type="text/plain")
    return HttpResponse(figures(), content_type=CONTENT_TYPE_PLAIN_0_0_4)


def figures() -> bytes:
    registry = CollectorRegistry()
    if folder := os.environ.get("PROMETHEUS_MULTIPROC_DIR"):
        _forget_the_dead(Path(folder))
        MultiProcessCollector(registry)
    else:
        registry.register(REGISTRY)
    registry.register(DatabaseFigures())
    return generate_latest(registry)


def _knows_the_token(request: HttpRequest) -> bool:
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    expected = settings.METRICS_TOKEN
    return (
        expected != ""
        and scheme.lower() == "bearer"
        and hmac.compare_digest(token.strip().encode(), expected.encode())
    )


def _is_from_here(request: HttpRequest) -> bool:
    if any(name in request.headers for name in FORWARDED):
        return False
    try:
        return ipaddress.ip_address(request.META.get("REMOTE_ADDR", "")).is_loopback
    except ValueError:  # a Unix socket's
        return False


def _is_staff(request: HttpRequest) -> bool:
    user = request.user
    return user.is_active and user.is_staff and suffices(user, request.session)


def _forget_the_dead(folder: Path) -> None:
    """A process that was killed did not close its streams."""
    for file in folder.glob("gauge_live*.db"):
        pid = int(file.stem.rpartition("_")[2])
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            mark_process_dead(pid)
        except PermissionError:  # somebody else's: alive
            pass

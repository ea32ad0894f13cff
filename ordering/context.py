"""What every page shows beside its own content."""

import time

from django.utils.http import url_has_allowed_host_and_scheme

from ordering.desk import Desk
from ordering.second_factor.steps import suffices


def current_order(request):
    """`desk`: the agent's current order. `here`: the page to come back to. `since`: the page shows
    all that had happened then (Unix time in milliseconds). Of somebody who has to set a second
    factor up first only `led_here`: they see nothing of the customer's until they have."""
    if not request.user.is_authenticated:
        return {}
    if not suffices(request.user, request.session):
        return {"led_here": True, "here": here(request)}
    since = int(time.time() * 1000)
    return {"desk": Desk(request.user), "here": here(request), "since": since}


def here(request, otherwise: str = "/") -> str:
    """The page that the agent is looking at: a path of ours that can be opened with GET."""
    if request.htmx:
        try:
            url = request.htmx.current_url_abs_path
        except ValueError:  # no URL
            url = None
    elif request.method in ("GET", "HEAD"):
        url = request.get_full_path()
    else:
        url = request.POST.get("next")
    return url if is_ours(request, url) else otherwise


def is_ours(request, url: str | None) -> bool:
    return url_has_allowed_host_and_scheme(
        url, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )

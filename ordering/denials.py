"""Who was denied what, for the log: an id, an address, an id of a request. Never a password, a
token, a name, or what a form said."""

import logging
from typing import Any

from django.http import HttpRequest

from ordering.address import client_address

logger = logging.getLogger("shop.security")


def note(
    what: str,
    *,
    address: str,
    user_id: int | None = None,
    level: int = logging.WARNING,
    **more: Any,
) -> None:
    """`what` is one word, to be searched for; see SECURITY.md for the list. `address` is "" where
    nobody knows it."""
    facts = {"user_id": user_id, "address": address, **more}
    # As ASCII: a path may hold line ends, and whatever else moves a terminal.
    told = " ".join(f"{name}={value!a}" for name, value in facts.items())
    logger.log(level, "%s: %s", what, told, extra={"denial": what, **facts})


def note_request(what: str, request: HttpRequest, user: Any, **more: Any) -> None:
    """`user` is whoever is known to ask."""
    note(
        what,
        address=client_address(request),
        user_id=getattr(user, "pk", None),
        method=request.method,
        path=request.path,
        request_id=getattr(request, "correlation_id", None),
        **more,
    )

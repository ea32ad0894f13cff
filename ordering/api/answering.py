"""What calls answer: JSON, with an order's ETag, and cursors from page to page."""

import base64
import binascii
import json
from typing import Any

from django.http import HttpResponse

from ordering.api.preconditions import etag
from ordering.api.problems import Problem


def answer(value: Any, status: int = 200, **headers: str) -> HttpResponse:
    """JSON. Private: what it says is the customer's, and no cache between may keep it."""
    body = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    headers = {"Cache-Control": "private, no-cache"} | {
        name.replace("_", "-"): text for name, text in headers.items()
    }
    return HttpResponse(body, status=status, content_type="application/json", headers=headers)


def answer_order(order: dict[str, Any], status: int = 200, **headers: str) -> HttpResponse:
    return answer(order, status, ETag=etag(order["version"]), **headers)


def cursor_of(*key: str) -> str:
    return base64.urlsafe_b64encode(json.dumps(key).encode()).decode().rstrip("=")


def key_of(cursor: str, length: int) -> list[str]:
    """What `cursor_of` was given. Raises Problem for anything else."""
    try:
        padded = cursor + "=" * (-len(cursor) % 4)
        key = json.loads(base64.b64decode(padded.encode("ascii"), altchars=b"-_", validate=True))
    except (ValueError, binascii.Error, RecursionError):
        key = None
    texts = isinstance(key, list) and all(isinstance(one, str) and one.isprintable() for one in key)
    if not texts or len(key) != length:
        raise bad_cursor(cursor)
    return key


def bad_cursor(cursor: str) -> Problem:
    return Problem(
        400, f"Expected a cursor that “next” of an earlier page gave, found {cursor[:60]!a}."
    )

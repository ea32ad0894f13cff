"""Every error as application/problem+json (RFC 9457).

`type` is where the kind of problem is explained, and ends in its stable code; `detail` says what
was expected and found. Further members are the kind's own.
"""

import json
from http import HTTPStatus
from typing import Any

from django.http import HttpResponse

CONTENT_TYPE = "application/problem+json"
KINDS = "/api/v1/problems/"
# What a browser may do with a problem: show it.
NOTHING = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

# Codes of the domain's refusals that are not a broken rule (422).
STATUSES = {
    "no-such-order": 404,
    "no-such-line": 404,
    "order-closed": 409,
    "conflict": 409,
    "inactive-agent": 403,
    "unreadable-order": 500,
}
# What is no refusal of the domain: code -> (title, what to do about it).
EXPLANATIONS = {
    "malformed": (
        "The request is malformed",
        "It could not be read at all: JSON that is none, a header or cursor in another form.",
    ),
    "not-authenticated": (
        "Nobody is logged in",
        "Send a token as “Authorization: Bearer …”; make one on your account page.",
    ),
    "csrf-failed": (
        "The CSRF token is missing or wrong",
        "With a session instead of a token, changes need the header X-CSRFToken.",
    ),
    "https-required": (
        "The request came by http",
        "Send it by https. A token that was sent by http could be read on its way: revoke it.",
    ),
    "forbidden": ("Not allowed", "Whoever asks may not do this."),
    "not-found": ("Not found", "Nothing is at this address, for whoever asks."),
    "no-such-position": (
        "The log ends before that position",
        "It was put back to an earlier moment: compare what you kept of it with what it says now, "
        "and read on from where both agree.",
    ),
    "no-such-version": ("The order has no such version", "Its first version is 1."),
    "method-not-allowed": ("Method not allowed", "The header Allow names those that are."),
    "too-large": ("The body is too large", "A body has at most 64 KiB."),
    "unsupported-media-type": ("Unsupported media type", "Send application/json, in UTF-8."),
    "invalid": (
        "The request does not fit its schema",
        "The member “errors” names each place and what was expected there.",
    ),
    "version-required": (
        "The version that was seen is required",
        "Send the order's ETag, as you saw it, as If-Match.",
    ),
    "reused-key": (
        "The Idempotency-Key was used for another request",
        "A key stands for one request; send a new one with what is new.",
    ),
    "too-many-requests": ("Too many requests", "Wait as long as Retry-After says."),
    "unavailable": ("Not available now", "Try again after Retry-After, with the same key."),
    "not-implemented": (
        "Not served here",
        "Streams are served by the ASGI application, not by this server.",
    ),
    "error": ("Something went wrong here", "Say the X-Request-ID to whoever runs the shop."),
}  # fmt: skip
CODES = {
    400: "malformed",
    401: "not-authenticated",
    403: "forbidden",
    404: "not-found",
    405: "method-not-allowed",
    413: "too-large",
    415: "unsupported-media-type",
    422: "invalid",
    429: "too-many-requests",
    501: "not-implemented",
    503: "unavailable",
}


class Problem(Exception):
    """`members` are further members of the body, `headers` of the answer. `agent_id`: who is told,
    where the request does not know; for the log only."""

    agent_id: int | None = None

    def __init__(
        self,
        status: int,
        detail: str,
        *,
        code: str = "",
        headers: dict[str, str] | None = None,
        **members: Any,
    ) -> None:
        self.status, self.detail = status, detail
        self.code = code or CODES.get(status, "error")
        self.headers, self.members = headers or {}, members
        super().__init__(f"{status} {self.code}: {detail}")

    def response(self) -> HttpResponse:
        body = {
            "type": KINDS + self.code,
            "title": title_of(self.code),
            "status": self.status,
            "detail": self.detail,
            **self.members,
        }
        headers = {
            "Cache-Control": "no-store",
            "Content-Security-Policy": NOTHING,
            **self.headers,
        }
        return HttpResponse(
            json.dumps(body, ensure_ascii=False, separators=(",", ":")),
            status=self.status,
            content_type=CONTENT_TYPE,
            headers=headers,
        )


def title_of(code: str) -> str:
    if code in EXPLANATIONS:
        return EXPLANATIONS[code][0]
    return code.replace("-", " ").capitalize()


def of_status(status: int, detail: str = "") -> Problem:
    """The problem of an answer that says no more than its status."""
    code = CODES.get(status, "error" if status >= 500 else "malformed")
    said = detail or EXPLANATIONS[code][1] or HTTPStatus(status).phrase
    return Problem(status, said, code=code)


def https_required() -> Problem:
    """Not a redirect: a program would follow it, and send its token by http each time."""
    return Problem(403, "Expected https, found http.", code="https-required")

"""An order's ETag is its version, quoted: "7". If-Match says which version its sender saw."""

import re

from django.http import HttpRequest

from ordering.api.problems import Problem

TAG = re.compile(r'(?:W/)?"([0-9]{1,9})"')


def etag(version: int) -> str:
    return f'"{version}"'


def version_seen(request: HttpRequest, *, required: bool = False) -> int | None:
    """The version that If-Match names; None when it names none, or with * any.

    Raises Problem: 428 when it is required and missing, 400 for anything but one ETag.
    """
    sent = request.headers.get("If-Match")
    if sent is None:
        if required:
            raise Problem(
                428,
                'Expected the header If-Match with the ETag of the order you saw, such as "7".',
                code="version-required",
            )
        return None
    if sent.strip() == "*" and not required:
        return None
    tag = TAG.fullmatch(sent.strip())
    if tag is None:
        raise Problem(400, f'Expected If-Match with one ETag, such as "7", found {sent[:60]!r}.')
    return int(tag[1])


def has_already(request: HttpRequest, version: int) -> bool:
    """Whether If-None-Match names this version: then its sender has it."""
    sent = request.headers.get("If-None-Match", "")
    return sent.strip() == "*" or f"{version}" in TAG.findall(sent)

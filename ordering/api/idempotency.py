"""Idempotency-Key: a request that is sent again has one effect, and gets the first answer.

The effect is the store's business: the key becomes the command's id. The answer is kept beside it,
as bytes; of two requests at once with the same key, whichever answer is kept first is both's.
What was not let in at all (malformed, not logged in, too often) has no answer that is kept.
"""

import hashlib
import json
import re
import uuid
from collections.abc import Callable
from datetime import timedelta
from functools import wraps

from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from eventstore.statements import Statement, run
from ordering.api.models import KeptAnswer
from ordering.api.parsing import body_of, parse
from ordering.api.problems import Problem

HEADER = "Idempotency-Key"
KEY = re.compile(r"[\x21-\x7e]{1,255}")
KEPT_FOR = timedelta(hours=48)
KEPT = (200, 201, 404, 409, 422)
KEPT_HEADERS = ("Content-Type", "ETag", "Location", "Cache-Control")

FIND = """
SELECT fingerprint, status, headers, body FROM ordering_keptanswer WHERE agent_id = %s AND key = %s
"""
KEEP = """
INSERT INTO ordering_keptanswer (agent_id, key, fingerprint, status, headers, body, kept_at)
VALUES (%s, %s, %s, %s, %s::jsonb, %s, clock_timestamp())
ON CONFLICT (agent_id, key) DO NOTHING RETURNING 1
"""


def once(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """A view that sends one command, with `request.key`, the key of the intent."""

    @wraps(view)
    def wrapper(request: HttpRequest, *args, **kwargs) -> HttpResponse:
        key = _key_of(request)
        if key is None:
            request.key = str(uuid.uuid4())
            return view(request, *args, **kwargs)
        request.key = f"api:{key}"
        asked = _fingerprint(request)
        if kept := _kept(request, key, asked):
            return kept
        try:
            answer = view(request, *args, **kwargs)
        except Problem as problem:
            if problem.status not in KEPT or problem.code == "reused-key":
                raise
            answer = problem.response()
        return _keep(request, key, asked, answer)

    return wrapper


def forget_old_answers() -> int:
    """Delete answers that were kept for long enough; how many."""
    return KeptAnswer.objects.filter(kept_at__lt=timezone.now() - KEPT_FOR).delete()[0]


def _key_of(request: HttpRequest) -> str | None:
    sent = request.headers.get(HEADER)
    if sent is None:
        return None
    if not KEY.fullmatch(sent):
        raise Problem(
            400,
            f"Expected {HEADER} with 1 to 255 visible ASCII characters, found {sent[:60]!a}.",
        )
    return sent


def _fingerprint(request: HttpRequest) -> bytes:
    """Of what was asked: the same JSON in another spelling is the same."""
    body = b"" if request.method == "DELETE" else body_of(request)
    asked = parse(body, request.headers.get("Content-Type", "")) if body else None
    told = [request.method, request.path, asked, request.headers.get("If-Match", "")]
    return hashlib.sha256(json.dumps(told, sort_keys=True).encode()).digest()


def _kept(request: HttpRequest, key: str, asked: bytes) -> HttpResponse | None:
    kept = run(Statement(FIND, [request.auth.pk, key]))
    if not kept:
        return None
    fingerprint, status, headers, body = kept[0]
    if bytes(fingerprint) != asked:
        raise reused(key)
    headers = {**json.loads(headers), "Idempotency-Replayed": "true"}
    return HttpResponse(bytes(body), status=status, headers=headers)


def _keep(request: HttpRequest, key: str, asked: bytes, answer: HttpResponse) -> HttpResponse:
    if answer.status_code not in KEPT:
        return answer
    headers = {name: answer[name] for name in KEPT_HEADERS if name in answer}
    said = [answer.status_code, json.dumps(headers), answer.content]
    first = run(Statement(KEEP, [request.auth.pk, key, asked, *said]))
    return answer if first else _kept(request, key, asked)


def reused(key: str) -> Problem:
    return Problem(
        422,
        f"The key {key[:60]!a} stands for another request: another address, body or If-Match.",
        code="reused-key",
    )

"""Middleware that belongs to no app."""

import re

from django.conf import settings
from django.core.exceptions import BadRequest
from django.db import DataError
from django.middleware.gzip import GZipMiddleware
from django.middleware.locale import LocaleMiddleware
from django.utils import translation
from django.utils.cache import add_never_cache_headers

from ordering.language import remember
from ordering.live.door import is_session_key


def sound_session_key(get_response):
    """Forget a session cookie that cannot be one: asked for it, the database would fail."""

    def middleware(request):
        sent = request.COOKIES.get(settings.SESSION_COOKIE_NAME, "")
        if not is_session_key(sent):
            request.COOKIES.pop(settings.SESSION_COOKIE_NAME, None)
        return get_response(request)

    return middleware


def unstored_refusals(get_response):
    """Nobody keeps a page that refuses something: it has the agent's orders around it, too.
    What is answered otherwise says itself how long it may be kept."""

    def middleware(request):
        response = get_response(request)
        if response.status_code >= 400 and "Cache-Control" not in response:
            add_never_cache_headers(response)
        return response

    return middleware


class Language(LocaleMiddleware):
    """The language that was chosen, else the one that the browser asks for. The API is read by
    programs, and probes read /healthz: those always get English."""

    ENGLISH = re.compile(r"/(api|healthz|metrics)(/|$)")

    def process_request(self, request):
        if self.ENGLISH.match(request.path_info):
            translation.activate("en")
            request.LANGUAGE_CODE = "en"
        else:
            super().process_request(request)

    def process_response(self, request, response):
        if self.ENGLISH.match(request.path_info):
            return response
        return remember(request, super().process_response(request, response))


class GZipUntagged(GZipMiddleware):
    """Compresses what has no ETag: a strong one would no longer be that of what is sent."""

    def process_response(self, request, response):
        if "ETag" in response:
            return response
        return super().process_response(request, response)


class KeptText:
    """A NUL asked for in an address is the sender's fault: no text of the database has one. The
    admin's own filters and addresses look for it all the same."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        return self.get_response(request)

    def process_exception(self, request, exception):
        asked = [request.path, *(one for values in request.GET.lists() for one in values[1])]
        if isinstance(exception, DataError) and any("\0" in one for one in asked):
            raise BadRequest("Expected text, found a NUL character.") from exception

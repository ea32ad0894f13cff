"""What is answered in place of a page that does not come: its thread waits for a database that
neither answers nor ends, or there is no thread, since others do.
"""

from django.core.handlers.exception import convert_exception_to_response
from django.core.handlers.wsgi import WSGIHandler
from django.http import HttpRequest, HttpResponse
from django.urls import Resolver404, resolve
from django.utils.module_loading import import_string

from shop.views import no_answer

# Those of the settings that need neither database nor agent.
MIDDLEWARE = (
    "shop.observed.requests",
    "django.middleware.security.SecurityMiddleware",
    "ordering.api.middleware.api_problems",
    "shop.middleware.unstored_refusals",
    "django.middleware.csp.ContentSecurityPolicyMiddleware",
    "shop.middleware.Language",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
)


def view(request: HttpRequest) -> HttpResponse:
    try:
        request.resolver_match = resolve(request.path_info)
    except Resolver404:
        request.resolver_match = None
    return no_answer(request)


class Handler(WSGIHandler):
    """Django's own, with one view for whatever is asked."""

    def load_middleware(self, is_async: bool = False) -> None:
        handler = convert_exception_to_response(view)
        for path in reversed(MIDDLEWARE):
            handler = convert_exception_to_response(import_string(path)(handler))
        self._middleware_chain = handler


application = Handler()

"""The pages, as WSGI: what page workers serve when they run apart from the streams."""

import os

from django.core.wsgi import get_wsgi_application
from django.http import HttpResponse

from ordering.api.middleware import BELOW
from ordering.api.problems import of_status
from shop.observed import answered

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "shop.settings")

django = get_wsgi_application()


def application(environ, start_response):
    """The pages, for requests in UTF-8. Django would decode a request with whatever codec its
    charset names, before any middleware could object."""
    _, found, charset = environ.get("CONTENT_TYPE", "").lower().partition("charset=")
    if found and charset.split(";")[0].strip(' "') not in ("utf-8", "utf8"):
        said = f"Expected the charset utf-8, found {charset[:40]!a}."
        below_api = environ.get("PATH_INFO", "").startswith(BELOW)
        answer = of_status(415, said).response() if below_api else HttpResponse(said, "text/plain")
        answered(
            environ["REQUEST_METHOD"],
            environ.get("PATH_INFO", ""),
            415,
            0.0,
            view="unmatched",
            user_id=None,
        )
        start_response("415 Unsupported Media Type", list(answer.items()))
        return [answer.content]
    return django(environ, start_response)

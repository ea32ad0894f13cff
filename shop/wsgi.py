"""The pages, as WSGI: what page workers serve when they run apart from the streams."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "shop.settings")

django = get_wsgi_application()


def application(environ, start_response):
    """The pages, for requests in UTF-8. Django would decode a request with whatever codec its
    charset names, before any middleware could object."""
    _, found, charset = environ.get("CONTENT_TYPE", "").lower().partition("charset=")
    if found and charset.split(";")[0].strip(' "') not in ("utf-8", "utf8"):
        start_response("415 Unsupported Media Type", [("Content-Type", "text/plain")])
        return [f"Expected the charset utf-8, found {charset[:40]!a}.\n".encode()]
    return django(environ, start_response)

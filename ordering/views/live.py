"""/live/: streams, which ordering.live.app answers before a request gets here."""

from django.http import HttpResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def elsewhere(request, **kwargs):
    """What a server says that serves pages only, such as `runserver`. Pages then do without."""
    text = "Streams are served by the ASGI application shop.asgi, not by this server.\n"
    return HttpResponse(text, status=501, content_type="text/plain")


elsewhere.is_page = False

"""What Django answers itself below /api/, as a problem; and what programs expect of HTTP."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from ordering.api.problems import CONTENT_TYPE, NOTHING, https_required, of_status

BELOW = "/api/"
CONTENT = ("content-type", "content-length", "content-encoding")
AWAY = "The database is away, or busy. Nothing is lost: send it again, with the same key."


def api_problems(get_response):
    """Before the middleware that answers by itself, so that it sees what they answer."""

    def middleware(request: HttpRequest) -> HttpResponse:
        if not request.path.startswith(BELOW):
            return get_response(request)
        head = request.method == "HEAD"
        if head:
            request.method = "GET"  # every GET can be asked for its head
        if settings.SECURE_SSL_REDIRECT and not request.is_secure():
            response = https_required().response()
        elif "Transfer-Encoding" in request.headers:
            # Django would take the body for an empty one.
            said = "Expected a body of a length that Content-Length tells, found one in chunks."
            response = of_status(400, said).response()
        else:
            response = get_response(request)
        if response.status_code >= 400 and response.get("Content-Type") != CONTENT_TYPE:
            response = _as_problem(response)
        if head:
            response.content = b""
        return response

    return middleware


def _as_problem(response: HttpResponse) -> HttpResponse:
    problem = of_status(response.status_code, AWAY if response.status_code == 503 else "")
    stay = {name: value for name, value in response.items() if name.lower() not in CONTENT}
    if allowed := stay.get("Allow"):
        methods = {*allowed.split(", ")}
        stay["Allow"] = ", ".join(sorted(methods | ({"HEAD"} if "GET" in methods else set())))
    problem.headers |= stay | {"Cache-Control": "no-store", "Content-Security-Policy": NOTHING}
    told = problem.response()
    # Django's own mark: what has one line in the log needs no second one.
    told._has_been_logged = getattr(response, "_has_been_logged", False)
    return told

"""The API: its routes, its documentation, and which exception becomes which problem."""

from functools import wraps
from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import RequestDataTooBig
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.urls import path, reverse
from django.views.decorators.http import require_safe
from ninja.errors import AuthenticationError, HttpError, ValidationError
from ninja.openapi.docs import Swagger

from ordering.api import events, live, orders, products
from ordering.api.auth import BearerToken, Session
from ordering.api.documenting import DocumentedAPI
from ordering.api.parsing import StrictParser, check_text, too_large
from ordering.api.problems import EXPLANATIONS, Problem, of_status, title_of
from ordering.api.schemas import Query
from ordering.domain.refusal import MESSAGES

DESCRIPTION = """\
What the shop's pages can do, by the same rules: agents of one customer work on the same orders at
the same time, from programs as from browsers.

Send a token as `Authorization: Bearer …`; make one on your account page. An order's `ETag` is its
version, quoted: send it back as `If-Match`, and a change that meets one you have not seen is
answered with 409, the order now, and what happened meanwhile. Send an `Idempotency-Key` with each
change: sent again, it has one effect and gets the first answer. Every error is
`application/problem+json`. Answers are in English, whatever `Accept-Language` asks for: programs
go by an error's `type` and members, and its words are for their authors.
"""


# Steps to a fault that only the code knows of: "body", the parameter's name, which of two schemas.
INNER = ("body", "asked", "ItemIn", "ItemsIn")


def knows_its_parameters(call):
    """A misspelled parameter is refused like a misspelled member of a body: left out silently, it
    would answer something else than was asked."""

    @wraps(call)
    def wrapper(request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        asked = kwargs.get("asked")
        known = type(asked).model_fields if isinstance(asked, Query) else ()
        for name, value in request.GET.items():
            check_text(name + value)
        strange = sorted(name for name in request.GET if name not in known)
        if strange:
            expected = f"one of {', '.join(known)}" if known else "none"
            raise Problem(
                422,
                f"query.{strange[0][:40]}: expected no such parameter; there is {expected}.",
                errors=[{"where": ["query", name[:40]], "expected": expected} for name in strange],
            )
        return call(request, *args, **kwargs)

    return wrapper


api = DocumentedAPI(
    title="Tandem",
    version="1",
    description=DESCRIPTION,
    urls_namespace="api",
    auth=[BearerToken(), Session()],
    parser=StrictParser(),
    docs=Swagger({"persistAuthorization": False, "docExpansion": "list"}),
    docs_url="/docs",
    openapi_url="/openapi.json",
)
api.add_decorator(knows_its_parameters, mode="operation")
api.add_router("/products", products.router)
api.add_router("/orders", orders.router)
api.add_router("/orders", live.router)
api.add_router("/events", events.router)


# --- Exceptions -----------------------------------------------------------------------------------


@api.exception_handler(Problem)
def on_problem(request: HttpRequest, problem: Problem) -> HttpResponse:
    return problem.response()


@api.exception_handler(AuthenticationError)
def on_nobody(request: HttpRequest, error: AuthenticationError) -> HttpResponse:
    said = "a good token" if "Authorization" in request.headers else "a token or a session"
    found = "one that is not" if "Authorization" in request.headers else "none"
    headers = {"WWW-Authenticate": 'Bearer realm="tandem"'}
    return Problem(401, f"Expected {said}, found {found}.", headers=headers).response()


@api.exception_handler(ValidationError)
def on_invalid(request: HttpRequest, error: ValidationError) -> HttpResponse:
    errors = [
        {
            "where": [str(step) for step in one["loc"] if step not in INNER],
            "expected": one["msg"],
        }
        for one in error.errors
    ]
    first = errors[0]
    detail = f"{'.'.join(first['where']) or 'the body'}: {first['expected']}."
    return Problem(422, detail, errors=errors).response()


@api.exception_handler(HttpError)
def on_http_error(request: HttpRequest, error: HttpError) -> HttpResponse:
    cause = error.__cause__  # what the parser raised
    problem = cause if isinstance(cause, Problem) else of_status(error.status_code)
    return problem.response()


@api.exception_handler(RequestDataTooBig)
def on_far_too_large(request: HttpRequest, error: RequestDataTooBig) -> HttpResponse:
    return too_large().response()


@api.exception_handler(Http404)
def on_not_found(request: HttpRequest, error: Http404) -> HttpResponse:
    return of_status(404).response()


@api.exception_handler(Exception)
def on_exception(request: HttpRequest, error: Exception) -> HttpResponse:
    raise error  # Django tells whoever runs the shop; ordering.api.middleware makes the problem


# --- Addresses ------------------------------------------------------------------------------------


@login_not_required
@require_safe
def kind(request: HttpRequest, code: str) -> HttpResponse:
    """What the `type` of a problem leads to."""
    explained = EXPLANATIONS.get(code, ("", ""))[1] or MESSAGES.get(code)
    if explained is None:
        return of_status(404).response()
    return JsonResponse({"code": code, "title": title_of(code), "explanation": explained})


@login_not_required
@require_safe
def root(request: HttpRequest) -> HttpResponse:
    return JsonResponse(
        {
            "documentation": reverse("api:openapi-view"),
            "openapi": reverse("api:openapi-json"),
        }
    )


def _urls() -> list:
    patterns, *_ = api.urls
    for pattern in patterns:
        # The API itself asks who it is, and answers with a problem instead of the login page.
        pattern.callback = login_not_required(pattern.callback)
        if pattern.name in ("openapi-json", "openapi-view"):  # Ninja shows them for any method
            pattern.callback = require_safe(pattern.callback)
    own = [path("problems/<slug:code>", kind, name="problem"), path("", root, name="api-root")]
    return own + [pattern for pattern in patterns if pattern.name != "api-root"]


urlpatterns = (_urls(), "api")

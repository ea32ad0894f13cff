"""What OpenAPI says of the calls beyond what their types say: headers, problems, media types."""

from typing import Any

from ninja import NinjaAPI

from ordering.api.idempotency import KEPT
from ordering.api.problems import CONTENT_TYPE
from ordering.api.schemas import ConflictOut, ProblemOut

ALWAYS = (400, 401, 403, 405, 429, 500, 503)
HEADERS = {
    "ETag": ("string", "The order's version, quoted."),
    "Location": ("string", "Where the new order is."),
    "WWW-Authenticate": ("string", "Bearer, with the realm."),
    "Retry-After": ("integer", "Seconds."),
    "Allow": ("string", "The methods that this address has."),
    "Idempotency-Replayed": ("string", "“true” when this is the first answer to the key again."),
}
OF_STATUS = {
    201: ["Location"],
    304: ["ETag"],
    401: ["WWW-Authenticate"],
    405: ["Allow"],
    429: ["Retry-After"],
    503: ["Retry-After"],
}


def documented(ok: Any, *problems: int, status: int = 200, extra: dict | None = None) -> dict:
    """The `response` of a call: what it answers, and which problems besides ALWAYS."""
    found: dict[Any, Any] = {status: ok}
    for code in sorted({*ALWAYS, *problems}):
        found[code] = ConflictOut if code == 409 else ProblemOut
    return found | (extra or {})


def parameter(name: str, description: str, *, required: bool = False, **schema: Any) -> dict:
    return {
        "in": "header",
        "name": name,
        "required": required,
        "description": description,
        "schema": {"type": "string"} | schema,
    }


IDEMPOTENCY_KEY = parameter(
    "Idempotency-Key",
    "The same key again gets the first answer, and changes nothing.",
    pattern="^[!-~]{1,255}$",
)
_SEEN = "The ETag of the order as you saw it."
IF_MATCH = parameter("If-Match", _SEEN, pattern=r'^(\*|"[0-9]{1,9}")$')
IF_MATCH_REQUIRED = parameter("If-Match", _SEEN, required=True, pattern='^"[0-9]{1,9}"$')
IF_NONE_MATCH = parameter("If-None-Match", "The ETag that you have: then 304.")
READ_POSITION = parameter(
    "Read-Position",
    "That of an earlier answer: what you are told shows at least what had happened then. It may "
    "then come from a standby of the database, where the shop has one. What is no position is as "
    "none.",
)
FROM_STANDBY = {"parameters": [READ_POSITION]}
PLAIN = {"parameters": [IDEMPOTENCY_KEY]}
SEEN = {"parameters": [IDEMPOTENCY_KEY, IF_MATCH]}
SEEN_REQUIRED = {"parameters": [IDEMPOTENCY_KEY, IF_MATCH_REQUIRED]}


class DocumentedAPI(NinjaAPI):
    _schema: dict | None = None

    def get_openapi_schema(self, **kwargs: Any) -> dict:
        if self._schema is None:
            self._schema = super().get_openapi_schema(**kwargs)
            for operations in self._schema["paths"].values():
                for operation in operations.values():
                    _complete(operation)
        return self._schema


def _complete(operation: dict) -> None:
    keyed = IDEMPOTENCY_KEY in operation["parameters"]
    for status, response in operation["responses"].items():
        content = response.get("content", {})
        if status >= 400:
            response["content"] = {CONTENT_TYPE: content.pop("application/json")}
        names = list(OF_STATUS.get(status, ()))
        if status < 300 and _is_order(content):
            names.append("ETag")
        headers = {name: _header(name, required=True) for name in names}
        if keyed and status in KEPT:
            headers["Idempotency-Replayed"] = _header("Idempotency-Replayed", required=False)
        if headers:
            response["headers"] = headers


def _is_order(content: dict) -> bool:
    schema = content.get("application/json", {}).get("schema", {})
    return schema.get("$ref") == "#/components/schemas/OrderOut"


def _header(name: str, *, required: bool) -> dict:
    kind, description = HEADERS[name]
    return {"description": description, "required": required, "schema": {"type": kind}}

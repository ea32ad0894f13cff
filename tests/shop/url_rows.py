"""Who is answered what at the shop's addresses, but for the admin's (see admin_rows): a row each.

A row says for each method what each of THREE is answered: a status, or "login", which is the login
page. Alice's things are asked for; Charlie is of another customer. A method that is not in its row
is answered with 405. `hers` says that what is asked for is hers alone: Charlie is then answered as
if it did not exist.
"""

from dataclasses import dataclass, field

THREE = ("anonymous", "charlie", "alice")

ALL = "200 200 200"
LOOK = "login 200 200"
DONE = "login 303 303"
HERS = "login 404 200"
CHANGED = "login 404 303"
STREAMED = "login 501 501"  # by the ASGI application instead: see tests/ordering/live

SEEN = {"seen": "3"}
ITEM = {"sku": "FLR-25", "quantity": "2"}


@dataclass(frozen=True)
class Row:
    route: str
    calls: dict[str, str]
    form: dict = field(default_factory=dict)
    """What is sent, by all methods but GET. ORDER stands for Alice's order."""
    hers: bool = False
    query: str = ""


def page(route: str, get: str = LOOK, post: str = "", form: dict | None = None, **more) -> Row:
    calls = {"GET": get, "POST": post}
    return Row(route, {how: said for how, said in calls.items() if said}, form or {}, **more)


def command(route: str, form: dict | None = None, post: str = CHANGED) -> Row:
    """A form below an order's page."""
    return page(f"orders/<uuid:order_id>/{route}", "", post, SEEN | (form or {}), hers=True)


def call(route: str, form: dict | None = None, *, hers: bool = False, **calls: str) -> Row:
    return Row(f"api/v1/{route}", calls, form or {}, hers)


ROWS = [
    page(""),
    page("suggestions/", query="q=flour"),
    page("products/<slug:sku>/"),
    page("orders/", LOOK, DONE, {"reference": "mine"}),
    page("orders/<uuid:order_id>/", HERS, hers=True),
    page("orders/<uuid:order_id>/history/", HERS, hers=True, query="at=2"),
    command("details/", {"reference": "mine", "note": ""}),
    command("completion/"),
    command("cancellation/", {"reason": "mine"}),
    command("copy/"),
    command("undo/", {"version": "3"}),
    page("orders/<uuid:order_id>/live/", STREAMED, STREAMED),
    command("items/", ITEM),
    command("items/<slug:sku>/", {"quantity": "7"}),
    command("items/<slug:sku>/removal/"),
    page("current-order/", "login 303 303", CHANGED, {"order": "ORDER"}, hers=True),
    page("current-order/items/", "", DONE, ITEM | {"into": "new"}),
    page("quick-order/", LOOK, LOOK, {"text": "FLR-25 2", "check": "yes"}),
    page("live/", STREAMED, STREAMED),
    page("live/<uuid:stream_id>/", STREAMED, STREAMED),
    page("account/", LOOK, LOOK, {"name": "mine"}),
    page("account/password/", LOOK, "login 422 422", {"old_password": "guessed"}),
    page("account/second-factor/", LOOK, "login 422 422", {"what": "begin", "password": "guessed"}),
    page("account/tokens/<int:token_id>/revocation/", "", CHANGED, hers=True),
    page("account/sessions/ending/", "", DONE),
    page("account/sessions/<int:session_id>/ending/", "", CHANGED, hers=True),
    page("language/", "", "303 303 303", {"language": "de"}),
    page("login/", "200 302 302", "200 302 302"),
    page("login/second-factor/", *["login login login"] * 2),  # the password comes first
    page("login/forgotten/", ALL, ALL, {"email": "mine@example.org"}),
    page("login/new-password/", ALL, ALL),  # without a link it says so
    page("logout/", "", "login login login"),
    page("favicon.ico", "302 302 302"),
    page("healthz", ALL),
    page("metrics", ALL),  # to this machine; see test_metrics for others
    call("", GET=ALL),
    call("docs", GET=ALL),
    call("openapi.json", GET=ALL),
    call("problems/<slug:code>", GET=ALL),
    call("products", GET="401 200 200"),
    call("products/<sku>", GET="401 200 200"),
    call("orders", {"reference": "mine"}, GET="401 200 200", POST="401 201 201"),
    call(
        "orders/<uuidstr:order_id>",
        {"note": "mine"},
        hers=True,
        GET="401 404 200",
        PATCH="401 404 200",
    ),
    call("orders/<uuidstr:order_id>/items", {"sku": "FLR-25", "quantity": 2}, hers=True,
         POST="401 404 200"),
    call("orders/<uuidstr:order_id>/items/<sku>", {"quantity": 7}, hers=True,
         PATCH="401 404 200", DELETE="401 404 200"),
    call("orders/<uuidstr:order_id>/complete", hers=True, POST="401 404 200"),
    call("orders/<uuidstr:order_id>/cancel", hers=True, POST="401 404 200"),
    call("orders/<uuidstr:order_id>/copy", hers=True, POST="401 404 201"),
    call("orders/<uuidstr:order_id>/events", hers=True, GET="401 404 200"),
    call("orders/<uuidstr:order_id>/live", GET="401 501 501"),
    call("events", GET="401 403 403"),
]  # fmt: skip

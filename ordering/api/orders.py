"""/orders: each call that changes an order sends one command, as the pages do."""

from collections.abc import Callable
from datetime import datetime
from functools import wraps
from uuid import UUID

from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from ninja import Body, Query, Router

from eventstore.codec import UnreadableEvent
from eventstore.decider import Outcome
from eventstore.store import read_stream
from ordering import handling
from ordering.api import schemas
from ordering.api.answering import answer, answer_order, bad_cursor, cursor_of, key_of
from ordering.api.documenting import (
    FROM_STANDBY,
    IF_NONE_MATCH,
    PLAIN,
    SEEN,
    SEEN_REQUIRED,
    documented,
)
from ordering.api.idempotency import once, reused
from ordering.api.preconditions import etag, has_already, version_seen
from ordering.api.problems import STATUSES, Problem
from ordering.api.representing import events_out, head_out, order_as_it_was, order_now
from ordering.domain.refusal import Refused
from ordering.handling import Caller
from ordering.models import OrderHead
from ordering.queries import with_agents

router = Router(tags=["orders"])

MOST_UNSEEN = 200  # events that a conflict tells
NO_SUCH_ORDER = "There is no such order."


def caller(request: HttpRequest) -> Caller:
    return Caller(request.auth, "api", request.correlation_id)


def changes(view: Callable[..., Outcome]) -> Callable[..., HttpResponse]:
    """A view of one order that sends a command; it answers with the order after it."""

    @once
    @wraps(view)
    def wrapper(request: HttpRequest, order_id: UUID, *args, **kwargs) -> HttpResponse:
        try:
            view(request, order_id, *args, **kwargs)
        except Refused as refused:
            raise _problem(request, order_id, refused) from refused
        return answer_order(_now(request, order_id))

    return wrapper


def opens(view: Callable[..., Outcome]) -> Callable[..., HttpResponse]:
    """A view that opens an order; it answers with that one."""

    @once
    @wraps(view)
    def wrapper(request: HttpRequest, *args, **kwargs) -> HttpResponse:
        try:
            order_id = view(request, *args, **kwargs).stream_id
        except Refused as refused:
            raise _problem(request, None, refused) from refused
        location = f"/api/v1/orders/{order_id}"
        return answer_order(_now(request, order_id), 201, Location=location)

    return wrapper


def _now(request: HttpRequest, order_id: UUID) -> dict:
    order = order_now(request.auth, order_id)
    if order is None:
        raise Problem(404, NO_SUCH_ORDER, code="no-such-order")
    return order


def _problem(request: HttpRequest, order_id: UUID | None, refused: Refused) -> Problem:
    if refused.code == "reused-command-id":
        return reused(request.key.removeprefix("api:"))
    status = STATUSES.get(refused.code, 422)
    members = _unseen(request, order_id, refused) if status == 409 else {}
    return Problem(status, str(refused), code=refused.code, **members)


def _unseen(request: HttpRequest, order_id: UUID, refused: Refused) -> dict:
    """The order now, and what the caller had not seen of how it came there."""
    current = _now(request, order_id)
    seen = version_seen(request)
    after = current["version"] - 1 if seen is None else min(seen, current["version"])
    upto = min(current["version"], after + MOST_UNSEEN)
    return {
        "current": current,
        "events": events_out(read_stream(order_id, after=after, upto=upto)),
    }


# --- /orders --------------------------------------------------------------------------------------


@router.get(
    "",
    response=documented(schemas.OrdersOut, 422),
    operation_id="list_orders",
    openapi_extra=FROM_STANDBY,
)
def orders(request, asked: Query[schemas.OrdersAsked]):
    """The orders of your customer, newest first."""
    heads = OrderHead.objects.filter(customer=request.auth.customer_id)
    heads = heads.order_by("-opened_at", "-order_id")
    if asked.status:
        heads = heads.filter(status=asked.status)
    if asked.cursor:
        opened_at, order_id = _place(asked.cursor)
        heads = heads.filter(Q(opened_at__lt=opened_at) | Q(opened_at=opened_at, pk__lt=order_id))
    page = with_agents(heads[: asked.limit + 1], "opened_by", "changed_by", "closed_by")
    more, page = len(page) > asked.limit, page[: asked.limit]
    last = cursor_of(page[-1].opened_at.isoformat(), str(page[-1].pk)) if more else None
    return answer({"items": [head_out(head) for head in page], "next": last})


def _place(cursor: str) -> tuple[datetime, UUID]:
    opened_at, order_id = key_of(cursor, 2)
    try:
        moment = datetime.fromisoformat(opened_at)
        if moment.utcoffset() is None or moment.utcoffset():
            raise ValueError(opened_at)
        return moment, UUID(order_id)
    except ValueError:
        raise bad_cursor(cursor) from None


@router.post(
    "",
    response=documented(schemas.OrderOut, 413, 415, 422, status=201),
    operation_id="open_order",
    openapi_extra=PLAIN,
)
@opens
def open_order(request, asked: schemas.OrderIn):
    """Open an order for your customer."""
    return handling.open_order(
        caller(request),
        key=request.key,
        reference=asked.reference,
        note=asked.note,
    )


# --- /orders/<id> ---------------------------------------------------------------------------------


@router.get(
    "/{uuid:order_id}",
    response=documented(schemas.OrderOut, 404, 422, extra={304: None}),
    operation_id="get_order",
    openapi_extra={"parameters": [IF_NONE_MATCH]},
)
def order(request, order_id: UUID, asked: Query[schemas.OrderAsked]):
    """The order, as it is or as it was."""
    found = _now(request, order_id)
    if asked.at_version is not None:
        if asked.at_version > found["version"]:
            raise Problem(
                404,
                f"The order is at version {found['version']}; there is no {asked.at_version}.",
                code="no-such-version",
            )
        if asked.at_version < found["version"]:
            found = _read(order_as_it_was, order_id, asked.at_version)
    if has_already(request, found["version"]):
        headers = {"ETag": etag(found["version"]), "Cache-Control": "private, no-cache"}
        unchanged = HttpResponse(status=304, headers=headers)
        del unchanged["Content-Type"]
        return unchanged
    return answer_order(found)


def _read(read: Callable, *args):
    try:
        return read(*args)
    except UnreadableEvent as error:
        refused = Refused("unreadable-order")
        raise Problem(500, str(refused), code=refused.code) from error


@router.patch(
    "/{uuid:order_id}",
    response=documented(schemas.OrderOut, 404, 409, 413, 415, 422),
    operation_id="change_details",
    openapi_extra=SEEN,
)
@changes
def change_details(request, order_id: UUID, asked: schemas.DetailsIn):
    """Change the reference, the note, or both."""
    return handling.change_details(
        caller(request),
        order_id,
        key=request.key,
        seen=version_seen(request),
        **{name: getattr(asked, name) for name in asked.model_fields_set},
    )


@router.post(
    "/{uuid:order_id}/items",
    response=documented(schemas.OrderOut, 404, 409, 413, 415, 422),
    operation_id="add_items",
    openapi_extra=SEEN,
)
@changes
def add_items(request, order_id: UUID, asked: Body[schemas.OneOrSeveral]):
    """Add one item, or several, all or none. More of a product is added to its line."""
    version_seen(request)  # adding merges with whatever came, but a damaged header is told
    items = asked.items if isinstance(asked, schemas.ItemsIn) else [asked]
    return handling.add_items(
        caller(request),
        order_id,
        [(item.sku, item.quantity) for item in items],
        key=request.key,
    )


@router.patch(
    "/{uuid:order_id}/items/{sku}",
    response=documented(schemas.OrderOut, 404, 409, 413, 415, 422),
    operation_id="change_quantity",
    openapi_extra=SEEN,
)
@changes
def change_quantity(request, order_id: UUID, sku: str, asked: schemas.QuantityIn):
    """Set how many of a product are in the order."""
    return handling.change_quantity(
        caller(request),
        order_id,
        sku,
        asked.quantity,
        key=request.key,
        seen=version_seen(request),
    )


@router.delete(
    "/{uuid:order_id}/items/{sku}",
    response=documented(schemas.OrderOut, 404, 409, 422),
    operation_id="remove_item",
    openapi_extra=SEEN,
)
@changes
def remove_item(request, order_id: UUID, sku: str):
    """Remove a product; when it is not there, nothing changes."""
    return handling.remove_item(
        caller(request),
        order_id,
        sku,
        key=request.key,
        seen=version_seen(request),
    )


@router.post(
    "/{uuid:order_id}/complete",
    response=documented(schemas.OrderOut, 404, 409, 413, 415, 422, 428),
    operation_id="complete_order",
    openapi_extra=SEEN_REQUIRED,
)
@changes
def complete_order(request, order_id: UUID, asked: schemas.NothingIn | None = None):
    """Complete the order. You must have seen every change of it."""
    return handling.complete_order(
        caller(request),
        order_id,
        key=request.key,
        seen=version_seen(request, required=True),
    )


@router.post(
    "/{uuid:order_id}/cancel",
    response=documented(schemas.OrderOut, 404, 409, 413, 415, 422),
    operation_id="cancel_order",
    openapi_extra=SEEN,
)
@changes
def cancel_order(request, order_id: UUID, asked: schemas.CancellationIn | None = None):
    """Cancel the order."""
    return handling.cancel_order(
        caller(request),
        order_id,
        key=request.key,
        seen=version_seen(request),
        reason=asked.reason if asked else "",
    )


@router.post(
    "/{uuid:order_id}/copy",
    response=documented(schemas.OrderOut, 404, 413, 415, 422, status=201),
    operation_id="copy_order",
    openapi_extra=PLAIN,
)
@opens
def copy_order(request, order_id: UUID, asked: schemas.NothingIn | None = None):
    """Open a new order with the same lines, at the prices of now."""
    return handling.copy_order(caller(request), order_id, key=request.key)


@router.get(
    "/{uuid:order_id}/events",
    response=documented(schemas.EventsOut, 404, 422),
    operation_id="list_order_events",
    openapi_extra=FROM_STANDBY,
)
def order_events(request, order_id: UUID, asked: Query[schemas.EventsAsked]):
    """What happened to the order, in order."""
    theirs = OrderHead.objects.filter(pk=order_id, customer=request.auth.customer_id)
    if not theirs.exists():
        raise Problem(404, NO_SUCH_ORDER, code="no-such-order")
    upto = min(asked.after + asked.limit + 1, schemas.LATEST)
    found = _read(lambda: list(read_stream(order_id, after=asked.after, upto=upto)))
    more, found = len(found) > asked.limit, found[: asked.limit]
    return answer({"items": events_out(found), "next": found[-1].version if more else None})

"""/orders/<id>/live: that an order has changed, for programs."""

from uuid import UUID

from ninja import Router

from ordering.api.documenting import documented, parameter
from ordering.api.problems import of_status

router = Router(tags=["orders"])

STREAM = {
    "responses": {
        200: {
            "description": "Server-sent events, until the caller leaves.",
            "content": {
                "text/event-stream": {
                    "schema": {"type": "string"},
                    "example": 'id: 8\nevent: version\ndata: {"version": 8}\n\n',
                }
            },
        }
    },
    "parameters": [parameter("Last-Event-ID", "The version that was heard last.")],
}


@router.get(
    "/{uuid:order_id}/live",
    response=documented(None, 404, 501),
    operation_id="watch_order",
    openapi_extra=STREAM,
)
def live(request, order_id: UUID):
    """Hear the order's version now, and each that follows: then ask for the order again.

    Answered by the ASGI application (ordering.live) before a request gets here.
    """
    return of_status(501).response()

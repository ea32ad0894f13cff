"""/events: the whole log, for integrators among the staff."""

from dataclasses import asdict

from django.db.models import Max
from ninja import Query, Router

from eventstore import store
from eventstore.codec import UnreadableEvent, codec
from eventstore.models import Event, Stream
from eventstore.store import RecordedEvent
from eventstore.subscriptions import Stalled, read_rows, settled
from ordering.api import schemas
from ordering.api.answering import answer
from ordering.api.documenting import documented
from ordering.api.problems import Problem
from ordering.api.representing import moment, names_of

router = Router(tags=["events"])


@router.get("", response=documented(schemas.LogOut, 404, 422), operation_id="read_log")
def events(request, asked: Query[schemas.LogAsked]):
    """The log in its order. Nothing is missed: what is not yet certain is not shown yet. A position
    beyond its end is refused: the log was put back since you read that far."""
    agent = request.auth
    if not (agent.is_staff and agent.has_perm("eventstore.view_payload")):
        raise Problem(403, "Expected staff who may see what events say.")
    try:
        upto = settled()
    except Stalled as stalled:
        raise Problem(503, f"{stalled}", headers={"Retry-After": "5"}) from stalled
    rows = read_rows(after=asked.after, upto=upto, limit=asked.limit + 1)
    if not rows:
        _ensure_is_in_log(asked.after)
    more, rows = len(rows) > asked.limit, rows[: asked.limit]
    try:
        found = list(store.recorded(rows))
    except UnreadableEvent as error:
        raise Problem(500, f"{error}.", code="unreadable-event") from error
    names = names_of(found)
    streams = Stream.objects.filter(pk__in={one.stream_id for one in found})
    categories = dict(streams.values_list("pk", "category"))
    items = [_logged(one, names, categories) for one in found]
    return answer({"items": items, "next": found[-1].position if more else None})


def _ensure_is_in_log(position: int) -> None:
    end = Event.objects.aggregate(end=Max("position"))["end"] or 0
    if position > end:
        detail = f"Expected a position of the log, which ends at {end}; found {position}."
        raise Problem(404, detail, code="no-such-position", end=end)


def _logged(recorded: RecordedEvent, names: dict, categories: dict) -> dict:
    encoded = codec.encode(recorded.event)
    return {
        "position": recorded.position,
        "stream_id": str(recorded.stream_id),
        "category": categories[recorded.stream_id],
        "version": recorded.version,
        "type": encoded.type,
        "schema_version": encoded.schema_version,
        "data": encoded.data,
        "metadata": asdict(recorded.metadata),
        "actor": names[recorded.metadata.actor],
        "command_id": None if recorded.command_id is None else str(recorded.command_id),
        "recorded_at": moment(recorded.recorded_at),
    }

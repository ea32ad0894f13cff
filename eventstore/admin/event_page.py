"""What an event's page shows: the event as stored and as read, and what lies around it."""

from dataclasses import dataclass
from typing import Any

from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from eventstore.admin.asked import uuid_of, whole_number
from eventstore.admin.people import people
from eventstore.admin.shown import highlighted, unturned
from eventstore.categories import categories, titles_of
from eventstore.codec import UnreadableEvent, codec
from eventstore.finding import Wanted, walk
from eventstore.models import Event
from eventstore.moving.lines import EVENT
from eventstore.store import metadata_of

SIBLINGS = 20  # other events of the same command that are named


@dataclass(frozen=True)
class EventPage:
    """`words`: what it did, in plain words, or "". `current`: the schema version that is written
    now, None for a type that is not registered. `stored`, `read` and `said_around` are HTML: data
    as stored, the same as read when that is something else, and metadata. `why`: why it cannot be
    read, or "". All that tells what the event says is "" for who may not see it."""

    event: Event
    title: str
    actor: SafeString
    previous: Event | None
    next: Event | None
    cause: str
    cause_url: str
    siblings: list[Event]
    more_siblings: bool
    metadata: dict
    current: int | None
    words: str = ""
    stored: str = ""
    said_around: str = ""
    read: str = ""
    why: str = ""
    json: str = ""


def page_of(event: Event, *, payload: bool) -> EventPage:
    """Costs a bounded number of queries; `payload`: also what the event says."""
    around = {
        one.version: one
        for one in Event.objects.filter(
            stream=event.stream_id, version__in=[event.version - 1, event.version + 1]
        )
    }
    siblings = []
    if event.command_id:
        others = Event.objects.filter(command_id=event.command_id).exclude(pk=event.pk)
        siblings = list(others.order_by("position")[: SIBLINGS + 1])
    metadata = event.metadata if isinstance(event.metadata, dict) else {}
    cause, cause_url = _cause(metadata.get("causation_id"))
    titles = titles_of([(event.stream_id, event.stream.category)])
    return EventPage(
        event=event,
        title=titles.get(event.stream_id, ""),
        actor=people([metadata.get("actor")])(metadata.get("actor")),
        previous=around.get(event.version - 1),
        next=around.get(event.version + 1),
        cause=cause,
        cause_url=cause_url,
        siblings=siblings[:SIBLINGS],
        more_siblings=len(siblings) > SIBLINGS,
        metadata=metadata,
        current=codec.schema_versions().get(event.type),
        **(_said(event) if payload else {}),
    )


def as_json(event: Event) -> str:
    """The event as a line of an export has it, without the line's sum."""
    [row] = walk(Wanted(position=event.pk), EVENT, upto=event.pk)
    return row[-1]


def _said(event: Event) -> dict[str, str]:
    where = f"stream {event.stream_id} version {event.version}"
    said = {
        "stored": highlighted(event.data),
        "said_around": highlighted(event.metadata),
        "json": as_json(event),
    }
    try:
        decoded = codec.decode(event.type, event.schema_version, event.data, where=where)
        metadata_of(event.metadata, where=where)
    except UnreadableEvent as error:
        return said | {"why": f"expected {error.expected}, found {error.actual}"}
    read = codec.encode(decoded)
    if (read.schema_version, read.data) != (event.schema_version, event.data):
        said["read"] = highlighted(read.data)
    return said | {"words": _words(event, decoded)}


def _words(event: Event, decoded: Any) -> str:
    category = categories.get(event.stream.category)
    if category is None:
        return ""
    try:
        before, _ = category.decider.load(event.stream_id, upto=event.version - 1)
        return unturned(category.tell(decoded, before))
    except Exception:
        # This page is where people look when something is wrong with the stream.
        return ""


def _cause(said: Any) -> tuple[str, str]:
    """What the causation id names, and where that is seen: an event's position, stream@version,
    or a command's id."""
    text = said if isinstance(said, str) else ""
    stream, _at, version = text.partition("@")
    found = None
    if (position := whole_number(text)) is not None:
        found = Event.objects.filter(pk=position).first()
    elif (at := whole_number(version)) is not None and (stream_id := uuid_of(stream)):
        found = Event.objects.filter(stream=stream_id, version=at).first()
    if found:
        return event_title(found), event_url(found)
    if (key := uuid_of(text)) and Event.objects.filter(command_id=key).exists():
        told = _("command %(id)s") % {"id": key}
        return told, f"{reverse('admin:eventstore_event_changelist')}?q={key}"
    return text, ""


def event_title(event: Event) -> str:
    return _("%(type)s, event %(position)s") % {"type": event.type, "position": event.pk}


def event_url(event: Event) -> str:
    return reverse("admin:eventstore_event_change", args=[event.pk])

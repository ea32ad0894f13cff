"""The events that the sender of a refused command had not seen."""

from dataclasses import dataclass

from django.utils.safestring import SafeString

from eventstore.admin.people import people
from eventstore.admin.shown import unturned
from eventstore.categories import categories
from eventstore.codec import codec
from eventstore.models import Event, Refusal, Stream

SHOWN = 50


@dataclass(frozen=True)
class Unseen:
    """`text`: what the event did, after who; "" for who may not read payloads."""

    event: Event
    who: SafeString
    text: str


@dataclass(frozen=True)
class UnseenEvents:
    """The first SHOWN of them, and how many came after those."""

    events: list[Unseen]
    more: int


def read_unseen(refusal: Refusal, stream: Stream, *, in_words: bool) -> UnseenEvents:
    """Those between the version seen and the one at which it was refused, oldest first."""
    if not refusal.unseen:
        return UnseenEvents([], 0)
    rows = list(
        Event.objects.filter(
            stream_id=stream.pk, version__gt=refusal.seen, version__lte=refusal.version
        ).order_by("version")[:SHOWN]
    )
    actors = [row.metadata.get("actor") if isinstance(row.metadata, dict) else None for row in rows]
    who = people(actors)
    texts = _texts(rows, stream, refusal.seen) if in_words else [""] * len(rows)
    return UnseenEvents(
        [
            Unseen(row, who(actor), text)
            for row, actor, text in zip(rows, actors, texts, strict=True)
        ],
        refusal.unseen - len(rows),
    )


def _texts(rows: list[Event], stream: Stream, seen: int) -> list[str]:
    """What each did to the state before it; "" from an event on that this code cannot read, or
    that does not fit."""
    texts: list[str] = []
    category = categories.get(stream.category)
    try:
        if category:
            state, _ = category.decider.load(stream.pk, upto=seen)
            for row in rows:
                event = codec.decode(row.type, row.schema_version, row.data, where=f"{row}")
                texts.append(unturned(category.tell(event, state)))
                state = category.decider.evolve(state, event)
    except Exception:  # noqa: S110
        # What other hands stored, or other code, may break any fold and any words in any way.
        pass
    return texts + [""] * (len(rows) - len(texts))

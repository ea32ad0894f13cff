"""Taking back one's own change, by a command that compensates it."""

import logging
from uuid import UUID

from eventstore.codec import UnreadableEvent
from eventstore.decider import Outcome
from eventstore.store import RecordedEvent, read_stream
from ordering.domain import order as domain
from ordering.domain.conflict import ON_A_LINE
from ordering.domain.refusal import Refused
from ordering.domain.values import MAX_LINES
from ordering.handling import ORDER, Caller, note_refused, send
from ordering.models import OrderHead

logger = logging.getLogger(__name__)

UNDOABLE = *ON_A_LINE, domain.DetailsChanged


def undo(by: Caller, order_id: UUID, version: int, *, key: str) -> Outcome:
    """Take back the caller's own command that led to `version`.

    Raises Refused with the code "conflict" when somebody has changed the same things since; its
    `seen` is then the version that the command led to.
    """
    try:
        restore, seen = restoring(by, order_id, version)
    except Refused as refused:
        raise note_refused(by, order_id, ("undo", version), refused, key) from None
    return send(by, order_id, ("undo", seen), lambda: restore, key, seen)


def restoring(by: Caller, order_id: UUID, version: int) -> tuple[domain.Restore, int]:
    """What would undo the caller's own command that led to `version`, and its last version."""
    try:
        undone = _command_at(by, order_id, version)
        return _restoring(order_id, undone), undone[-1].version
    except UnreadableEvent as error:
        logger.error("undo refused on an order that cannot be read: %s", error)
        raise Refused("unreadable-order") from error


def undoable(outcome: Outcome) -> bool:
    """Whether it changed an order's items or details, and nothing else."""
    events = [recorded.event for recorded in outcome.events]
    return bool(events) and all(isinstance(event, UNDOABLE) for event in events)


def _command_at(by: Caller, order_id: UUID, version: int) -> list[RecordedEvent]:
    """The events of the command that caused the event at `version`."""
    if not OrderHead.objects.filter(pk=order_id, customer=by.agent.customer_id).exists():
        raise Refused("no-such-order")
    at = next(read_stream(order_id, after=version - 1, upto=version), None)
    if at is None:
        raise Refused("cannot-undo")
    if at.metadata.actor != by.agent.pk:
        raise Refused("not-your-change")
    # One command appends at most one order's worth of lines and what opens it.
    near = read_stream(order_id, after=max(0, version - MAX_LINES - 1), upto=version + MAX_LINES)
    return [event for event in near if event.command_id == at.command_id]


def _restoring(order_id: UUID, undone: list[RecordedEvent]) -> domain.Restore:
    before, _ = ORDER.load(order_id, upto=undone[0].version - 1)
    lines: dict[str, domain.Line | None] = {}
    reference = note = None
    for recorded in undone:
        match recorded.event:
            case (
                domain.ItemAdded(sku=sku)
                | domain.QuantityChanged(sku=sku)
                | domain.ItemRemoved(sku=sku)
            ):
                lines[sku] = before.lines.get(sku)
            case domain.DetailsChanged(new_reference, new_note):
                reference = None if new_reference is None else before.reference
                note = None if new_note is None else before.note
            case _:
                raise Refused("cannot-undo")
    return domain.Restore(tuple(lines.items()), reference, note)

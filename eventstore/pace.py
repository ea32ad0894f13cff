"""How fast a projection or reactor works: its events of this minute and of the one before.

Counted where the checkpoint moves, in the same statement, so that it costs nothing and is never
ahead of what was committed. Whole minutes, so that a rate is that of one to two minutes.
"""

from datetime import datetime, timedelta

from eventstore.models import Checkpoint

MINUTE = timedelta(minutes=1)


def counted(checkpoint: Checkpoint, events: int, now: datetime) -> dict[str, object]:
    """The checkpoint's columns once so many events more are handled."""
    minute = now.replace(second=0, microsecond=0)
    this, before = _events_of(checkpoint, minute)
    return {"minute": minute, "minute_events": this + events, "minute_before": before}


def rate(checkpoint: Checkpoint, now: datetime) -> float:
    """Events a second, over this minute and the one before."""
    minute = now.replace(second=0, microsecond=0)
    return sum(_events_of(checkpoint, minute)) / (60 + (now - minute).total_seconds())


def _events_of(checkpoint: Checkpoint, minute: datetime) -> tuple[int, int]:
    """Those of a minute, and of the one before it."""
    if checkpoint.minute == minute:
        return checkpoint.minute_events, checkpoint.minute_before
    return 0, checkpoint.minute_events if checkpoint.minute == minute - MINUTE else 0

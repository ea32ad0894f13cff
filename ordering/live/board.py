"""What has happened to a customer's orders lately: of each the newest version, the last one last.

There is one for all streams of a customer in a process. Each stream remembers how far it has told:
however many pages are open, a change is noted and written once.
"""

import json
import time
from typing import Any, NamedTuple
from uuid import UUID

MOST_ORDERS = 200  # told one by one; a page that missed more looks at everything again


class Entry(NamedTuple):
    number: int
    noted_at: float  # seconds, Unix time
    event: bytes


class Board:
    """`last` is the number of the last entry. Numbers rise by one. `position`: how far in the
    database's own log all of it is committed, for pages that are asked of a standby; None when
    there is none."""

    def __init__(self, position: int | None = None) -> None:
        self.last = 0
        self.position = position
        self._forgotten = 0
        self._entries: dict[UUID, Entry] = {}

    def note(self, order_id: UUID, version: int, now: float) -> None:
        self.last += 1
        # The newest comes last: an entry that is replaced would keep its place.
        self._entries.pop(order_id, None)
        event = written("version", self.placed(order=str(order_id), version=version), now)
        self._entries[order_id] = Entry(self.last, now, event)

    def placed(self, **data: Any) -> dict[str, Any]:
        """What a page is told, with how far it has to see when it asks for more."""
        return data if self.position is None else data | {"position": self.position}

    def after(self, number: int) -> list[bytes] | None:
        """The events after that entry, oldest first. None: too many, or not known any more."""
        if number < self._forgotten:
            return None
        found = []
        for entry in reversed(self._entries.values()):
            if entry.number <= number:
                break
            found.append(entry.event)
        return found[::-1] if len(found) <= MOST_ORDERS else None

    def number_at(self, moment: float) -> int:
        """The last entry before that moment (seconds, Unix time)."""
        # All are looked at: a clock may have been put back.
        since = [entry.number for entry in self._entries.values() if entry.noted_at >= moment]
        return min(since, default=self.last + 1) - 1

    def forget(self, before: float) -> None:
        """Everything until that moment (seconds, Unix time)."""
        self._forgotten = self.number_at(before)
        self._entries = {
            order_id: entry
            for order_id, entry in self._entries.items()
            if entry.number > self._forgotten
        }

    def __bool__(self) -> bool:
        return bool(self._entries)


def written(name: str, data: Any, at: float | None = None) -> bytes:
    """A server-sent event. Its id is where to go on from after a break: the reader has heard of
    all that was noted before."""
    text = json.dumps(data, separators=(",", ":"))
    number = int((time.time() if at is None else at) * 1000)
    return f"id: {number}\nevent: {name}\ndata: {text}\n\n".encode()

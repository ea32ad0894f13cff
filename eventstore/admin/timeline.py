"""A stream's events in plain words, newest first, a page at a time."""

import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any

from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.timesince import timesince
from django.utils.translation import gettext as _

from eventstore import past, store
from eventstore.admin.people import people
from eventstore.admin.shown import highlighted, unturned
from eventstore.admin.words import tenths
from eventstore.categories import Category
from eventstore.models import Stream
from eventstore.past import Unfoldable
from eventstore.store import RecordedEvent

PAGE = 50


@dataclass
class Entry:
    """An event as stored, and what it did. `text` is "" where it cannot be told; `reason` says why.
    `gap` says how long after the one before it came, "" for the first."""

    position: int
    version: int
    type: str
    schema_version: int
    data: Any
    actor: Any
    source: str
    at: datetime
    gap: str
    text: str = ""
    reason: str = ""
    who: SafeString | str = ""

    @cached_property
    def json(self) -> SafeString:
        return highlighted(self.data)


@dataclass(frozen=True)
class Page:
    """Entries, newest first, with the `before` of the pages around; None where there is none."""

    entries: list[Entry]
    newest: int | None
    newer: int | None
    older: int | None
    oldest: int | None


def read_page(stream: Stream, category: Category | None, before: int | None) -> Page:
    """The PAGE events before version `before` (None: the last ones). Two or three queries, which
    read no more than the page and what lies between it and the snapshot before it."""
    high = min(stream.version, (before or stream.version + 1) - 1)
    low = max(0, high - PAGE)
    entries = read_entries(stream, category, low, high)
    entries.reverse()
    on_top, at_end = high == stream.version, low == 0
    return Page(
        entries,
        newest=None if on_top else stream.version + 1,
        newer=None if on_top else high + PAGE + 1,
        older=None if at_end else low + 1,
        oldest=None if at_end else PAGE + 1,
    )


def read_entries(stream: Stream, category: Category | None, low: int, high: int) -> list[Entry]:
    """The events with `low` < version <= `high`, oldest first."""
    rows = store.rows_of(stream.pk, after=max(0, low - 1), upto=high)
    entries, before_at = [], None
    for row in rows:
        if row[2] > low:
            entries.append(_entry(row, before_at))
        before_at = row[8]
    if category:
        _tell([row for row in rows if row[2] > low], entries, category, stream, low)
    else:
        for entry in entries:
            told = _("Nobody registered what events of a %(category)s mean.")
            entry.reason = told % {"category": stream.category}
    who = people(entry.actor for entry in entries)
    for entry in entries:
        entry.who = who(entry.actor)
    return entries


def _tell(rows, entries: list[Entry], category: Category, stream: Stream, low: int) -> None:
    lost = ""  # why the state is not known from here on
    try:
        state = past.state_at(category.decider, stream.pk, low)
    except Unfoldable as error:
        state, lost = None, _lost_at(error.version)
    for row, entry in zip(rows, entries, strict=True):
        try:
            recorded = past.decoded(row)
            if lost:
                entry.reason = lost
                continue
            entry.text = told(category, recorded, state)
            state = past.fold_one(category.decider, state, recorded)
        except Unfoldable as error:
            entry.text, entry.reason = "", str(error)
            lost = lost or _lost_at(entry.version)


def _lost_at(version: int) -> str:
    told = _("Not told, since event %(version)s before it cannot be read.")
    return told % {"version": version}


def told(category: Category, recorded: RecordedEvent, before: Any) -> str:
    """What the event did, in the category's words. Raises Unfoldable when it does not fit."""
    try:
        return unturned(category.tell(recorded.event, before))
    except Exception as error:
        # As with folding: stored events may fit in any way or none.
        raise Unfoldable(
            recorded.version,
            f"version {recorded.version}: expected a state that "
            f"{type(recorded.event).__name__} fits, found {error!r}",
        ) from error


def _entry(row: tuple, before_at: datetime | None) -> Entry:
    position, _, version, type_, schema_version, data, metadata, _, at = row
    about = json.loads(metadata)
    about = about if isinstance(about, dict) else {}
    gap = elapsed(at - before_at) if before_at else ""
    return Entry(
        position,
        version,
        type_,
        schema_version,
        json.loads(data),
        about.get("actor"),
        str(about.get("source") or ""),
        at,
        gap,
    )


def elapsed(time: timedelta) -> str:
    """How long after: "at once", "12 s later" or "3 hours, 5 minutes later"."""
    seconds = time.total_seconds()
    if seconds < 0.05:  # or a clock was set back
        return _("at once")
    if seconds < 60:
        told = tenths(seconds) if seconds < 10 else f"{seconds:.0f}"
        return _("%(seconds)s s later") % {"seconds": told}
    now = timezone.now()
    return _("%(time)s later") % {"time": timesince(now - time, now, depth=2)}

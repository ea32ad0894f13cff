"""Whether a stream's read rows equal what its events say; seen, put right, and on the record."""

from dataclasses import dataclass, field
from typing import Any

from django.contrib.admin.models import LogEntry
from django.contrib.contenttypes.models import ContentType
from django.db import OperationalError
from django.utils.translation import gettext as _

from eventstore import replay
from eventstore.aside import Difference
from eventstore.codec import UnreadableEvent
from eventstore.models import Stream

REPAIR = "eventstore.change_checkpoint"  # the permission to put rows right
FOUND, REPAIRED = "Drift found", "Rows put right"
MISSING, TOO_MANY, DIFFERS = "is missing", "is too many", "differs"
MOST_TOLD = 20  # rows that the admin's log tells of
MOST_CHARACTERS = 120  # of a value in it


@dataclass(frozen=True)
class Wrong:
    """A row that differs. `columns` are {column: (expected, found)}; of a row that is missing or
    too many, all of them. `what` says which of the three it is. As text: a line of the admin's log,
    which is English for all who read it."""

    table: str
    key: str
    what: str
    columns: dict[str, tuple[Any, Any]]

    def __str__(self) -> str:
        told = (
            f"{name}: expected {_short(expected)}, found {_short(found)}"
            for name, (expected, found) in self.columns.items()
        )
        details = f" ({'; '.join(told)})" if self.what == DIFFERS else ""
        return f"{self.table} {self.key} {self.what}{details}"

    @property
    def told(self) -> str:
        """Of a row that is there on one side only."""
        return _("The row is missing.") if self.what == MISSING else _("The row is too many.")


@dataclass(frozen=True)
class Drift:
    """`unknown` says why it could not be found out; "" when it could."""

    wrong: list[Wrong] = field(default_factory=list)
    unknown: str = ""

    def __str__(self) -> str:
        told = [str(one) for one in self.wrong[:MOST_TOLD]]
        more = len(self.wrong) - len(told)
        return "\n".join(told + ([f"and {more} more"] if more else []))


def drift_of(stream: Stream) -> Drift:
    return _look(stream, replay.differences_of)


def repair(stream: Stream) -> Drift:
    """Put the stream's rows right; what was wrong."""
    return _look(stream, replay.repair)


def _look(stream: Stream, each) -> Drift:
    try:
        return Drift(
            [
                _wrong(difference, stream)
                for projection in replay.of_single_streams()
                for difference in each(projection, stream.pk)
            ]
        )
    except UnreadableEvent as error:
        return Drift(unknown=_("An event cannot be read: %(error)s") % {"error": error})
    except LookupError as error:
        return Drift(unknown=_("Its events do not fit together: %(error)s") % {"error": error})
    except (replay.Busy, OperationalError):
        return Drift(unknown=_("Somebody is changing the stream at this moment. Try again."))


def note(model_admin, request, stream: Stream, drift: Drift) -> None:
    """Put a drift that was seen into the admin's log, once and not with each look at it."""
    message = f"{FOUND}:\n{drift}"
    last = (
        LogEntry.objects.filter(
            content_type=ContentType.objects.get_for_model(Stream), object_id=str(stream.pk)
        )
        .order_by("-action_time", "-pk")
        .values_list("change_message", flat=True)
        .first()
    )
    if last != message:
        model_admin.log_change(request, stream, message)


def _wrong(difference: Difference, stream: Stream) -> Wrong:
    expected, found = difference.expected or {}, difference.actual or {}
    what = MISSING if not found else TOO_MANY if not expected else DIFFERS
    columns = {
        name: (expected.get(name), found.get(name))
        for name in expected | found
        if expected.get(name) != found.get(name)
    }
    parts = difference.key if isinstance(difference.key, tuple) else (difference.key,)
    key = ", ".join(str(part) for part in parts if part != stream.pk) or str(stream.pk)
    return Wrong(difference.table, key, what, columns)


def _short(value: Any) -> str:
    text = str(value)
    return text if len(text) <= MOST_CHARACTERS else f"{text[:MOST_CHARACTERS]}…"

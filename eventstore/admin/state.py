"""The state of a stream at a version as people read it, with what the version's event changed."""

from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from eventstore import blame, past
from eventstore.admin.timeline import Entry, read_entries
from eventstore.blame import ADDED, CHANGED, MISSING, REMOVED
from eventstore.categories import Category
from eventstore.models import Stream
from eventstore.past import Unfoldable


@dataclass
class Node:
    """A value, or what holds values. `mark` is ADDED, CHANGED, REMOVED or "", `old` what a changed
    value was; `told`: what holds it says so already. `is_record`: it holds single values only."""

    name: str
    pointer: str
    value: str = ""
    quiet: bool = False
    mark: str = ""
    old: str = ""
    told: bool = False
    children: list["Node"] = field(default_factory=list)

    @property
    def is_record(self) -> bool:
        return bool(self.children) and not any(child.children for child in self.children)


@dataclass(frozen=True)
class Shown:
    """The state at `version` as a tree, and the event that made it. `reason` says why there is
    none."""

    version: int
    entry: Entry | None
    nodes: list[Node]
    marks: dict[str, int]
    reason: str = ""


@dataclass(frozen=True)
class Blamed:
    """Which event last set the value at `path`. `label` is the path for people, `reason` says why
    there is none."""

    path: str
    label: list[str]
    entry: Entry | None = None
    value: str = ""
    gone: bool = False
    reason: str = ""


def show_state(stream: Stream, category: Category, version: int) -> Shown:
    """The state at a version that the stream has reached."""
    entry = next(iter(read_entries(stream, category, version - 1, version)), None)
    try:
        [step] = past.steps(category.decider, stream.pk, after=version - 1, upto=version)
    except Unfoldable as error:
        return Shown(version, entry, [], {}, error.reason)
    except ValueError:
        none = _("There is no event %(version)s in this stream.") % {"version": version}
        return Shown(version, entry, [], {}, none)
    encode = category.decider.shape.encode
    before, after = encode(step.before), encode(step.after)
    changes = blame.changes(before, after)
    marks = dict.fromkeys((ADDED, CHANGED, REMOVED), 0)
    for change in changes.values():
        marks[change.kind] += 1
    return Shown(version, entry, _node("", (), before, after, changes).children, marks)


def blame_value(stream: Stream, category: Category, path: str, version: int) -> Blamed:
    """Raises ValueError for a path that is no JSON pointer."""
    label = blame.steps_of(path)
    try:
        step = past.who_set(category.decider, stream.pk, path, upto=version)
    except Unfoldable as error:
        return Blamed(path, label, reason=error.reason)
    if step is None:
        at_first = blame.value_at(category.decider.shape.encode(category.decider.initial), path)
        reason = (
            _("There was no such value up to version %(version)s.")
            if at_first is MISSING
            else _("No event up to version %(version)s has set it: it is as it began.")
        )
        return Blamed(path, label, reason=reason % {"version": version})
    at = step.recorded.version
    [entry] = read_entries(stream, category, at - 1, at)
    value = blame.value_at(category.decider.shape.encode(step.after), path)
    return Blamed(path, label, entry, _words(value), value is MISSING)


def _node(name: str, steps: tuple, before: Any, after: Any, changes: dict) -> Node:
    place = blame.pointer(steps)
    inner = _inner(before), _inner(after)
    if (after is MISSING and inner[0]) or inner[1]:
        keys = inner[0] | inner[1]
        node = Node(name, place)
        node.children = [
            _node(
                str(key),
                (*steps, key),
                inner[0].get(key, MISSING),
                inner[1].get(key, MISSING),
                changes,
            )
            for key in keys
        ]
        if before is MISSING or after is MISSING:
            node.mark = ADDED if before is MISSING else REMOVED
            for child in node.children:
                child.told = True
        return node
    value = before if after is MISSING else after
    node = Node(name, place, _words(value), value in (None, "", [], {}))
    if change := changes.get(place):
        node.mark = change.kind
        node.old = _words(change.old) if change.kind == CHANGED else ""
    if inner[0]:  # emptied by this event
        node.children = _node(name, steps, before, MISSING, changes).children
    return node


def _inner(value: Any) -> dict:
    if isinstance(value, dict):
        return value
    return dict(enumerate(value)) if isinstance(value, list) else {}


def _words(value: Any) -> str:
    if value is None:
        return _("none")
    if value in ("", [], {}):
        return _("empty")
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, dict | list):
        return ngettext("%(count)d value", "%(count)d values", len(value)) % {"count": len(value)}
    return str(value)

"""Parts of pages that are drawn once for the same values, and kept: {% kept %} in templates.

A part reads the values that it is given and nothing else, as with `{% include ... only %}`. So
what it looks like depends on them, on the language and on the day, and by these it is kept: there
is nothing that could be out of date. What is new each time, such as the id of a form, has its
place in the part, and is filled in when the part is shown; a place may say what it is of.
"""

import re
from collections.abc import Callable, Iterable
from datetime import date
from decimal import Decimal
from functools import lru_cache, wraps
from typing import Any, NamedTuple
from uuid import UUID

from django.forms import BaseForm
from django.template import Context, engines
from django.utils import timezone
from django.utils.html import conditional_escape
from django.utils.translation import get_language

MOST = 4096  # parts; a line of an order, the largest, takes some 3 KiB
LATEST = 64  # long parts; an order of 20 lines takes some 80 KiB
PLAIN = str | int | Decimal | UUID | date | None  # a datetime is a date
# No text from the database has a NUL, and a part has no other text.
PLACE = re.compile("\0([^\0]+)\0")

Making = Callable[..., Any]  # of the Context, and of what the place is of, if of anything
_makings: dict[str, Making] = {"csrf_token": lambda context: context.get("csrf_token", "")}
_anew: set[str] = set()


class Part(NamedTuple):
    """`text` has all its places; `pieces` are texts and, every second one, a place, whose name, and
    what it is of, are in `places`."""

    text: str
    pieces: list[str]
    places: list[tuple[str, ...]]


class Untouched(NamedTuple):
    """A form that nobody has typed in yet. It is made only where its part is drawn."""

    form: type[BaseForm]
    initial: tuple[tuple[str, Any], ...] = ()

    def made(self) -> BaseForm:
        return self.form(initial=dict(self.initial))


def untouched(form: type[BaseForm], **initial: Any) -> Untouched:
    return Untouched(form, tuple(initial.items()))


def filled_in(making: Making) -> Making:
    """What makes a value, of its own name, that is the same all over a page; in a part that is
    kept, it makes the value's place."""

    @wraps(making)
    def value(context: Context, *of: str) -> Any:
        return _place(making.__name__, *of) if "is_kept" in context else making(context, *of)

    _makings[making.__name__] = making
    return value


def filled_in_anew(making: Making) -> Making:
    """The same for a value that is another one at each place."""
    _anew.add(making.__name__)
    return filled_in(making)


def show(context: Context, template: str, **values: Any) -> str:
    """The part with these values. Raises TypeError for a value that could change unseen.

    A form that somebody has typed in is no such value either, and is drawn each time.
    """
    return _show(_drawn, context, template, values)


def show_lately(context: Context, template: str, **values: Any) -> str:
    """The same for a long part, of which LATEST are kept."""
    return _show(_drawn_lately, context, template, values)


def _show(drawn: Callable[..., Part], context: Context, template: str, values: dict) -> str:
    if any(isinstance(value, BaseForm) for value in values.values()):
        own = {"csrf_token": context.get("csrf_token"), "order": context.get("order")}
        return _rendered(template, own | values)
    begun = template, get_language(), timezone.localdate(), tuple(values)
    return _filled(context, [drawn(*begun, *values.values())])


def show_each(
    context: Context, template: str, name: str, ones: Iterable[Any], **values: Any
) -> str:
    """The part for each of these, as its value `name`."""
    begun = template, get_language(), timezone.localdate(), (name, *values)
    rest = tuple(values.values())
    return _filled(context, [_drawn(*begun, one, *rest) for one in ones])


class _Made(dict):
    """What is filled in on one page, by its place."""

    def __init__(self, context: Context) -> None:
        self._context = context

    def __missing__(self, place: tuple[str, ...]) -> str:
        name, *of = place
        value = conditional_escape(_makings[name](self._context, *of))
        if name not in _anew:
            self[place] = value
        return value


def _filled(context: Context, parts: list[Part]) -> str:
    if "is_kept" in context:  # a part that is kept itself: the page fills it in
        return "".join(part.text for part in parts)
    made = _Made(context)
    shown = []
    for part in parts:
        pieces = part.pieces
        if part.places:
            pieces = [*pieces]
            pieces[1::2] = map(made.__getitem__, part.places)
        shown += pieces
    return "".join(shown)


def _place(*said: str) -> str:
    return f"\0{' '.join(said)}\0"


def _draw(template: str, language: str, day: date, names: tuple[str, ...], *given: Any) -> Part:
    for name, value in zip(names, given, strict=True):
        _check(template, name, value)
    values = {
        name: value.made() if isinstance(value, Untouched) else value
        for name, value in zip(names, given, strict=True)
    }
    places = {"is_kept": True, "csrf_token": _place("csrf_token")}
    text = _rendered(template, values | places)
    pieces = PLACE.split(text)
    return Part(text, pieces, [tuple(said.split(" ", 1)) for said in pieces[1::2]])


# Equal is not enough: True would stand for 1, and they look different. (So would 1.0 for 1.00;
# but amounts come from columns, which have so many places each.)
_drawn = lru_cache(maxsize=MOST, typed=True)(_draw)
_drawn_lately = lru_cache(maxsize=LATEST, typed=True)(_draw)


def _rendered(template: str, values: dict[str, Any]) -> str:
    return engines["django"].engine.get_template(template).render(Context(values)).strip()


def _check(template: str, name: str, value: Any) -> None:
    if isinstance(value, Untouched):
        value = value.initial
    if isinstance(value, tuple):
        for one in value:
            _check(template, name, one)
    elif not isinstance(value, PLAIN):
        raise TypeError(
            f"{template}, {name}: expected a plain value, a tuple of them or a form, "
            f"found {type(value).__name__}."
        )

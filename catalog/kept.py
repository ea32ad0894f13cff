"""Parts of pages that are drawn once for the same values, and kept: {% kept %} in templates.

A part reads the values that it is given and nothing else, as with `{% include ... only %}`. So
what it looks like depends on them, on the language and on the day, and by these it is kept: there
is nothing that could be out of date. What is new each time, such as the id of a form, has its
place in the part, and is filled in when the part is shown.
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
PLACE = re.compile("\0(\\w+)\0")

Making = Callable[[Context], Any]
_makings: dict[str, Making] = {"csrf_token": lambda context: context.get("csrf_token", "")}
_anew: set[str] = set()

Part = tuple[list[str], list[str]]


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
    def value(context: Context) -> Any:
        return _place(making.__name__) if "is_kept" in context else making(context)

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


def _filled(context: Context, parts: list[Part]) -> str:
    within, made = "is_kept" in context, {}

    def fill(name: str) -> str:
        if within:  # a part that is kept itself: the page fills it in
            return _place(name)
        if name not in made or name in _anew:
            made[name] = conditional_escape(_makings[name](context))
        return made[name]

    shown = []
    for texts, places in parts:
        if places:
            texts = [*texts]
            texts[1::2] = map(fill, places)
        shown += texts
    return "".join(shown)


def _place(name: str) -> str:
    return f"\0{name}\0"


def _draw(template: str, language: str, day: date, names: tuple[str, ...], *given: Any) -> Part:
    """Texts and, at every second place, what is to be filled in; and the names of the latter."""
    for name, value in zip(names, given, strict=True):
        _check(template, name, value)
    values = {
        name: value.made() if isinstance(value, Untouched) else value
        for name, value in zip(names, given, strict=True)
    }
    places = {"is_kept": True, "csrf_token": _place("csrf_token")}
    texts = PLACE.split(_rendered(template, values | places))
    return texts, texts[1::2]


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

"""The names of actors, whom events and refusals know as ids."""

from collections.abc import Iterable

from django.contrib.auth import get_user_model
from django.utils.html import format_html
from django.utils.safestring import SafeString


def names_of(actors: Iterable[int | None]) -> dict[int | None, str]:
    """The names of actors that are known, in one query."""
    users = get_user_model().objects.in_bulk({actor for actor in actors if actor is not None})
    return {actor: user.get_short_name() or user.get_username() for actor, user in users.items()}


def told(actor: int | None, names: dict[int | None, str]) -> SafeString:
    """A name for a page; it may run from right to left."""
    if actor is None:
        return format_html("the shop itself")
    return format_html("<bdi>{}</bdi>", names.get(actor) or f"agent {actor}")


def find_actor(text: str) -> int:
    """The id of the actor with this login name or id. Raises ValueError."""
    users = get_user_model()
    known = {f"{users.USERNAME_FIELD}__iexact": text}
    named = users.objects.filter(**known) if text.isprintable() else users.objects.none()
    if found := named.values_list("pk", flat=True).first():
        return found
    if text.isascii() and text.isdecimal() and len(text) <= 18:
        return int(text)
    raise ValueError(f"Nobody is called that: expected a login name, found {text[:60]!r}.")

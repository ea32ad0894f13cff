"""Who actors are, whom events and refusals know as ids: one way to show them, and to ask for them.

A page has what people call them, with the username on hover; a filter takes the username.
"""

from collections.abc import Callable, Iterable
from typing import Any

from django.contrib.auth import get_user_model
from django.utils.html import conditional_escape, format_html
from django.utils.safestring import SafeString
from django.utils.text import Truncator
from django.utils.translation import gettext as _

from eventstore.admin.asked import LAST_NUMBER, whole_number

THE_SHOP = "(shop)"  # who did what no user did; no username has parentheses


def people(actors: Iterable[Any]) -> Callable[[Any], SafeString]:
    """What a page says of each of `actors`, as metadata has them: they may be anything. Costs one
    query at the most."""
    known = get_user_model()._default_manager.in_bulk({a for a in actors if _is_id(a)})

    def told(actor: Any) -> SafeString:
        if actor is None:
            return SafeString(conditional_escape(_("The shop")))
        if user := known.get(actor) if _is_id(actor) else None:
            name = user.get_short_name() or user.get_username()
            return format_html('<bdi title="{}">{}</bdi>', user.get_username(), name)
        unknown = _("user %(id)s") % {"id": Truncator(str(actor)).chars(40)}
        return format_html("<bdi>{}</bdi>", unknown)

    return told


def _is_id(actor: Any) -> bool:
    return type(actor) is int and abs(actor) <= LAST_NUMBER


def find_actor(text: str) -> int | None:
    """The id of the actor with this username or id; None for THE_SHOP. Raises ValueError."""
    if text == THE_SHOP:
        return None
    users = get_user_model()
    known = {f"{users.USERNAME_FIELD}__iexact": text}
    if found := users._default_manager.filter(**known).values_list("pk", flat=True).first():
        return found
    if (number := whole_number(text)) is not None:
        return number
    raise ValueError(
        _("Actor: expected a username, an id or %(shop)s; nobody is called “%(found)s”.")
        % {"shop": THE_SHOP, "found": text[:60]}
    )

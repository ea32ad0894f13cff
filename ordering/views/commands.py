"""What every view that changes something shares."""

import re
from functools import wraps
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from ordering.domain.refusal import Refused


class SeeOther(HttpResponseRedirect):
    """What a form that has done its work answers: the page to GET now."""

    status_code = 303


def takes_command(view):
    """A view that sends one command: POST only, and told the form's command id as `key`.

    Without a good id nothing is sent, since sending it again could then change things twice (400).
    An order that is missing, or another customer's, is not found (404).
    """

    @require_POST
    @never_cache
    @wraps(view)
    def wrapper(request, *args, **kwargs):
        sent = request.POST.get("command_id", "")
        try:
            key = str(UUID(sent))
        except ValueError:
            why = _("Expected a command id, a UUID, in the field command_id; found %(found)s.")
            why %= {"found": quoted(sent)}
            return render(request, "400.html", {"why": why}, status=400)
        try:
            return view(request, *args, **kwargs, key=key)
        except Refused as refused:
            if refused.code == "no-such-order":
                raise Http404 from None
            raise

    wrapper.is_page = False
    return wrapper


def shows_version(name: str, *, required: bool = True):
    """Tells a view of a form's field `name`: a version of the order, as an int.

    Without one nothing is sent, since a change could then undo what nobody had seen (400).
    """

    def decorator(view):
        @wraps(view)
        def wrapper(request, *args, **kwargs):
            sent = request.POST.get(name, "")
            if not re.fullmatch(r"[0-9]{1,9}", sent) and (sent or required):
                why = _(
                    "Expected a version of the order, a number, in the field %(field)s; "
                    "found %(found)s."
                )
                why %= {"field": name, "found": quoted(sent)}
                return render(request, "400.html", {"why": why}, status=400)
            return view(request, *args, **kwargs, **{name: int(sent or 0)})

        return wrapper

    return decorator


def quoted(sent: str) -> str:
    """What was sent, to be named in the answer that refuses it."""
    return _("“%(sent)s”") % {"sent": sent[:60]} if sent else _("nothing")


def version_of(sent: str) -> int | None:
    """A version of an order as an address names it; None for what is none."""
    return int(sent) if re.fullmatch(r"[0-9]{1,9}", sent) else None


def wants_fragment(request: HttpRequest) -> bool:
    """Whether htmx asks for a part of the page. Going back in history it asks for all of it."""
    return bool(request.htmx) and request.htmx.request_type != "full"


def render_changed(
    request: HttpRequest, fragment: str, context: dict, status: int = 200
) -> HttpResponse:
    """A fragment, and what changes around it: the header's current order and the messages."""
    changed = render_to_string(fragment, context, request)
    around = render_to_string("base.html#around", context, request)
    return HttpResponse(changed + around, status=status)

"""The pages that belong to no app: whether the shop is well, and what it says when it is not."""

import logging
import re
import sys

from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import SuspiciousOperation
from django.db import Error, connection
from django.http import HttpResponse, HttpResponseRedirect, JsonResponse
from django.http.multipartparser import MultiPartParserError
from django.template.loader import render_to_string
from django.templatetags.static import static
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from eventstore.away import DISK_FULL, READ_ONLY, leave_standby, may_be_away, sqlstate

logger = logging.getLogger(__name__)

# PostgreSQL's error codes (its appendix A): connection exceptions, the three shutdowns, and too
# many connections. A connection that was refused or lost comes without a code.
AWAY_CODES = re.compile(r"08...|57P0[123]|53300")
# Waited too long for a lock, or for its turn; nothing was done.
BUSY_CODES = re.compile(r"55P03|40001|40P01|57014|25P0[34]")
TRY_AGAIN_AFTER = 5  # seconds
PROBES = {"/healthz", "/metrics"}  # what watches the shop asks for them
OF_CODES = {"second_step", "second_factor"}  # views that are sent one


@login_not_required
@never_cache
@require_safe
def healthz(request):
    """Answer 200 when this process serves and reaches its database, else 503."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except Error:
        return _unwell("database away")
    return JsonResponse({"status": "ok"})


def _unwell(status):
    headers = {"Retry-After": TRY_AGAIN_AFTER}
    return JsonResponse({"status": status}, status=503, headers=headers)


@login_not_required
@require_safe
def favicon(request):
    """Browsers ask for it on pages that name no icon, such as the admin's."""
    return HttpResponseRedirect(static("favicon.svg"))


def server_error(request):
    """Answer for an exception that nobody caught, a middleware's included. Needs no database."""
    if lost := database_away(sys.exception()):
        return _try_again(request, *lost)
    if request.headers.get("HX-Request"):
        return _message(_("Something went wrong here."), status=500)
    context = {"request_id": getattr(request, "correlation_id", "")}
    return HttpResponse(render_to_string("500.html", context), status=500)


def bad_request(request, exception):
    """Answer for what Django calls a bad request: also a session that could not be saved."""
    if lost := database_away(exception):
        return _try_again(request, *lost)
    # Without the request: it may have been refused before anybody knew whose it is.
    return HttpResponse(render_to_string("400.html"), status=400)


def database_away(error: BaseException | None) -> tuple[Error, str] | None:
    """What `error` comes of, and what to call it in English: a refused or lost connection, or one
    that had to wait too long. None: it comes of something else."""
    while error:
        if may_be_away(error):
            code = sqlstate(error)
            if code is None or AWAY_CODES.fullmatch(code):
                return error, gettext_noop("The database is away")
            if code == READ_ONLY:
                return error, gettext_noop("The database takes no changes now")
            if code == DISK_FULL:
                return error, gettext_noop("The database has no room left")
            return (
                (error, gettext_noop("The shop is very busy"))
                if BUSY_CODES.fullmatch(code)
                else None
            )
        error = error.__cause__ or error.__context__
    return None


def no_answer(request):
    """Answer in place of a page that does not come in time. Needs no database."""
    if request.path_info in PROBES:
        return _unwell("database does not answer")
    what = gettext_noop("The shop does not answer in time")
    return _unavailable(request, what, "nothing within its time", perhaps=True)


def _try_again(request, error, what):
    leave_standby(error)
    code = sqlstate(error)
    # A connection that is lost may be lost with the answer that it was done.
    perhaps = code is None or AWAY_CODES.fullmatch(code)
    return _unavailable(request, what, " ".join(str(error).split()), perhaps)


def _unavailable(request, what, reason, perhaps):
    """`perhaps`: what was asked for may have been done all the same."""
    changing = request.method not in ("GET", "HEAD")
    if request.headers.get("HX-Request"):
        lost = _("Your change was not saved.")
        if perhaps:
            lost = _("Your change may not have been saved.")
        changed = lost if changing else ""
        told = f"{_(what)}.", changed, _("Try again in a moment.")
        response = _message(" ".join(filter(None, told)), status=503)
    else:
        fields = _fields_to_repeat(request)
        context = {
            "what": _(what),
            "path": request.get_full_path(),
            "changing": changing,
            "perhaps": perhaps,
            "fields": fields,
            "once": any(name == "command_id" for name, _ in fields),
        }
        response = HttpResponse(render_to_string("503.html", context), status=503)
    response["Retry-After"] = TRY_AGAIN_AFTER
    # One line says it; Django would add a traceback for every request while the database is away.
    logger.error("%s: %s %s answered 503: %s", what, request.method, request.path, reason)
    response._has_been_logged = True
    return response


def _message(text, status):
    """A line for a page that htmx keeps as it is: what is typed there stays typed."""
    headers = {"HX-Reswap": "none"}
    return HttpResponse(text, status=status, headers=headers, content_type="text/plain")


def _fields_to_repeat(request) -> list[tuple[str, str]]:
    """The posted fields, for a form that posts them again; none where that would echo a secret."""
    try:
        fields = [(name, value) for name, values in request.POST.lists() for value in values]
        secret = any("password" in name.lower() for name, _ in fields) or (
            request.resolver_match is not None and request.resolver_match.view_name in OF_CODES
        )
        return [] if secret or request.FILES else fields
    except (SuspiciousOperation, MultiPartParserError, OSError):  # nothing that could be read
        return []

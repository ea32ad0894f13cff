"""/quick-order/: many products at once, from lines that an agent pastes."""

import re

from django.contrib import messages
from django.shortcuts import render
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods
from django_htmx.http import reswap, retarget

from ordering.desk import Desk, add_to_current_order
from ordering.forms import CommandForm
from ordering.handling import Caller
from ordering.pasted import MAX_BYTES, TooMuch
from ordering.pasted import MAX_LINES as MOST_PASTED
from ordering.quick_order import Garbled, Sheet
from ordering.views.answers import tell
from ordering.views.commands import SeeOther, render_changed, takes_command, wants_fragment

# A suggestion: what to take for which line.
INSTEAD = re.compile(r"(?P<sku>\S{1,16}) (?P<quantity>[0-9]{1,4}) (?P<raw>.*)", re.S)
REST = "quick_order_rest"  # in the session: lines that waited when the others were added


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def quick_order(request):
    """With POST: check what was pasted, which changes nothing; or, asked to, add what was found."""
    if request.method != "POST":
        return _show(request, Sheet(text=request.session.get(REST, "")))
    if "add" in request.POST:
        return add(request)
    return _understood(request, check)


def _understood(request, view):
    """The view's answer to what the form holds; 400 where no page of ours sent it."""
    try:
        sheet = Sheet.posted(request.POST, choosing="update" not in request.POST)
    except Garbled:
        why = _("Expected the checked lines in the field kept, as the page put them there.")
        return render(request, "400.html", {"why": why}, status=400)
    return view(request, sheet)


def check(request, sheet: Sheet):
    if "update" in request.POST and wants_fragment(request) and sheet.is_as_sent(request.POST):
        # Only the sums: in the box somebody may be typing.
        return reswap(retarget(_show(request, sheet, fragment="rows"), "#quick-rows"), "outerMorph")
    if sku := request.POST.get("remove"):
        sheet.remove(sku)
    elif sku := request.POST.get("another"):
        sheet.ask_again(sku)
    try:
        if instead := INSTEAD.fullmatch(request.POST.get("instead", "")):
            sheet.take_instead(instead["sku"], int(instead["quantity"]), instead["raw"])
        sheet.check()
    except TooMuch as error:
        return _show(request, sheet, too_much=_told(error), status=422)
    request.session.pop(REST, None)
    return _show(request, sheet, checked=True)


@takes_command
def add(request, key):
    return _understood(request, lambda request, sheet: _add(request, sheet, key))


def _add(request, sheet: Sheet, key: str):
    try:
        # What was written since the last check has to be seen first.
        if sheet.check():
            unseen = _("Nothing was added yet: there were new lines in the box. They are here now.")
            return _show(request, sheet, checked=True, notice=unseen, status=422)
    except TooMuch as error:
        return _show(request, sheet, too_much=_told(error), status=422)
    if not sheet.rows:
        nothing = _("There is nothing to add yet. Paste lines, then check them.")
        return _show(request, sheet, checked=True, notice=nothing, status=422)
    if sheet.refusals:
        return _show(request, sheet, checked=True, status=422)
    form = CommandForm(request.POST)
    anew = request.POST["add"] == "new"
    outcome = form.send(
        lambda: add_to_current_order(Caller.of(request), sheet.items, key=key, anew=anew)
    )
    if outcome is None:
        lost = Desk(request.user).lost if form.status == 409 else None
        return _show(request, sheet, checked=True, refused=form, lost=lost, status=form.status)

    count = len(sheet.rows)
    tell(request, outcome, ngettext("Added {} product.", "Added {} products.", count).format(count))
    request.session.pop(REST, None)
    if sheet.rest:
        request.session[REST] = sheet.rest
        waiting = _("Some lines could not be added. They wait in the {} page.")
        link = format_html('<a href="{}">{}</a>', reverse("quick_order"), _("Quick order"))
        messages.warning(request, format_html(waiting, link))
    return SeeOther(reverse("order", args=[outcome.stream_id]))


def _told(error: TooMuch) -> str:
    if error.unit == "lines":
        return _(
            "At most {limit} lines can be checked at once; these are {actual}. Check them in parts."
        ).format(limit=error.expected, actual=error.actual)
    return _(
        "At most {limit} KiB of text can be checked at once; this is {actual} KiB. "
        "Check it in parts."
    ).format(limit=error.expected // 1024, actual=-(-error.actual // 1024))


def _show(request, sheet: Sheet, *, fragment: str = "quick", status: int = 200, **shown):
    context = {
        "sheet": sheet,
        "most_lines": MOST_PASTED,
        "most_kib": MAX_BYTES // 1024,
        "here": reverse("quick_order"),
        **shown,
    }
    if wants_fragment(request) and request.method == "POST":
        return render_changed(request, f"ordering/quick_order.html#{fragment}", context, status)
    return render(request, "ordering/quick_order.html", context, status=status)

"""/orders/<id>/undo/: taking back one's own change."""

from django.contrib import messages
from django.utils.translation import gettext as _

from ordering.context import is_ours
from ordering.forms import CommandForm
from ordering.handling import Caller
from ordering.undo import restoring, undo
from ordering.views.answers import done, refuse
from ordering.views.commands import SeeOther, shows_version, takes_command, wants_fragment


@takes_command
@shows_version("version")
def order_undo(request, order_id, key, version):
    by = Caller.of(request)
    form = CommandForm(request.POST)
    outcome = form.send(lambda: undo(by, order_id, version, key=key))
    if outcome is None:
        if form.refused.code != "conflict":
            return refuse(request, order_id, form)
        restore, seen = restoring(by, order_id, version)
        return refuse(request, order_id, form, wanted=lambda: restore, seen=seen)
    messages.success(request, _("Undone."))
    back = request.POST.get("next")
    if back and not wants_fragment(request) and is_ours(request, back):
        return SeeOther(back)
    return done(request, order_id)

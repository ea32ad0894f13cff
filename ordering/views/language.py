"""/language/: choosing what to read."""

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from ordering import language
from ordering.context import is_ours
from ordering.views.commands import SeeOther, quoted


@login_not_required
@never_cache
@require_POST
def set_language(request):
    """With `language`, a code of settings.LANGUAGES, and `next`, the page to come back to."""
    sent, back = request.POST.get("language", ""), request.POST.get("next", "")
    codes = [code for code, _name in settings.LANGUAGES]
    if sent not in codes:
        why = _("Expected a language, one of %(codes)s; found %(found)s.") % {
            "codes": ", ".join(codes),
            "found": quoted(sent),
        }
        return render(request, "400.html", {"why": why}, status=400)
    language.choose(request, sent)
    return SeeOther(back if is_ours(request, back) else "/")


set_language.is_page = False

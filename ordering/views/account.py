"""/account/: an agent's API tokens and sessions."""

from django import forms
from django.contrib import messages
from django.contrib.auth import logout, update_session_auth_hash
from django.http import Http404
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from ordering import own_sessions
from ordering.api.models import LONGEST_NAME, MOST_TOKENS, ApiToken
from ordering.denials import note_request
from ordering.domain.refusal import Refused
from ordering.domain.values import check_text
from ordering.explaining import explain
from ordering.views.commands import SeeOther


class TokenForm(forms.Form):
    name = forms.CharField(
        label=gettext_lazy("What is it for?"),
        max_length=LONGEST_NAME,
        widget=forms.TextInput(
            attrs={"autocomplete": "off", "placeholder": gettext_lazy("Till at the counter")}
        ),
        error_messages={"required": gettext_lazy("Give it a name, so that you know it again.")},
    )

    def clean_name(self):
        try:
            return check_text("name", self.cleaned_data["name"], LONGEST_NAME)
        except Refused as refused:
            raise forms.ValidationError(explain(refused)) from None


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def account(request):
    """With POST: make a token. Its secret is in the answer, and never shown again."""
    form, secret, status = TokenForm(request.POST or None), "", 200
    tokens = request.user.api_tokens.in_use()
    if request.method == "POST":
        if form.is_valid() and tokens.count() >= MOST_TOKENS:
            too_many = _("You have %(count)d tokens; revoke one that nothing needs.")
            form.add_error(None, too_many % {"count": MOST_TOKENS})
        if form.is_valid():
            _token, secret = ApiToken.make(request.user, form.cleaned_data["name"])
            form = TokenForm()
        else:
            status = 422
    sessions, more = own_sessions.of(request)
    context = {
        "form": form,
        "secret": secret,
        "tokens": tokens.all(),
        "sessions": sessions,
        "more_sessions": more,
    }
    return render(request, "ordering/account.html", context, status=status)


@never_cache
@require_POST
def token_revocation(request, token_id):
    """A token that is another's, or none, is not found."""
    token = request.user.api_tokens.filter(pk=token_id).first()
    if token is None:
        raise Http404
    token.revoke()
    return SeeOther(reverse("account"))


@never_cache
@require_POST
def session_ending(request, session_id):
    """A session that is another's, or none, is not found."""
    if not own_sessions.end(request.user, session_id):
        raise Http404
    note_request("session-ended", request, request.user)
    if not request.session.exists(request.session.session_key):  # it was this one
        logout(request)
    return SeeOther(reverse("account"))


@never_cache
@require_POST
def sessions_ending(request):
    """All but this one."""
    own_sessions.end_all(request.user, but=request.session.session_key)
    update_session_auth_hash(request, request.user)
    note_request("session-ended", request, request.user)
    messages.success(request, _("In all other browsers you are logged out."))
    return SeeOther(reverse("account"))

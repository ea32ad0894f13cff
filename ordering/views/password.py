"""/account/password/: an agent's own password."""

from django import forms
from django.contrib import messages
from django.contrib.auth import authenticate, update_session_auth_hash
from django.contrib.auth.forms import PasswordChangeForm
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from ordering.views.commands import SeeOther


class RevokesTokens(forms.Form):
    """Of a new password: whoever knew the old one may have made a token that outlives it."""

    revoke_tokens = forms.BooleanField(
        label=gettext_lazy("Also revoke my API tokens"), required=False
    )

    def revoke(self) -> None:
        if self.cleaned_data["revoke_tokens"]:
            self.user.api_tokens.in_use().revoke()


class PasswordForm(RevokesTokens, PasswordChangeForm):
    """The old password is tried as a login is: a browser that was left open is no place to guess
    it, and too many tries have to wait."""

    def __init__(self, request: HttpRequest, data=None) -> None:
        self.request = request
        super().__init__(request.user, data)
        self.order_fields(["old_password", "new_password1", "new_password2", "revoke_tokens"])
        self.fields["old_password"].widget.attrs.pop("autofocus")

    def clean_old_password(self):
        old = self.cleaned_data["old_password"]
        if authenticate(self.request, username=self.user.username, password=old) is None:
            told = self.error_messages["password_incorrect"]
            raise ValidationError(told, code="password_incorrect")
        return old

    def save(self, commit=True):
        # Only that: what else is known of the agent here may be older than what is stored.
        self.user.set_password(self.cleaned_data["new_password1"])
        self.user.save(update_fields=["password"])
        self.revoke()
        return self.user


@sensitive_post_parameters()
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def password(request):
    """A new one ends the agent's sessions in all other browsers, within seconds their streams."""
    form, status = PasswordForm(request, request.POST or None), 200
    if request.method == "POST":
        if form.is_valid():
            update_session_auth_hash(request, form.save())
            told = _("Your password is changed. In other browsers you are logged out.")
            messages.success(request, told)
            return SeeOther(reverse("account"))
        status = 422
    return render(request, "ordering/password.html", {"form": form}, status=status)

"""/account/second-factor/: an agent's own second factor."""

from django import forms
from django.contrib import messages
from django.contrib.auth import BACKEND_SESSION_KEY, authenticate
from django.http import HttpRequest
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables
from django.views.decorators.http import require_http_methods

from ordering.denials import note_request
from ordering.second_factor import proving, setup, steps
from ordering.second_factor.models import RecoveryCode
from ordering.views.commands import SeeOther
from ordering.views.login import CodeField, check_code

ON, OFF, NEW_CODES = "second-factor-on", "second-factor-off", "recovery-codes-new"


class PasswordAgain(forms.Form):
    """The password is tried as a login is: a browser that was left open is no place to guess it."""

    password = forms.CharField(
        label=gettext_lazy("Password"),
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )

    def __init__(self, request: HttpRequest, *args, **kwargs) -> None:
        self.request = request
        super().__init__(*args, **kwargs)

    def clean_password(self):
        typed = self.cleaned_data["password"]
        if authenticate(self.request, username=self.request.user.username, password=typed) is None:
            raise forms.ValidationError(_("That is not your password."), code="wrong")
        return typed


class BothAgain(PasswordAgain):
    code = CodeField()

    def clean(self):
        # Not before the password: whoever does not know it uses up no code.
        if not self.errors:
            try:
                check_code(self.request, self.request.user, self.cleaned_data["code"])
            except forms.ValidationError as wrong:
                self.add_error("code", wrong)
        return self.cleaned_data


class Confirmation(forms.Form):
    code = CodeField()


@sensitive_variables()
@sensitive_post_parameters()
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def second_factor(request):
    """With POST, by `what`: begin, give up or confirm setting it up; or make new recovery codes or
    take it away, where there is one. New codes are in the answer, and never shown again."""
    has_one = proving.device_of(request.user) is not None
    if has_one and not steps.suffices(request.user, request.session):
        steps.remember(request, request.user, request.session[BACKEND_SESSION_KEY])
        return redirect("second_step")
    does = (ON_ONE if has_one else ON_NONE).get(request.POST.get("what"))
    if request.method == "POST" and does:
        return does(request)
    return _page(request)


def _begin(request):
    form = PasswordAgain(request, request.POST)
    if not form.is_valid():
        return _page(request, 422, password=form)
    setup.begin(request)
    return SeeOther(reverse("second_factor"))


def _give_up(request):
    setup.cancel(request)
    return SeeOther(reverse("second_factor"))


def _confirm(request):
    device, form = setup.begun(request), Confirmation(request.POST)
    if device is None:
        messages.error(request, _("That took too long. Begin again."))
        return SeeOther(reverse("second_factor"))
    if form.is_valid():
        if codes := setup.confirm(request, device, form.cleaned_data["code"]):
            note_request(ON, request, request.user)
            return _page(request, codes=codes)
        told = _("That code is not right. Type the one that your app shows for Tandem now.")
        form.add_error("code", told)
    return _page(request, 422, confirmation=form)


def _new_codes(request):
    form = BothAgain(request, request.POST)
    if not form.is_valid():
        return _page(request, 422, both=form)
    codes = RecoveryCode.make_new(request.user)
    note_request(NEW_CODES, request, request.user)
    return _page(request, codes=codes)


def _remove(request):
    form = BothAgain(request, request.POST)
    if not form.is_valid():
        return _page(request, 422, both=form)
    proving.remove_from(request.user)
    request.session.pop(steps.BOTH_STEPS, None)
    note_request(OFF, request, request.user, by=request.user.pk)
    messages.success(request, _("Your second factor is gone: a password is enough again."))
    return SeeOther(reverse("second_factor"))


ON_NONE = {"begin": _begin, "give-up": _give_up, "confirm": _confirm}
ON_ONE = {"new-codes": _new_codes, "remove": _remove}


def _page(request, status=200, **shown):
    device = proving.device_of(request.user)
    new = None if device else setup.begun(request)
    context = {
        "device": device,
        "left": request.user.recovery_codes.count() if device else 0,
        "new": new,
        "key": setup.readable_key(new) if new else "",
        "picture": setup.picture(new) if new else "",
        "password": PasswordAgain(request),
        "confirmation": Confirmation(),
        "both": BothAgain(request),
    }
    return render(request, "ordering/second_factor.html", context | shown, status=status)

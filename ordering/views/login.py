"""/login/ and /login/second-factor/"""

import math
from urllib.parse import urlencode, urlsplit

from django import forms
from django.contrib import messages
from django.contrib.auth import authenticate
from django.contrib.auth import login as auth_login
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.forms import AuthenticationForm
from django.contrib.auth.views import LoginView
from django.core.validators import MaxLengthValidator
from django.http import HttpResponseRedirect
from django.urls import Resolver404, resolve, reverse
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_protect
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from ordering.denials import note_request
from ordering.second_factor import proving, steps

METHODS = ["GET", "HEAD", "POST"]


class BoundedName:
    """Of a form for logging in. Django's tells the browser how long a name may be and takes any,
    which is longer than what failures are counted by."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        name = self.fields["username"]
        name.validators.append(MaxLengthValidator(name.max_length))


class LoginForm(BoundedName, AuthenticationForm):
    pass


class CodeField(forms.CharField):
    """A code of the app, or a recovery code."""

    def __init__(self):
        super().__init__(
            label=gettext_lazy("Code"),
            max_length=60,
            widget=forms.TextInput(
                attrs={
                    "autocomplete": "one-time-code",
                    "autocapitalize": "none",
                    "spellcheck": "false",
                    "placeholder": "123456",
                }
            ),
        )


def check_code(request, agent, typed: str) -> None:
    """Tries a code under the limits of logging in. Raises ValidationError for a wrong one."""
    if seconds := proving.wait_for(agent, typed):
        raise forms.ValidationError(_told_to_wait(seconds), code="wait")
    if authenticate(request, username=agent.username, second_token=typed) is None:
        told = _(
            "That code is not right, or it was used already. Type the one that your app shows now."
        )
        raise forms.ValidationError(told, code="wrong")
    if not proving.is_of_app(typed):
        note_request("recovery-code-used", request, agent)


def _told_to_wait(seconds: int) -> str:
    if seconds < 60:
        told = ngettext(
            "After a wrong code the next one has to wait: try again in %(seconds)d second.",
            "After a wrong code the next one has to wait: try again in %(seconds)d seconds.",
            seconds,
        )
        return told % {"seconds": seconds}
    minutes = math.ceil(seconds / 60)
    told = ngettext(
        "There were too many wrong codes. Wait %(minutes)d minute, or type a recovery code.",
        "There were too many wrong codes. Wait %(minutes)d minutes, or type a recovery code.",
        minutes,
    )
    return told % {"minutes": minutes}


class AsksForCode:
    """What a login does, once the password is right, for whoever has a second factor."""

    def form_valid(self, form):
        agent = form.get_user()
        if proving.device_of(agent) is None:
            return super().form_valid(form)
        steps.remember(self.request, agent, agent.backend)
        asked = urlencode({self.redirect_field_name: self.get_success_url()})
        return HttpResponseRedirect(f"{reverse('second_step')}?{asked}")


@method_decorator(require_http_methods(METHODS), name="dispatch")
class Login(AsksForCode, LoginView):
    authentication_form = LoginForm
    redirect_authenticated_user = True

    def get_redirect_url(self):
        """Back to where the agent was. Who was logged out while sending a form comes back to the
        page above it: the address of the form itself cannot be opened."""
        url = super().get_redirect_url()
        path = urlsplit(url).path
        try:
            while path != "/" and not getattr(resolve(path).func, "is_page", True):
                url = path = path.rstrip("/").rpartition("/")[0] + "/"
            back_to_login = resolve(path).url_name in ("login", "second_step")
        except Resolver404:
            return url
        return "" if back_to_login else url


class CodeForm(forms.Form):
    code = CodeField()

    def __init__(self, request, agent, *args, **kwargs):
        self.request, self.agent = request, agent
        super().__init__(*args, **kwargs)
        self.fields["code"].widget.attrs["autofocus"] = True

    def clean_code(self):
        check_code(self.request, self.agent, self.cleaned_data["code"])
        return self.cleaned_data["code"]


@method_decorator(
    [
        login_not_required,
        sensitive_post_parameters(),
        csrf_protect,
        never_cache,
        require_http_methods(METHODS),
    ],
    name="dispatch",
)
class SecondStep(Login):
    """Asks whoever has proved their password for a code, and only then logs them in."""

    authentication_form = CodeForm
    template_name = "registration/second_step.html"
    redirect_authenticated_user = False

    def dispatch(self, request, *args, **kwargs):
        remembered = steps.remembered(request)
        if remembered is None:
            asked = urlencode({self.redirect_field_name: self.get_success_url()})
            return HttpResponseRedirect(f"{reverse('login')}?{asked}")
        self.agent, self.backend = remembered
        return super().dispatch(request, *args, **kwargs)

    def get_form_kwargs(self):
        return super().get_form_kwargs() | {"agent": self.agent}

    def form_valid(self, form):
        auth_login(self.request, self.agent, backend=self.backend)
        steps.complete(self.request)
        if not proving.is_of_app(form.cleaned_data["code"]):
            left = self.agent.recovery_codes.count()
            told = ngettext(
                "You used a recovery code; %(count)d is left. Make new ones before they run out.",
                "You used a recovery code; %(count)d are left. Make new ones before they run out.",
                left,
            )
            messages.warning(self.request, told % {"count": left})
        return HttpResponseRedirect(self.get_success_url())

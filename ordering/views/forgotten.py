"""/login/forgotten/ and /login/new-password/"""

import math
import re

from django import forms
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.forms import SetPasswordForm
from django.db import transaction
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods
from limits import parse

from ordering import forgotten
from ordering.address import client_address, counted_as
from ordering.api.limits import wait_for
from ordering.denials import note_request
from ordering.models import ForgottenPassword
from ordering.views.commands import SeeOther
from ordering.views.password import RevokesTokens

METHODS = ["GET", "HEAD", "POST"]
OF_ADDRESS = parse("20/hour")  # an office has one address and many agents
LINK = "new_password_link"  # in the session: [agent's id, token]


class AddressForm(forms.Form):
    email = forms.EmailField(
        label=gettext_lazy("Your e-mail address"),
        max_length=254,
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
    )


class NewPasswordForm(RevokesTokens, SetPasswordForm):
    field_order = ("new_password1", "new_password2", "revoke_tokens")


@login_not_required
@never_cache
@require_http_methods(METHODS)
def forgotten_password(request):
    """The same answer, in the same time, whether or not an agent has the address."""
    form, status = AddressForm(request.POST or None), 200
    context = {"can_send": forgotten.can_send(), "lasts": settings.PASSWORD_RESET_TIMEOUT // 60}
    if request.method == "POST" and context["can_send"]:
        status = 422
        if form.is_valid():
            if wait := _wait(request):
                told = ngettext(
                    "Too many links were asked for from where you are. Wait %(minutes)d minute.",
                    "Too many links were asked for from where you are. Wait %(minutes)d minutes.",
                    wait,
                )
                form.add_error(None, told % {"minutes": wait})
                status = 429
            else:
                ForgottenPassword.objects.create(email=form.cleaned_data["email"])
                note_request("password-forgotten", request, None)
                context["asked"], status = True, 200
    context["form"] = form
    return render(request, "registration/forgotten.html", context, status=status)


def _wait(request) -> int:
    """Minutes, until this address may ask again; 0 when it may now."""
    who = f"forgotten {counted_as(client_address(request))}"
    return math.ceil(wait_for(OF_ADDRESS, who) / 60)


@sensitive_post_parameters()
@login_not_required
@never_cache
@require_http_methods(METHODS)
def new_password(request):
    """A link's token goes into the session at once, and out of the address: what is in an address
    is told to others, by browsers and in logs."""
    if "token" in request.GET:
        pk, token = request.GET.get("agent", ""), request.GET["token"]
        if re.fullmatch("[0-9]{1,18}", pk) and forgotten.agent_of(int(pk), token):
            # Whoever put a key into this browser shall not choose the password in its place.
            request.session.cycle_key()
            request.session[LINK] = [int(pk), token]
        return SeeOther(reverse("new_password"))
    pk, token = request.session.get(LINK) or (0, "")
    agent = forgotten.agent_of(pk, token)
    form, status = None, 200
    if agent is not None:
        form = NewPasswordForm(agent, request.POST or None)
        if request.method == "POST":
            if form.is_valid() and _change(request, pk, token, form):
                return SeeOther(reverse("login"))
            status = 422
    context = {"form": form, "agent": agent}
    return render(request, "registration/new_password.html", context, status=status)


def _change(request, pk, token, form) -> bool:
    """Whether the link was still good: two may come with it at once."""
    with transaction.atomic():
        agent = forgotten.agent_of(pk, token, lock=True)
        if agent is None:
            form.add_error(None, _("This link was used already. Ask for another one."))
            return False
        agent.set_password(form.cleaned_data["new_password1"])
        agent.save(update_fields=["password"])
        form.revoke()
    del request.session[LINK]
    note_request("password-reset", request, agent)
    told = _(
        "Your password is changed, and you are logged out everywhere. Log in with the new one."
    )
    messages.success(request, told)
    return True

"""An agent's second factor in the admin: whether there is one, and taking it away from who lost
their phone and codes. Never a key or a code."""

from django.contrib import admin, messages
from django.contrib.admin.options import ActionLocation
from django.template.response import TemplateResponse
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext
from django_otp.plugins.otp_totp import admin as of_devices

from ordering.denials import note_request
from ordering.second_factor import proving, setup

# It shows keys, and the QR codes of them.
admin.site.unregister(of_devices.TOTPDevice)


class SecondFactorAdmin(admin.ModelAdmin):
    """Of agents."""

    @admin.display(description=gettext_lazy("second factor"))
    def second_factor(self, agent):
        device = proving.device_of(agent)
        if device is None:
            return pgettext("second factor", "none")
        left = agent.recovery_codes.count()
        told = ngettext(
            "since %(moment)s, with %(count)d recovery code",
            "since %(moment)s, with %(count)d recovery codes",
            left,
        )
        moment = date_format(localtime(device.created_at), "SHORT_DATETIME_FORMAT")
        return told % {"moment": moment, "count": left}

    @admin.action(
        description=gettext_lazy("Take the second factor away"),
        permissions=["change"],
        location=[ActionLocation.CHANGE_FORM],
    )
    def remove_second_factor(self, request, queryset):
        """Asks first. An own one is taken away on the own account's page, with a code."""
        agent = queryset.get()
        if why_not := self._why_not_remove(request, agent):
            self.message_user(request, why_not, messages.ERROR)
            return None
        if request.POST.get("post") != "yes":
            context = {
                **self.admin_site.each_context(request),
                "title": _("Take the second factor away"),
                "opts": self.opts,
                "agent": agent,
            }
            page = "admin/ordering/agent/second_factor_removal.html"
            return TemplateResponse(request, page, context)
        setup.remove_what_is_lost(agent)
        note_request("second-factor-off", request, request.user, of_id=agent.pk)
        self.log_change(request, agent, "Took the second factor away.")
        told = _("%(agent)s logs in with a password alone now, until they set up another one.")
        self.message_user(request, told % {"agent": agent}, messages.SUCCESS)
        return None

    def _why_not_remove(self, request, agent) -> str:
        if not self.has_change_permission(request, agent):
            return _("%(name)s is not yours to change.") % {"name": agent}
        if agent.pk == request.user.pk:
            return _("Take your own away on your account’s page; it asks for a code.")
        if proving.device_of(agent) is None:
            return _("%(agent)s has no second factor.") % {"agent": agent}
        return ""

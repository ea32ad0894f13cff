"""An agent's API tokens in the admin: listed, and revoked; nothing else of them changes."""

from django import forms
from django.contrib import admin
from django.utils.translation import gettext_lazy

from ordering.api.models import ApiToken


class RevocationForm(forms.ModelForm):
    revoke = forms.BooleanField(label=gettext_lazy("Revoke"), required=False)

    class Meta:
        model = ApiToken
        fields = ()

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["revoke"].disabled = self.instance.revoked_at is not None

    def save(self, commit=True):
        if self.cleaned_data["revoke"]:
            self.instance.revoke()
        return self.instance


class TokenInline(admin.TabularInline):
    model = ApiToken
    form = RevocationForm
    fields = ("name", "ending", "created_at", "last_used_at", "revoked_at", "revoke")
    readonly_fields = fields[:-1]
    extra = 0
    can_delete = False

    def has_add_permission(self, request, obj=None):
        # Its agent makes it, or the console: whoever makes a token sees its secret.
        return False

    def has_view_permission(self, request, obj=None):
        return request.user.has_perm("ordering.view_agent")

    def has_change_permission(self, request, obj=None):
        return request.user.has_perm("ordering.change_agent")

"""Texts of Django's own that its German lacks, as of 6.1, and that our pages may show. Listed so
that they are collected: a project's catalogue goes before Django's."""

from django.utils.translation import gettext_noop as _
from django.utils.translation import ngettext_lazy

MISSING = (
    _("- Select an option -"),
    _("Run"),
    _("Logout"),
    _("Search %(name)s"),
    _("Pagination %(name)s"),
    _("Pagination %(name)s entries"),
    _("Filter by %(field_name)s"),
    _("After you’ve created a user, you’ll be able to edit more user options."),
    _("This action will <strong>enable</strong> password-based authentication for this user."),
    _("Disable password-based authentication"),
    _("Enable password-based authentication"),
    _("Password-based authentication"),
    _("Password-based authentication was disabled."),
    _(
        "Whether the user will be able to authenticate using a password or not. If disabled, they "
        "may still be able to authenticate using other backends, such as Single Sign-On or LDAP."
    ),
    _("Enabled"),
    _("Disabled"),
    _("Set password"),
    _("Set password: %s"),
    _("Reset password"),
    _("Raw passwords are not stored, so there is no way to see the user’s password."),
    _("Enable password-based authentication for this user by setting a password."),
    _("Conflicting form data submitted. Please try again."),
    _(
        "Deleting the %(object_name)s “%(escaped_object)s” would result in deleting related "
        "objects, but your account doesn't have permission to delete the following types of "
        "objects:"
    ),
    _(
        "Deleting the %(object_name)s “%(escaped_object)s” would require deleting the following "
        "protected related objects:"
    ),
    _(
        "Are you sure you want to delete the %(object_name)s “%(escaped_object)s”? All of the "
        "following related items will be deleted:"
    ),
    _("“%(value)s” is not a valid binary value."),
    _("%(model)s instance with %(field)s %(value)r is not a valid choice."),
    _("No %s matches the given query."),
)
MORE = ngettext_lazy("…and %(count)d more object.", "…and %(count)d more objects.", "count")

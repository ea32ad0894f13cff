"""The roles that a shop begins with; its admins may change them, and make others.

Support sees who did what and when, and why a command was refused, so that it can answer; it sees no
payloads, and changes nothing. An operator sees payloads too, keeps the projections going, and
manages customers and agents. Neither can make anybody staff, nor give a permission: that is for
superusers (see `ordering.people`).
"""

SUPPORT, OPERATOR = "Support", "Operator"

LOOKING = {
    "eventstore": ("stream", "event", "refusal", "checkpoint", "skip"),
    "ordering": ("orderhead", "customer", "agent", "dailyfigure"),
    "catalog": ("product", "category"),
}
OPERATING = [
    ("eventstore", "view_payload"),
    ("eventstore", "change_checkpoint"),
    ("ordering", "add_customer"),
    ("ordering", "change_customer"),
    ("ordering", "add_agent"),
    ("ordering", "change_agent"),
]
LOOKS = [(app, f"view_{model}") for app, models in LOOKING.items() for model in models]
ROLES = {SUPPORT: LOOKS, OPERATOR: LOOKS + OPERATING}


def make_roles(groups, permissions) -> None:
    """Make the roles, or add to those of their names what they lack. Takes the models Group and
    Permission; raises LookupError for a permission that is not there."""
    for name, wanted in ROLES.items():
        group, _ = groups.objects.get_or_create(name=name)
        for app, codename in wanted:
            found = permissions.objects.filter(content_type__app_label=app, codename=codename)
            if not found:
                raise LookupError(f"{name}: expected the permission {app}.{codename}, found none")
            group.permissions.add(*found)

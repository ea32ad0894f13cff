"""Who may come in: deactivating, so that nobody locks everybody out."""

from django.utils.translation import gettext as _

from ordering.models import Agent


def why_not_without(agent: Agent, by: Agent) -> str:
    """Why `by` must not take the agent's access away; "" where nothing is against it.

    To be asked inside the transaction that takes it: two admins who deactivate one another at the
    same moment wait here, and the second is told that the first was quicker.
    """
    if agent.pk == by.pk:
        return _("You cannot take your own access away; another admin can.")
    if agent.is_superuser:
        superusers = Agent.objects.filter(is_superuser=True, is_staff=True, is_active=True)
        left = set(superusers.select_for_update().order_by("pk").values_list("pk", flat=True))
        if left == {agent.pk}:
            told = _(
                "%(agent)s is the last active superuser: without one nobody could let anybody in. "
                "Make another agent a superuser first."
            )
            return told % {"agent": agent}
    return ""

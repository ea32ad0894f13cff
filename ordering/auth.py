"""Logging in."""

from django.contrib.auth.backends import ModelBackend

from ordering.models import Agent


class AgentBackend(ModelBackend):
    """Loads the agent and their customer in one query: every page asks for both."""

    def get_user(self, user_id):
        agent = Agent.objects.select_related("customer").filter(pk=user_id).first()
        return agent if agent and self.user_can_authenticate(agent) else None

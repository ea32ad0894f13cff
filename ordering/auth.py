"""Logging in."""

from datetime import timedelta

from django.conf import settings
from django.contrib.auth.backends import ModelBackend
from django.http import HttpRequest
from django.utils import timezone

from eventstore.statements import Statement, run
from ordering import own_sessions
from ordering.models import Agent, Customer
from ordering.rows import columns, made

AGENT = f"""
SELECT {columns(Agent, "agent")}, {columns(Customer, "customer")}
  FROM ordering_agent AS agent
  LEFT JOIN ordering_customer AS customer ON customer.id = agent.customer_id
 WHERE agent.id = %s
"""  # noqa: S608  (of constants)


class AgentBackend(ModelBackend):
    """Loads the agent and their customer in one query: every page asks for both."""

    def get_user(self, user_id):
        rows = run(Statement(AGENT, [user_id]))
        if not rows:
            return None
        agent, customer = made(rows[0], Agent, Customer)
        agent.customer = customer
        return agent if self.user_can_authenticate(agent) else None


def on_login(request: HttpRequest, user: Agent, **kwargs) -> None:
    """A moment at which the session ends. Django would put it off with each change of it."""
    request.session.set_expiry(timezone.now() + timedelta(seconds=settings.SESSION_COOKIE_AGE))
    own_sessions.begin(request, user)

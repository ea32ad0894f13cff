"""Logging in."""

from django.contrib.auth.backends import ModelBackend

from eventstore.statements import Statement, run
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

"""How tests make customers and agents."""

import factory
from factory.django import DjangoModelFactory, Password

from ordering.models import Agent, Customer


class CustomerFactory(DjangoModelFactory):
    class Meta:
        model = Customer

    name = factory.Sequence(lambda n: f"Customer {n}")
    code = factory.Sequence(lambda n: f"C{chr(65 + n // 26 % 26)}{chr(65 + n % 26)}")


class AgentFactory(DjangoModelFactory):
    class Meta:
        model = Agent

    username = factory.Sequence(lambda n: f"agent{n}")
    first_name = factory.LazyAttribute(lambda agent: agent.username.capitalize())
    customer = factory.SubFactory(CustomerFactory)
    password = Password("demo")

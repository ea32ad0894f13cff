"""How tests make customers and agents."""

from decimal import Decimal

import factory
from factory.django import DjangoModelFactory, Password

from catalog.models import Category, Product
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


class CategoryFactory(DjangoModelFactory):
    class Meta:
        model = Category
        django_get_or_create = ("slug",)

    slug = "pantry"
    name = "Pantry"
    icon = "soup"
    position = 1


class ProductFactory(DjangoModelFactory):
    class Meta:
        model = Product

    sku = factory.Sequence(lambda n: f"PRD-{n}")
    name = factory.LazyAttribute(lambda product: f"Product {product.sku}")
    category = factory.SubFactory(CategoryFactory)
    description = "What a kitchen needs."
    unit = "1 kg bag"
    price = Decimal("2.50")
    icon = "soup"

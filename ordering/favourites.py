"""The catalog's shelf of what an agent's team orders often."""

from django.db.models import F, QuerySet
from django.utils.translation import gettext_lazy as _

from catalog.models import Product
from catalog.shelves import Shelf
from ordering.models import Agent


def ordered_often(agent: Agent) -> QuerySet[Product]:
    """Active products of the completed orders of the agent's customer, most often first; `times`
    says in how many orders."""
    if agent.customer_id is None:
        return Product.objects.none()
    products = Product.objects.active().filter(favourites__customer=agent.customer_id)
    return products.annotate(times=F("favourites__orders")).order_by(
        "-favourites__orders", "-favourites__last_at", "sku"
    )


OFTEN = Shelf(
    slug="often",
    name=_("Your team orders often"),
    icon="repeat",
    empty=_(
        "Products of completed orders gather here, those that your team orders most often first."
    ),
    choose=ordered_often,
)

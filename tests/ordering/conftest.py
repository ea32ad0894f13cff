import uuid
from decimal import Decimal

import pytest

from ordering import handling
from ordering.handling import Caller
from tests.factories import ProductFactory


@pytest.fixture
def flour(db):
    return ProductFactory(
        sku="FLR-25", name="Plain wheat flour", unit="25 kg sack", price=Decimal("24.90")
    )


@pytest.fixture
def butter(db):
    return ProductFactory(sku="BUT-10", name="Butter", unit="10 kg box", price=Decimal("71.35"))


@pytest.fixture
def by():
    """The caller that an agent is, fresh from the database as in a request."""

    def caller(agent, source="web"):
        agent = type(agent).objects.select_related("customer").get(pk=agent.pk)
        return Caller(agent, source, "request-1")

    return caller


@pytest.fixture
def key():
    """A new key at each call, as each form has."""
    return lambda: str(uuid.uuid4())


@pytest.fixture
def order_id(alice, by, key, flour, butter):
    """Alice's open order of 2 x FLR-25 and 1 x BUT-10."""
    outcome = handling.open_order(
        by(alice), key=key(), reference="Friday", items=[("FLR-25", 2), ("BUT-10", 1)]
    )
    return outcome.stream_id

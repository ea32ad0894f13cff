"""An order as it was is what it was when that was its last version."""

import os
import random

import pytest

from ordering import handling
from ordering.api.representing import order_as_it_was, order_now
from ordering.domain.refusal import Refused

CHANGES = int(os.environ.get("CHANGES", "60"))


@pytest.mark.parametrize("ending", ["complete", "cancel", "stay open"])
def test_every_version_of_a_long_history(alice, bob, by, key, flour, butter, ending):
    chance = random.Random(ending)
    agents = [by(alice), by(bob)]
    order_id = handling.open_order(agents[0], key=key(), reference="Friday").stream_id
    first = handling.add_items(agents[0], order_id, [("FLR-25", 1)], key=key()).stream_id
    order_id = handling.copy_order(agents[1], first, key=key()).stream_id
    seen = {}

    def look():
        order = order_now(alice, order_id)
        seen[order["version"]] = order

    look()
    while len(seen) < CHANGES:
        who, sku = chance.choice(agents), chance.choice(["FLR-25", "BUT-10"])
        try:
            match chance.randrange(5):
                case 0 | 1:
                    handling.add_items(who, order_id, [(sku, chance.randint(1, 9))], key=key())
                case 2:
                    handling.change_quantity(
                        who, order_id, sku, chance.randint(1, 9_999), key=key()
                    )
                case 3:
                    handling.remove_item(who, order_id, sku, key=key())
                case _:
                    text = chance.choice(["", "Ünicode 🥐", "Friday"])
                    handling.change_details(
                        who, order_id, key=key(), **{chance.choice(["reference", "note"]): text}
                    )
        except Refused as refused:
            if refused.code not in ("no-such-line", "line-full"):
                raise
        look()
    handling.add_items(agents[0], order_id, [("FLR-25", 1)], key=key())
    look()
    if ending == "complete":
        handling.complete_order(agents[1], order_id, key=key())
    elif ending == "cancel":
        handling.cancel_order(agents[1], order_id, reason="Too late", key=key())
    look()

    assert sorted(seen) == list(range(min(seen), max(seen) + 1))
    for version, order in seen.items():
        assert order_as_it_was(order_id, version) == order

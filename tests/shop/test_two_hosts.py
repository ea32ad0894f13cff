"""Agents whose requests go to different web hosts work together as on one."""

import time

from tests.shop.house import logged_in, opens_an_order


def now() -> int:
    return int(time.time() * 1000)


def test_agents_of_two_hosts_see_one_another_and_what_the_other_does(hosts):
    alice, bob = logged_in(hosts[0], "alice"), logged_in(hosts[1], "bob")
    order = opens_an_order(alice)
    with (
        bob.listens(f"{order}live/?since={now()}") as bobs,
        alice.listens(f"{order}live/?since={now()}") as alices,
    ):
        assert next(alices)[0] == "open"
        present = (data for name, data in bobs if name == "presence" and data)
        assert [colleague["name"] for colleague in next(present)] == ["Alice"]
        _, _, page = alice.opens(order)
        status, _, _ = alice.sends_the_form_of(page, f"{order}details/", reference="From afar")
        assert status == 303
        versions = (data for name, data in bobs if name == "version")
        assert next(data["version"] for data in versions if data["order"] in order) == 2

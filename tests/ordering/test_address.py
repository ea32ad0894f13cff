"""Where a request comes from: what a proxy of ours says, and nobody else."""

import pytest

from ordering.address import address_of, counted_as


@pytest.mark.parametrize(
    ("proxies", "forwarded", "address"),
    [
        (0, "", "192.0.2.1"),
        (0, "198.51.100.7", "192.0.2.1"),
        (1, "198.51.100.7", "198.51.100.7"),
        (1, "203.0.113.9, 198.51.100.7", "198.51.100.7"),
        (2, "203.0.113.9, 198.51.100.7, 192.0.2.2", "198.51.100.7"),
        (2, "198.51.100.7", "192.0.2.1"),  # who wrote so few is none of our proxies
        (1, "", "192.0.2.1"),
        (1, "unknown", "192.0.2.1"),
        (1, "198.51.100.7,", "192.0.2.1"),
        (1, "2001:db8::7", "2001:db8::7"),
        (1, "::ffff:198.51.100.7", "198.51.100.7"),
    ],
)
def test_it_is_what_our_own_proxies_saw(proxies, forwarded, address, settings):
    settings.PROXIES = proxies
    assert address_of("192.0.2.1", forwarded) == address


@pytest.mark.parametrize("connected", ["", "unix:", "web\n1"])
def test_what_is_no_address_is_none(connected):
    assert address_of(connected, "") == ""


def test_who_has_one_address_of_ipv6_has_many():
    assert counted_as("2001:db8:1:2:a::1") == counted_as("2001:db8:1:2:b::2") == "2001:db8:1:2::"
    assert counted_as("2001:db8:1:3::1") != "2001:db8:1:2::"
    assert counted_as("192.0.2.1") == "192.0.2.1"
    assert counted_as("") is None

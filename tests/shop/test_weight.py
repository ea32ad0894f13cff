"""What a browser has to load for a page beside its HTML."""

import gzip
from pathlib import Path

import pytest
from django.conf import settings
from django.contrib.staticfiles import finders
from lxml import html

MOST = 60 * 1024  # bytes, compressed, of all styles and scripts together


@pytest.mark.parametrize("path", ["/", "/quick-order/", "/orders/"])
def test_styles_and_scripts_are_light(path, client, alice):
    client.force_login(alice)
    page = html.fromstring(client.get(path).text)
    addresses = page.xpath("//link[@rel='stylesheet']/@href | //script/@src")
    sizes = {address: _compressed(address) for address in addresses}
    assert any("shop.css" in address for address in sizes)
    assert any("htmx" in address for address in sizes)
    assert sum(sizes.values()) < MOST, sizes
    assert page.xpath("//script[not(@src)] | //style | //*[@style]") == []


def _compressed(address: str) -> int:
    assert address.startswith(f"/{settings.STATIC_URL.strip('/')}/"), f"{address} is not ours"
    file = finders.find(address.partition("?")[0].removeprefix("/static/"))
    return len(gzip.compress(Path(file).read_bytes()))

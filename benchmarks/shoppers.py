"""Agents of the demo's shop, their sessions and orders, made in this process; and pages read."""

import contextlib
import http.client
import itertools
import time
import uuid
from collections.abc import Sequence
from urllib.parse import urlsplit
from uuid import UUID


def caller(username: str):
    from ordering.handling import Caller
    from ordering.models import Agent

    return Caller(Agent.objects.get(username=username), "console")


def cookie(username: str) -> str:
    """The header's value of a new session."""
    from django.conf import settings
    from django.test import Client

    browser = Client()
    browser.force_login(caller(username).agent)
    name = settings.SESSION_COOKIE_NAME
    return f"{name}={browser.cookies[name].value}"


def open_orders(username: str, count: int, lines: int) -> list[UUID]:
    """New orders with one of each of the catalog's first products."""
    from catalog.models import Product
    from ordering import handling

    by, skus = caller(username), first_skus(Product, lines)
    items = [(sku, 1) for sku in skus]
    return [
        handling.open_order(by, key=f"{uuid.uuid4()}", items=items).stream_id for _ in range(count)
    ]


def first_skus(products, count: int) -> Sequence[str]:
    active = products.objects.filter(active=True).order_by("sku")
    return list(active.values_list("sku", flat=True)[:count])


class Reader:
    """Asks for pages one after another, on a connection that stays open as long as there is no
    pause."""

    def __init__(self, address: str, cookie: str) -> None:
        self._host = urlsplit(address).netloc
        self._headers = {"Cookie": cookie, "Accept-Encoding": "gzip"}

    def read_for(self, seconds: float, *paths: str) -> list[float]:
        """The pages in turns; how long each took, in seconds. Raises RuntimeError when an answer
        is not the page."""
        until = time.monotonic() + seconds
        with contextlib.closing(http.client.HTTPConnection(self._host, timeout=60)) as connection:
            connection.connect()
            took = []
            for path in itertools.cycle(paths):
                took.append(self._read(connection, path))
                if time.monotonic() > until:
                    break
        return took

    def _read(self, connection: http.client.HTTPConnection, path: str) -> float:
        began = time.perf_counter()
        connection.request("GET", path, headers=self._headers)
        answer = connection.getresponse()
        answer.read()
        took = time.perf_counter() - began
        if answer.status != 200:
            raise RuntimeError(f"{path}: expected status 200, found {answer.status}")
        return took

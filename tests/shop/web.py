"""A browser as far as a test of the running shop needs one."""

import contextlib
import html
import json
import re
import urllib.parse
import urllib.request
from collections.abc import Iterable, Iterator
from copy import copy
from http.cookiejar import CookieJar
from typing import Any


class Answers(urllib.request.HTTPErrorProcessor):
    """Neither follows redirects nor raises: what the shop answers is the answer."""

    def http_response(self, request, response):
        return response


class Browser:
    def __init__(self, port: int):
        self.home = f"http://127.0.0.1:{port}"
        self.cookies = CookieJar()
        keeping = urllib.request.HTTPCookieProcessor(self.cookies)
        self.opener = urllib.request.build_opener(Answers, keeping)

    def has_cookie(self, name: str, value: Any):
        own = next(cookie for cookie in self.cookies if cookie.name == "sessionid")
        cookie = copy(own)
        cookie.name, cookie.value = name, str(value)
        self.cookies.set_cookie(cookie)

    def opens(self, path: str, form: list[tuple[str, str]] | None = None, **headers: str):
        """The status, headers and text that a page or a form is answered with."""
        data = urllib.parse.urlencode(form).encode() if form is not None else None
        request = urllib.request.Request(self.home + path, data, headers)  # noqa: S310
        with self.opener.open(request, timeout=60) as response:
            return response.status, response.headers, response.read().decode()

    def sends(self, path: str, body: Any, **headers: str):
        """The same for a program's call that sends JSON."""
        headers |= {"Content-Type": "application/json"}
        request = urllib.request.Request(self.home + path, json.dumps(body).encode(), headers)  # noqa: S310
        with self.opener.open(request, timeout=60) as response:
            return response.status, response.headers, response.read().decode()

    @contextlib.contextmanager
    def listens(self, path: str):
        """The server-sent events of a stream, as they come: (name, data)."""
        with self.opener.open(self.home + path, timeout=60) as response:
            yield events_of(response)

    def sends_the_form_of(self, page: str, path: str, **fields: str):
        """Fill in the form at `path` that a page has, and send it."""
        (form,) = re.findall(rf'<form[^>]*action="{path}".*?</form>', page, re.S)
        return self.opens(path, [*hidden(form), *fields.items()])

    def logs_in(self, username: str):
        _, _, page = self.opens("/login/")
        token = next(value for name, value in hidden(page) if name == "csrfmiddlewaretoken")
        form = {"csrfmiddlewaretoken": token, "username": username, "password": "demo"}
        status, _, text = self.opens("/login/", list(form.items()))
        assert status == 302, text


def events_of(lines: Iterable[bytes]) -> Iterator[tuple[str, Any]]:
    name = ""
    for line in lines:
        field, _, value = line.decode().rstrip("\n").partition(": ")
        if field == "event":
            name = value
        elif field == "data":
            yield name, json.loads(value)


def hidden(page: str) -> list[tuple[str, str]]:
    return [
        (html.unescape(name), html.unescape(value))
        for name, value in re.findall(r'<input type="hidden" name="([^"]*)" value="([^"]*)"', page)
    ]

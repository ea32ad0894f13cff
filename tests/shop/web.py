"""A browser as far as a test of the running shop needs one."""

import html
import re
import urllib.parse
import urllib.request
from http.cookiejar import CookieJar


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

    def opens(self, path: str, form: list[tuple[str, str]] | None = None, **headers: str):
        """The status, headers and text that a page or a form is answered with."""
        data = urllib.parse.urlencode(form).encode() if form is not None else None
        request = urllib.request.Request(self.home + path, data, headers)  # noqa: S310
        with self.opener.open(request, timeout=60) as response:
            return response.status, response.headers, response.read().decode()

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


def hidden(page: str) -> list[tuple[str, str]]:
    return [
        (html.unescape(name), html.unescape(value))
        for name, value in re.findall(r'<input type="hidden" name="([^"]*)" value="([^"]*)"', page)
    ]

"""The browser of one simulated agent: it reads the shop's HTML and sends its forms as htmx does."""

import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cached_property
from urllib.parse import urljoin

import lxml.html
import requests

TIMEOUT = 30  # seconds, to connect and between two parts of an answer
TRIES = 1 + 5
PAUSE = 0.2  # seconds before the second try; twice as long before each further one
QUESTION = "//section[.//*[@id='question']]"
PAGES = {200, 409, 422}  # the statuses that a page is shown with; all others are errors


class Failed(Exception):
    """What an agent is shown as an error, or no answer at all: expected and found, in a line."""


@dataclass(frozen=True, slots=True)
class Form:
    """A form as the shop sent it, with the first of its buttons pressed, as Enter does.

    `page` is the address that the agent is at. `htmx`: the answer replaces a part of the page.
    """

    url: str
    page: str
    fields: tuple[tuple[str, str], ...]
    htmx: bool

    def value(self, name: str) -> str | None:
        """What the shop reads: the last field of that name."""
        return dict(self.fields).get(name)

    def filled(self, **typed: str) -> "Form":
        """With other values. Raises Failed for a field that the shop did not send."""
        for name in typed:
            if self.value(name) is None:
                found = ", ".join(name for name, _ in self.fields)
                raise Failed(f"{self.url}: expected a form with the field {name}, found {found}")
        return replace(
            self, fields=tuple((name, typed.get(name, had)) for name, had in self.fields)
        )


class Page:
    """A page, or the fragment of it that htmx was sent. `url` is where the agent is with it."""

    def __init__(self, url: str, status: int, html: str) -> None:
        self.url = url
        self.status = status
        self.tree = lxml.html.document_fromstring(html if html.strip() else "<html></html>")
        for textarea in self.tree.iter("textarea"):
            # HTML drops the first line end in it, lxml does not.
            textarea.text = (textarea.text or "").removeprefix("\n")

    def has(self, element_id: str) -> bool:
        return bool(self.tree.xpath("//*[@id=$id]", id=element_id))

    @cached_property
    def forms(self) -> list[Form]:
        return [self._form(element) for element in self.tree.iter("form")]

    @cached_property
    def ways(self) -> list[str | Form]:
        """What a question offers: addresses to go to, and forms. [] where nothing is asked."""
        links = self.tree.xpath(f"{QUESTION}//a/@href")
        forms = self.tree.xpath(f"{QUESTION}//form")
        return [urljoin(self.url, link) for link in links] + [self._form(form) for form in forms]

    def _form(self, element: lxml.html.FormElement) -> Form:
        htmx = element.get("hx-post")
        # Hidden fields, text and text areas: the shop has no others. lxml's form_values() leaves
        # out the empty ones.
        fields = [(each.name, each.value or "") for each in element.inputs if each.name]
        buttons = element.xpath(".//button[not(@type) or @type='submit'][not(@disabled)]")
        if buttons and buttons[0].get("name"):
            fields.append((buttons[0].get("name"), buttons[0].get("value", "")))
        url = urljoin(self.url, htmx or element.action or "")
        return Form(url, self.url, tuple(fields), htmx=htmx is not None)


class Browser:
    """Cookies, tries and a stopwatch. `pause` waits that many seconds before the next try.

    `waits` holds the seconds from each click to its answer, further tries and redirects included;
    `requests` counts all that was sent, `retried` the clicks that only a further try answered.
    """

    def __init__(self, home: str, pause: Callable[[float], None] = time.sleep) -> None:
        self.home = home
        self.pause = pause
        self.session = requests.Session()
        self.session.trust_env = False  # the shop itself is meant, not what a proxy makes of it
        self.waits: list[float] = []
        self.requests = 0
        self.retried = 0

    def opens(self, path: str) -> Page:
        """Raises Failed."""
        response = self._ask("GET", urljoin(self.home, path))
        return Page(response.url, response.status_code, response.text)

    def sends(self, form: Form) -> Page:
        """Send a form; after a lost connection or a 503 again, with the same command id.

        Raises Failed.
        """
        headers = {"Referer": form.page}
        if form.htmx:
            headers |= {
                "HX-Request": "true",
                "HX-Request-Type": "partial",
                "HX-Current-URL": form.page,
            }
        response = self._ask("POST", form.url, data=form.fields, headers=headers)
        stays = form.htmx and not response.history
        return Page(form.page if stays else response.url, response.status_code, response.text)

    def _ask(self, method: str, url: str, **options) -> requests.Response:
        began = time.monotonic()
        for attempt in range(1, TRIES + 1):
            self.requests += 1
            try:
                response = self.session.request(method, url, timeout=TIMEOUT, **options)
            except requests.RequestException as error:
                found = f"no answer ({_root(error)})"
            else:
                self.requests += len(response.history)
                if response.status_code != 503:
                    break
                found = "503"
            if attempt == TRIES:
                raise Failed(f"{method} {url}: expected an answer in {TRIES} tries, found {found}")
            self.pause(PAUSE * 2 ** (attempt - 1))
        self.waits.append(time.monotonic() - began)
        if response.status_code not in PAGES:
            expected = ", ".join(map(str, sorted(PAGES)))
            raise Failed(f"{method} {url}: expected {expected}, found {response.status_code}")
        self.retried += attempt > 1
        return response


def _root(error: BaseException) -> BaseException:
    """What it comes of: the outer ones only repeat the address."""
    while deeper := error.__cause__ or error.__context__:
        error = deeper
    return error

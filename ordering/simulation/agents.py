"""What simulated agents do: a thread each, all on the same few orders, often colliding."""

import random
import threading
import time
from dataclasses import replace
from datetime import UTC, datetime
from functools import lru_cache
from urllib.parse import urlsplit
from uuid import UUID

from django.urls import Resolver404, ResolverMatch, resolve

from ordering.models import Agent
from ordering.simulation.browser import Browser, Failed, Form, Page
from ordering.simulation.verdict import Answer, Intent

PAUSE = 0.05, 0.3  # seconds between two clicks
LINES = 4  # that a new order starts with
ACTIONS = {  # kind of form: how often, of all clicks
    "look": 18,
    "add": 28,
    "quantity": 28,
    "remove": 7,
    "details": 12,
    "complete": 5,
    "cancel": 2,
}
KINDS = {  # the address that a form goes to: the kind of its intent
    "orders": "open",
    "order_items": "add",
    "order_item": "quantity",
    "order_item_removal": "remove",
    "order_details": "details",
    "order_completion": "complete",
    "order_cancellation": "cancel",
    "current_order_items": "anew",
}
ALERT = "//*[@role='alert' or contains(@class, 'refusal')]"


class Board:
    """What the agents share. `orders` are the open ones that they work on; the rest is what came
    of it: each intent, and each error that an agent was shown."""

    def __init__(self) -> None:
        self.orders: list[UUID] = []
        self.intents: list[Intent] = []
        self.errors: list[str] = []
        self._lock = threading.Lock()
        self._being_replaced: set[UUID] = set()

    def claim(self, order_id: UUID) -> bool:
        """Whether it is the caller who opens an order in the place of this closed one."""
        with self._lock:
            free = order_id in self.orders and order_id not in self._being_replaced
            self._being_replaced.add(order_id)
            return free

    def unclaim(self, order_id: UUID) -> None:
        with self._lock:
            self._being_replaced.discard(order_id)

    def replace(self, order_id: UUID, by: UUID) -> None:
        with self._lock:
            self.orders = [by if each == order_id else each for each in self.orders]


class SimulatedAgent:
    """`pages` holds the order pages that this agent has open, as they were last seen: what
    colleagues have done since is not on them."""

    def __init__(
        self,
        agent: Agent,
        browser: Browser,
        board: Board,
        skus: list[str],
        dice: random.Random,
    ) -> None:
        self.pk = agent.pk
        self.username = agent.username
        self.browser = browser
        self.board = board
        self.skus = skus
        self.dice = dice
        self.pages: dict[UUID, Page] = {}

    def log_in(self, password: str) -> bool:
        """Whether the shop knows the agent by this password. Raises Failed."""
        form = login_form(self.browser)
        page = self.browser.sends(form.filled(username=self.username, password=password))
        return urlsplit(page.url).path != "/login/"

    def open_order(self) -> UUID:
        """A new order with LINES lines. Raises Failed."""
        page = self.browser.opens("/orders/")
        opening = [form for form in _forms(page, "open") if form.value("reference") is not None]
        page = self.send(_only(opening, page, "open an order").filled(reference=self.text("Round")))
        for sku in self.dice.sample(self.skus, min(LINES, len(self.skus))):
            form = _only(_forms(page, "add"), page, "add by SKU")
            page = self.send(form.filled(sku=sku, quantity=str(self.dice.randint(1, 5))))
        return _order_at(page.url)

    def work(self, over: threading.Event) -> None:
        while not over.wait(self.dice.uniform(*PAUSE)):
            try:
                self.turn()
            except Failed as failed:
                self.board.errors.append(f"{self.username}: {failed}")

    def turn(self) -> None:
        """One click, on any of the orders. Raises Failed."""
        for page in self.pages.values():
            if page.ways:
                return self.answer(page)
        order_id = self.dice.choice(self.board.orders)
        [action] = self.dice.choices(list(ACTIONS), list(ACTIONS.values()))
        forms = _forms(self.pages[order_id], action) if order_id in self.pages else []
        if not forms:
            return self.look(f"/orders/{order_id}/")
        page = self.send(self.fill(self.dice.choice(forms), action))
        # A colleague has closed the order, and the item may go into a new one.
        anew = _forms(page, "anew") if page.status == 409 else []
        if anew and self.dice.random() < 0.5:
            self.send(anew[0])
        return self.keep(order_id, page)

    def answer(self, page: Page) -> None:
        """Keep theirs, which is a link, or do one of what the question offers."""
        way = self.dice.choice(page.ways)
        if isinstance(way, Form):
            return self.keep(_order_at(page.url), self.send(way))
        return self.look(way)

    def look(self, path: str) -> None:
        page = self.browser.opens(path)
        if page.status != 200 or not page.has("cart"):
            raise Failed(f"{page.url}: expected an order, found a page with status {page.status}")
        self.keep(_order_at(page.url), page)

    def keep(self, order_id: UUID, page: Page) -> None:
        """Have the page open from now on. In the place of a closed order another is opened."""
        if page.ways or _forms(page, "add"):
            self.pages[order_id] = page
            return
        self.pages.pop(order_id, None)
        if self.board.claim(order_id):
            try:
                self.board.replace(order_id, self.open_order())
            except Failed:
                self.board.unclaim(order_id)
                raise

    def fill(self, form: Form, kind: str) -> Form:
        match kind:
            case "add":
                quantity = self.dice.randint(1, 5)
                return form.filled(sku=self.dice.choice(self.skus), quantity=str(quantity))
            case "quantity":
                step = self.dice.choice([-2, -1, 1, 2, 3])
                return form.filled(quantity=str(max(1, int(form.value("quantity")) + step)))
            case "details":
                names = self.dice.choice([("reference",), ("note",), ("reference", "note")])
                return form.filled(**{name: self.text(name.capitalize()) for name in names})
            case "cancel":
                return form.filled(reason=self.text("Reason"))
        return form

    def text(self, word: str) -> str:
        return f"{word} {self.dice.randrange(10_000)} of {self.username}"

    def send(self, form: Form) -> Page:
        """Send one intent, and put down how it was answered. Raises Failed."""
        intent = replace(read_intent(self.pk, form), at=datetime.now(UTC))
        self.pages.pop(intent.order, None)  # the answer replaces it, if there is one
        began = time.monotonic()
        try:
            page = self.browser.sends(form)
            answer = answer_of(page)
            order_id = intent.order or _order_at(page.url)
            intent = replace(intent, answer=answer, order=order_id)
        finally:
            self.board.intents.append(replace(intent, took=time.monotonic() - began))
        return page


def login_form(browser: Browser) -> Form:
    """Raises Failed where no shop is."""
    page = browser.opens("/login/")
    forms = [form for form in page.forms if form.value("password") is not None]
    return _only(forms, page, "log in")


def read_intent(agent: int, form: Form) -> Intent:
    """What is meant by sending the form. Raises Failed for a form that means nothing we know."""
    kind, key, seen = _kind(form), form.value("command_id"), form.value("seen")
    if kind is None or key is None:
        raise Failed(f"{form.url}: expected a form with a command, found {form.fields}")
    target = _target(form.url).kwargs
    return Intent(
        agent=agent,
        key=UUID(key),
        kind=kind,
        order=target.get("order_id"),
        sku=target.get("sku") or form.value("sku") or "",
        quantity=int(form.value("quantity") or 0),
        reference=_read(form.value("reference")),
        note=_read(form.value("note")),
        reason=_read(form.value("reason")),
        seen=None if seen is None else int(seen),
        answer=Answer.UNKNOWN,
    )


def _read(text: str | None) -> str:
    return (text or "").replace("\r\n", "\n").strip()


def answer_of(page: Page) -> Answer:
    """Raises Failed for a page that is none of the answers."""
    if page.status == 200 and page.has("cart"):
        return Answer.ACCEPTED
    if page.status == 409 and page.ways:
        return Answer.ASKED
    if page.status in (409, 422) and page.tree.xpath(ALERT):
        return Answer.REFUSED
    raise Failed(
        f"{page.url}: expected an order, a question or a refusal, "
        f"found another page with status {page.status}"
    )


def _forms(page: Page, kind: str) -> list[Form]:
    return [form for form in page.forms if _kind(form) == kind]


def _only(forms: list[Form], page: Page, purpose: str) -> Form:
    if len(forms) != 1:
        raise Failed(f"{page.url}: expected one form to {purpose}, found {len(forms)}")
    return forms[0]


def _kind(form: Form) -> str | None:
    target = _target(form.url)
    return KINDS.get(target.url_name) if target else None


def _order_at(url: str) -> UUID | None:
    target = _target(url)
    return target.kwargs.get("order_id") if target else None


@lru_cache
def _target(url: str) -> ResolverMatch | None:
    try:
        return resolve(urlsplit(url).path)
    except Resolver404:
        return None

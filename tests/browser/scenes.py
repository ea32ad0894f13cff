"""Every page of the shop in each of its states: empty, usual, overfull, failing. To be looked at
(`make screenshots`), and judged by axe and by whether it fits (test_every_page)."""

import itertools
import uuid
from base64 import b32decode
from collections.abc import Callable
from dataclasses import dataclass
from io import StringIO

from django.core.management import call_command
from django.test import Client
from django_otp.plugins.otp_totp.models import TOTPDevice
from playwright.sync_api import Page

from catalog.indexing import refresh
from catalog.models import Category, Product
from ordering import forgotten, handling
from ordering.handling import Caller
from ordering.models import Agent
from ordering.second_factor.models import RecoveryCode
from tests.browser.awkward import make_awkward_shop
from tests.factories import AgentFactory
from tests.second_factors import code_of, give_app

LONG_NAMES = 30  # products, so that there are more than 300
LONG_NAME = "Confiserie-Vollmilchkuvertüre, extra fein gewalzt, aus biologischem Anbau, 46 %"
PASTED = """Hi Bob,
FLR-25 4
4 x COF-1
2x oat milk
butter; 3
MLK-12 0
XYZ-1 2
Thanks!"""
NEW = (("new_password1", "12345678"), ("new_password2", "12345678"))
OFTEN = ("FLR-25", "COF-1", "OTM-6", "BUT-10", "MLK-12", "EGG-180")


@dataclass(frozen=True)
class Scene:
    """The page at `path`, opened by `agent` (None: by nobody), brought into the state by `act`.
    `status` is what opening it answers."""

    name: str
    path: str
    act: Callable[[Page], None] = lambda page: None
    agent: str | None = "alice"
    status: int = 200


def make_scenes(lines: int) -> list[Scene]:
    """Makes what they show, in a shop of Alice, Bob, Charlie and the catalog. Where addresses are
    those of `tests.shop.failing_urls`. What is overfull has so many `lines`."""
    by = {a.username: Caller(a, "web") for a in Agent.objects.select_related("customer")}
    alice, bob = by["alice"], by["bob"]
    category = Category.objects.first()
    Product.objects.bulk_create(
        Product(
            sku=f"LNG-{n}", name=LONG_NAME, unit="case of 12 x 1 kg", price="1234.50",
            category=category, icon="cookie", active=True,
        )
        for n in range(LONG_NAMES)
    )  # fmt: skip
    awkward = make_awkward_shop(lines)
    for said in ("Macintosh Safari/605.1", "iPhone Safari/604.1"):  # where else she is logged in
        phone = Client(headers={"User-Agent": said})
        phone.post("/login/", {"username": "alice", "password": "demo"})
    dora = AgentFactory(username="dora", customer=alice.agent.customer)
    give_app(dora)
    RecoveryCode.make_new(dora)
    Agent.objects.filter(pk=awkward.agent).update(current_order_id=awkward.order)
    overfull = Agent.objects.get(pk=awkward.agent).username

    def opened(reference, *items) -> uuid.UUID:
        lines = [(sku, 3) for sku in items]
        outcome = handling.open_order(alice, key=_key(), reference=reference, items=lines)
        return outcome.stream_id

    completed = opened("Friday", *OFTEN)
    handling.complete_order(bob, completed, key=_key())
    cancelled = opened("Twice by mistake", *OFTEN[:2])
    handling.cancel_order(bob, cancelled, key=_key(), reason="The Friday order has all of it")
    empty = opened("Ideas for the summer menu")
    asked = opened("Two at once", *OFTEN)
    usual = opened("Saturday breakfast", *OFTEN)
    handling.change_quantity(bob, usual, "COF-1", 6, key=_key())
    handling.change_details(bob, usual, key=_key(), note="Back gate, ring twice.")
    Product.objects.filter(sku="AGR-5").update(active=False)
    refresh()
    call_command("run_projections", "--once", stdout=StringIO())
    Agent.objects.filter(username="alice").update(current_order_id=usual)
    others = itertools.count(20)

    def meets_another(page):
        field = page.locator("#quantity-FLR-25")
        field.fill("5")
        handling.change_quantity(bob, asked, "FLR-25", next(others), key=_key())
        field.press("Enter")
        page.locator("#asked section").wait_for()

    order = lambda order_id: f"/orders/{order_id}/"  # noqa: E731
    return [
        Scene("login", "/login/", agent=None),
        Scene("login-refused", "/login/", _types(("username", "alice"), ("password", "x")), None),
        Scene("login-locked-out", "/locked_out/", agent=None, status=429),
        Scene("forgotten", "/login/forgotten/", agent=None),
        Scene("forgotten-asked", "/login/forgotten/", _types(("email", "dora@example.org")), None),
        Scene("new-password", forgotten.path_of(dora), agent=None),
        Scene("new-password-none", "/login/new-password/", agent=None),
        Scene("second-step", "/login/", _proves_password, None),
        Scene("catalog", "/"),
        Scene("catalog-of-a-newcomer", "/", agent="charlie"),
        Scene("catalog-category", "/?category=dairy-eggs"),
        Scene("catalog-often", "/?shelf=often"),
        Scene("catalog-search", "/?q=cofee"),
        Scene("catalog-nothing", "/?q=xylophone"),
        Scene("catalog-overfull", "/?q=confiserie", agent=overfull),
        Scene("catalog-refused", "/?q=butter", _types(("quantity", "many"))),
        Scene("product", "/products/FLR-25/"),
        Scene("product-overfull", "/products/LNG-1/"),
        Scene("product-gone", "/products/AGR-5/"),
        Scene("menu", "/", lambda page: page.locator("#current-order > summary").click()),
        Scene("orders", "/orders/"),
        Scene("orders-completed", "/orders/?status=completed"),
        Scene("orders-empty", "/orders/", agent="charlie"),
        Scene("orders-overfull", "/orders/?status=all", agent=overfull),
        Scene("order", order(usual)),
        Scene("order-empty", order(empty)),
        Scene("order-overfull", order(awkward.order), agent=overfull),
        Scene("order-asked", order(asked), meets_another),
        Scene("order-refused", order(usual), _types(("quantity-FLR-25", "many"))),
        Scene("order-unknown-sku", order(usual), _types(("sku", "FLR-26"))),
        Scene("order-completed", order(completed)),
        Scene("order-cancelled", order(cancelled)),
        Scene("history", f"{order(usual)}history/"),
        Scene("history-of-a-version", f"{order(usual)}history/?at=2"),
        Scene("history-overfull", f"{order(awkward.order)}history/?at=3", agent=overfull),
        Scene("quick-order", "/quick-order/"),
        Scene("quick-order-checked", "/quick-order/", _pastes(PASTED)),
        Scene("quick-order-wrong", "/quick-order/", _pastes("no order, 12\nXYZ-1 4\nFLR-25 0")),
        Scene(
            "quick-order-overfull",
            "/quick-order/",
            _pastes("\n".join(f"LNG-{n % LONG_NAMES} 2" for n in range(lines))),
            overfull,
        ),
        Scene("account", "/account/"),
        Scene("account-token", "/account/", _types(("name", "Till at the counter"))),
        Scene("password", "/account/password/"),
        Scene("password-refused", "/account/password/", _types(("old_password", "x"), *NEW)),
        Scene("second-factor", "/account/second-factor/"),
        Scene("second-factor-refused", "/account/second-factor/", _types(("password", "x"))),
        Scene("second-factor-key", "/account/second-factor/", _begins),
        Scene("second-factor-codes", "/account/second-factor/", _sets_up, "bob"),
        Scene("second-factor-on", "/account/second-factor/", agent="dora"),
        Scene("not-found", "/orders/none/", status=404),
        Scene("fault", "/bug/", status=500),
        Scene("database-away", "/refused/", status=503),
        Scene("busy", "/lock_timeout/", status=503),
    ]


def _types(*fields: tuple[str, str]) -> Callable[[Page], None]:
    """Into the fields of those names or ids, and then Enter."""

    def act(page):
        for name, text in fields:
            field = page.locator(f"main :is([name={name}], #{name}):visible").first
            field.fill(text)
        field.press("Enter")
        page.locator(".refusal, .refusals, .notice, .notice-bad, .secret").first.wait_for()

    return act


def _proves_password(page):
    for name, text in (("username", "dora"), ("password", "demo")):
        page.locator(f"[name={name}]").fill(text)
    page.locator("[name=password]").press("Enter")
    page.locator("[name=code]").wait_for()


def _begins(page):
    page.locator("[name=password]").fill("demo")
    page.locator("[name=password]").press("Enter")
    page.locator(".key").wait_for()


def _sets_up(page):
    _begins(page)
    key = page.locator(".key").inner_text().replace(" ", "")
    page.locator("[name=code]").fill(code_of(TOTPDevice(key=b32decode(key).hex())))
    page.locator("[name=code]").press("Enter")
    page.locator(".codes").wait_for()


def _pastes(text: str) -> Callable[[Page], None]:
    def act(page):
        page.locator("main textarea").first.fill(text)
        page.locator("main form [type=submit]:visible").first.click()
        page.locator("#quick-found, main h2").first.wait_for()

    return act


def _key() -> str:
    return uuid.uuid4().hex

"""The shop's pages in a language that marks what is translated: what escaped stands out.

Names, notes and numbers are data, and stand as they are. This finds what the templates' own test
cannot: texts that come from Python.
"""

import uuid
from pathlib import Path

import django
import pytest
from django.test import Client
from django.urls import reverse

from ordering import handling
from ordering.models import Customer
from shop.messages import ROOT
from tests.factories import CategoryFactory, ProductFactory
from tests.translating import pseudo_catalogue, strays_of_page

PSEUDO = "en-xa"
OURS = [ROOT / name for name in ("shop", "catalog", "ordering", "templates")]
# Forms, logging in and dates: a page has texts of Django's too.
DJANGOS = [Path(django.__path__[0]) / name for name in ("forms", "contrib/auth", "utils")]
DATA = [
    *("Plain wheat flour", "Butter", "Oat drink", "25 kg sack", "10 kg box", "1 l carton"),
    *("FLR-25", "BUT-10", "OAT-01", "HC", "NB", "Harbour Café", "Northgate Bakery", "Pantry"),
    *("What a kitchen needs.", "Alice", "Bob", "Admin", "alice", "A", "B", "Tandem", "English"),
    *("Friday", "Saturday", "Sunday", "By the back door", "Closed for a day", "Till", "AB"),
]


@pytest.fixture(scope="module")
def marked(tmp_path_factory):
    folder = tmp_path_factory.mktemp("locale")
    pseudo_catalogue(folder, *OURS, *DJANGOS)
    return folder


@pytest.fixture(autouse=True)
def _pseudo(marked, settings):
    settings.LANGUAGES = [(PSEUDO, PSEUDO)]
    settings.LANGUAGE_CODE = PSEUDO
    settings.LOCALE_PATHS = [marked]


@pytest.fixture
def oats(db):
    return ProductFactory(sku="OAT-01", name="Oat drink", unit="1 l carton")


@pytest.fixture
def page(browser, alice):
    return browser(alice)


@pytest.fixture
def visit(page):
    """GET an address: its text, which has nothing that escaped."""

    def visit(url, *data, answer=200, by=page, **query):
        return check(by.get(url, query or None), *data, answer=answer)

    return visit


def check(response, *data, answer=200):
    assert response.status_code == answer
    assert strays_of_page(response.content.decode(), *DATA, *data) == []
    return response


@pytest.fixture
def url(order_id):
    return lambda name, *more: reverse(name, args=[order_id, *more])


def test_the_catalog(visit, flour, butter, oats):
    visit("/")
    visit("/", category="pantry")
    visit("/", "flour", q="flour")
    visit("/", "flour", "flouur", q="flouur")
    visit("/", "flour", "butter", q="flour butter")
    visit("/", "xyzzyqq", "zzqqx", q="xyzzyqq zzqqx")
    visit("/", shelf="often")
    ProductFactory.create_batch(25)
    visit("/", "1 kg bag", "Product PRD", "PRD", page=2)


def test_a_category_without_what_was_asked(visit, flour, butter):
    CategoryFactory(slug="drinks", name="Drinks", position=2)
    ProductFactory(sku="TEA-1", name="Tea", category=CategoryFactory(slug="drinks"))

    visit("/", "Drinks", "flour", q="flour", category="drinks")


def test_a_product(visit, page, flour, butter):
    visit("/products/FLR-25/")
    flour.active = False
    flour.save()
    visit("/products/FLR-25/")


def test_adding_from_the_catalog(visit, page, flour, oats):
    add = reverse("current_order_items")
    page.send(add, {"sku": "FLR-25", "quantity": "2", "next": "/"})
    visit("/")
    visit("/products/FLR-25/")
    for quantity in ("", "two", "1.500", "0", "9999999999999999"):
        typed = [quantity] if quantity else []
        check(page.send(add, {"sku": "FLR-25", "quantity": quantity}), *typed, answer=422)


def test_adding_to_an_order_that_a_colleague_has_closed(
    page, bob, by, key, order_id, alice, make_current
):
    for close in (handling.complete_order, handling.cancel_order):
        opened = handling.open_order(by(bob), key=key(), items=[("FLR-25", 1)]).stream_id
        make_current(alice, opened)
        close(by(bob), opened, key=key())
        add = reverse("current_order_items")
        check(page.send(add, {"sku": "FLR-25", "quantity": "2"}), answer=409)
        check(page.get("/orders/"))


def test_orders(visit, page, order_id, by, alice, bob, key):
    for status in ("open", "completed", "cancelled", "all"):
        visit("/orders/", status=status)
    for close in (handling.complete_order, handling.cancel_order):
        opened = handling.open_order(by(bob), key=key(), items=[("FLR-25", 1)]).stream_id
        close(by(bob), opened, key=key())
    for _ in range(21):
        handling.open_order(by(alice), key=key())
    visit("/orders/", status="all")
    older = page.get("/orders/").context["older"]
    visit("/orders/", before=older)
    check(page.send("/orders/", {"reference": "x" * 81}), "x" * 81, answer=422)
    page.send("/orders/", {"reference": "Saturday"})
    visit("/orders/")


def test_an_order_that_is_changed(visit, page, url, order_id, oats, by, bob, key):
    visit(url("order"))
    page.send(url("order_items"), {"sku": "OAT-01", "quantity": "1"})
    page.send(url("order_item", "FLR-25"), {"quantity": "1200"})
    page.send(url("order_details"), {"reference": "Sunday", "note": "By the back door"})
    page.send(url("order_item_removal", "BUT-10"))
    page.send(url("order_details"), {"reference": "", "note": ""})
    handling.add_items(by(bob), order_id, [("FLR-25", 1), ("BUT-10", 2)], key=key())
    visit(url("order"))
    visit(url("order_history"))
    for version in range(1, 10):
        visit(url("order_history"), at=version)
    news = page.get(url("order"), {"since": "1"}, headers={"HX-Request": "true"})
    check(news)


def test_an_order_that_is_closed(visit, page, url, by, bob, key, order_id):
    page.send(url("order_completion"))
    visit(url("order"))
    copy = page.send(url("order_copy"), {"reference": "Saturday", "note": "By the back door"})
    visit(copy["Location"])
    visit(copy["Location"] + "history/")
    page.send(copy["Location"] + "cancellation/", {"reason": "Closed for a day"})
    visit(copy["Location"])
    visit(copy["Location"] + "history/")
    empty = handling.open_order(by(bob), key=key()).stream_id
    visit(reverse("order", args=[empty]))
    check(page.send(reverse("order_completion", args=[empty])), answer=422)
    page.send(reverse("order_cancellation", args=[empty]))
    visit(reverse("order", args=[empty]))


REFUSED = [
    ("order_items", {"sku": "ABC-1", "quantity": "1"}, ["ABC-1"]),
    ("order_items", {"sku": "", "quantity": ""}, []),
    ("order_items", {"sku": "FLR-25", "quantity": "9999"}, []),
    ("order_details", {"reference": "x" * 81, "note": ""}, ["x" * 81]),
    ("order_details", {"reference": "", "note": "x" * 2001}, ["x" * 2001]),
    ("order_cancellation", {"reason": "x" * 501}, ["x" * 501]),
    ("order_undo", {"version": "1"}, []),
    ("order_undo", {"version": "900"}, []),
]


@pytest.mark.parametrize(("name", "typed", "data"), REFUSED, ids=range(len(REFUSED)))
def test_what_an_order_refuses(name, typed, data, page, url):
    check(page.send(url(name), typed), *data, answer=422)


def test_what_a_closed_order_refuses(page, url, by, bob, key, order_id):
    handling.cancel_order(by(bob), order_id, key=key(), reason="Closed for a day")
    check(page.send(url("order_items"), {"sku": "FLR-25", "quantity": "1"}, seen=3), answer=409)
    check(page.send(url("order_item", "FLR-25"), {"quantity": "7"}, seen=3), answer=409)
    check(page.send(url("order_item_removal", "FLR-25"), seen=3), answer=409)
    typed = {"reference": "Saturday", "note": "By the back door"}
    check(page.send(url("order_details"), typed, seen=3), answer=409)
    check(page.send(url("order_completion"), seen=3), answer=409)


def test_cancelling_what_a_colleague_has_completed(page, url, by, bob, key, order_id):
    handling.complete_order(by(bob), order_id, key=key())
    check(page.send(url("order_cancellation"), {"reason": "Sunday"}, seen=3), answer=409)


def test_questions(page, url, by, bob, key, order_id):
    def bobs(quantity):
        handling.change_quantity(by(bob), order_id, "FLR-25", quantity, key=key())

    bobs(5)
    check(page.send(url("order_item", "FLR-25"), {"quantity": "4"}, seen=3), answer=409)
    check(page.send(url("order_item_removal", "FLR-25"), seen=3), answer=409)
    check(page.send(url("order_completion"), seen=3), answer=409)
    check(page.send(url("order_cancellation"), {"reason": "Sunday"}, seen=3), answer=409)
    handling.change_details(by(bob), order_id, key=key(), reference="Saturday")
    typed = {"reference": "Sunday", "note": "By the back door"}
    check(page.send(url("order_details"), typed, seen=3), answer=409)
    check(page.send(url("order_undo"), {"version": "2"}), answer=422)
    handling.remove_item(by(bob), order_id, "FLR-25", key=key())
    check(page.send(url("order_item", "FLR-25"), {"quantity": "4"}, seen=3), answer=409)


def test_undoing(visit, page, url):
    page.send(url("order_item", "FLR-25"), {"quantity": "7"})
    visit(url("order"))
    page.send(url("order_undo"), {"version": "4"})
    visit(url("order"))
    page.send(url("order_item", "FLR-25"), {"quantity": "8"})
    page.send(url("order_item", "FLR-25"), {"quantity": "9"})
    check(page.send(url("order_undo"), {"version": "6"}), answer=409)


def test_the_current_order(visit, page, order_id, by, bob, key):
    choose = reverse("current_order")
    page.post(choose, {"order": str(order_id), "next": "/orders/"})
    visit("/orders/")
    handling.complete_order(by(bob), order_id, key=key())
    page.post(choose, {"order": str(order_id), "next": "/orders/"})
    visit("/orders/")


def endings(agent):
    """What is shown of the agent's tokens."""
    return agent.api_tokens.values_list("ending", flat=True)


def test_the_account(visit, page, alice):
    check(page.post("/account/", {"name": ""}), answer=422)
    made = page.post("/account/", {"name": "Till"})
    check(made, *endings(alice))
    visit("/account/", *endings(alice))


def test_pages_for_errors(visit, page, url):
    visit("/nowhere/", answer=404)
    check(
        page.post(url("order_completion"), {"command_id": "AB"}), "command_id", "UUID", answer=400
    )
    form = {"command_id": str(uuid.uuid4()), "seen": "AB"}
    check(page.post(url("order_completion"), form), answer=400)
    check(page.post(reverse("set_language"), {"language": "AB"}), PSEUDO, answer=400)
    strict = Client(enforce_csrf_checks=True)
    check(strict.post("/login/", {}), answer=403)


def test_logging_in(visit, alice):
    visitor = Client()
    visit("/login/", by=visitor)
    visit("/login/", by=visitor, next="/orders/")
    check(visitor.post("/login/", {"username": "alice", "password": "AB"}))
    check(visitor.post("/login/", {}))


def test_who_may_only_look(visit, page, admin, browser, order_id):
    visit("/", by=browser(admin))
    visit("/orders/", by=browser(admin))
    Customer.objects.update(is_active=False)
    visit(reverse("order", args=[order_id]))
    check(page.send(reverse("order_copy", args=[order_id])), answer=422)

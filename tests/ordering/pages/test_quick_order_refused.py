"""Pasting a list that cannot be added, or not by this agent: nothing is lost."""

import json

import pytest
from django.test import Client

from ordering import handling
from ordering.models import OrderHead
from tests.factories import ProductFactory

URL = "/quick-order/"


@pytest.mark.parametrize("quantity", ["0", "many", "10000", ""])
def test_a_bad_quantity_is_refused_at_its_line_and_kept(quantity, paste, alice, flour, text):
    _, form = paste(alice, "FLR-25 4")

    refused, form = form.press("add", **{"quantity-FLR-25": quantity})

    assert refused.status_code == 422
    assert f"The quantity of FLR-25 must be a whole number from 1 to 9999, not {quantity}" in text(
        refused
    )
    assert form.sent["quantity-FLR-25"] == quantity
    assert not OrderHead.objects.exists()


def test_a_sum_beyond_the_most_is_refused_at_its_line(paste, alice, flour, text):
    checked, form = paste(alice, "FLR-25 6000\nFLR-25 6000")
    assert "from 1 to 9999, not 12000." in text(checked)
    assert form.press("add")[0].status_code == 422


@pytest.mark.parametrize("fragment", [False, True])
def test_when_a_colleague_closed_the_order_all_is_kept_and_can_go_into_a_new_one(
    fragment, paste, alice, bob, by, key, order_id, make_current, lines, head, text
):
    make_current(alice, order_id)
    _, form = paste(alice, "FLR-25 4\nXYZ-9 2")
    handling.complete_order(by(bob), order_id, key=key())

    refused, form = form.press("add", fragment=fragment)

    assert refused.status_code == 409
    assert f"Bob completed {head(order_id).number}" in text(refused)
    assert (form.sent["quantity-FLR-25"], form.text) == ("4", "XYZ-9 2")

    added, _ = form.press("add", "new")

    assert added.status_code == 303
    alice.refresh_from_db()
    assert lines(alice.current_order_id) == {"FLR-25": 4}
    assert lines(order_id) == {"FLR-25": 2, "BUT-10": 1}


def test_what_the_order_refuses_is_told_and_kept(
    paste, alice, by, key, order_id, make_current, lines, text
):
    make_current(alice, order_id)
    _, form = paste(alice, "FLR-25 9998")

    refused, form = form.press("add")

    assert refused.status_code == 422
    assert "Plain wheat flour would be more than 9999" in text(refused)
    assert form.sent["quantity-FLR-25"] == "9998"
    assert lines(order_id)["FLR-25"] == 2


def test_500_lines_are_added_at_once_and_501_are_refused_with_all_of_them_kept(
    paste, alice, db, lines, text
):
    skus = [f"PRD-{n}A" for n in range(500)]
    for sku in skus:
        ProductFactory(sku=sku)
    text_of_500 = "\n".join(f"{sku} {n + 1}" for n, sku in enumerate(skus))

    refused, form = paste(alice, f"{text_of_500}\nPRD-0A 1")
    assert refused.status_code == 422
    assert "At most 500 lines can be checked at once; these are 501." in text(refused)
    assert form.text == f"{text_of_500}\nPRD-0A 1"

    _, form = form.press("check", text=text_of_500)
    added, _ = form.press("add")

    assert added.status_code == 303
    assert len(lines(OrderHead.objects.get().pk)) == 500


def test_too_long_a_text_is_refused_and_kept(paste, alice, text):
    refused, form = paste(alice, "ä" * 33_000)
    assert refused.status_code == 422
    assert "At most 64 KiB of text can be checked at once; this is 65 KiB." in text(refused)
    assert form.text == "ä" * 33_000


def test_charlie_never_gets_anything_into_alices_order(
    paste, alice, charlie, order_id, make_current, lines
):
    make_current(charlie, order_id)

    _, form = paste(charlie, "FLR-25 4")
    form.press("add")

    assert lines(order_id) == {"FLR-25": 2, "BUT-10": 1}
    assert OrderHead.objects.exclude(pk=order_id).get().customer_id == charlie.customer_id


@pytest.mark.parametrize(
    "kept",
    [
        "{",
        "[]",
        "[[],{}]",
        '[{"FLR-25":[1]},[]]',
        '[{},[["a","4",["FLR-25"]]]]',
        "[" * 5000,
        "null",
    ],
    ids=range(7),
)
def test_a_form_that_no_page_of_ours_sent_is_refused(kept, browser, alice, flour, text):
    response = browser(alice).send(URL, {"kept": kept, "text": "FLR-25 4", "check": "yes"})
    assert response.status_code == 400
    assert "Expected the checked lines in the field kept" in text(response)


def test_nothing_is_added_where_nothing_was_found(paste, alice, text):
    _, form = paste(alice, "")
    refused, _ = form.press("add")
    assert refused.status_code == 422
    assert "There is nothing to add yet." in text(refused)


def test_without_a_good_command_id_nothing_is_added(paste, alice, flour, text):
    _, form = paste(alice, "FLR-25 4")
    response, _ = form.press("add", command_id="twice")
    assert response.status_code == 400
    assert not OrderHead.objects.exists()


def test_staff_without_a_customer_and_a_deactivated_customers_agents_only_look(
    browser, admin, alice, harbour, flour, text
):
    assert "You are signed in as staff." in text(browser(admin).get(URL))
    harbour.is_active = False
    harbour.save()
    page = browser(alice)
    assert "You can look, but not change." in text(page.get(URL))
    assert "<textarea" not in page.get(URL).content.decode()

    kept = json.dumps([{}, []])
    refused = page.send(URL, {"quantity-FLR-25": "4", "kept": kept, "add": "yes"})

    assert refused.status_code == 422
    assert not OrderHead.objects.exists()


def test_it_wants_a_login(client):
    assert client.get(URL)["Location"] == f"/login/?next={URL}"
    assert client.post(URL)["Location"] == f"/login/?next={URL}"


def test_it_wants_the_csrf_token(alice):
    page = Client(enforce_csrf_checks=True)
    page.force_login(alice)
    assert page.post(URL, {"check": "yes", "text": "FLR-25"}).status_code == 403


@pytest.mark.parametrize("typed", ["0", "1,5"])
def test_why_a_quantity_is_refused_is_told_in_german(typed, paste, alice, flour, text):
    _, form = paste(alice, "FLR-25 4", language="de")

    refused, form = form.press("add", **{"quantity-FLR-25": typed})

    assert f"muss eine ganze Zahl von 1 bis 9999 sein, nicht {typed}" in text(refused)
    assert form.sent["quantity-FLR-25"] == typed


def test_a_quantity_is_read_as_the_language_writes_it(paste, alice, flour, lines):
    _, form = paste(alice, "FLR-25 4", language="de")

    form.press("add", **{"quantity-FLR-25": "1.000"})

    assert lines(OrderHead.objects.get().pk) == {"FLR-25": 1_000}

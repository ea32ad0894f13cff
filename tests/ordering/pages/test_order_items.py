import pytest
from django.urls import reverse


@pytest.fixture
def url(order_id):
    return reverse("order_items", args=[order_id])


def test_it_adds_by_sku(browser, alice, url, order_id, lines):
    response = browser(alice).send(url, {"sku": "BUT-10", "quantity": "3"})

    assert response["Location"] == f"{reverse('order', args=[order_id])}#line-BUT-10"
    assert lines(order_id) == {"FLR-25": 2, "BUT-10": 4}


def test_the_page_says_what_was_added(browser, alice, url, text):
    page = browser(alice)
    page.send(url, {"sku": "BUT-10", "quantity": "3"})

    assert "Added 3 × Butter, 10 kg box." in text(page.get(url.removesuffix("items/")))


def test_htmx_gets_the_cart_the_message_and_the_header(
    browser, alice, url, order_id, make_current, text
):
    make_current(alice, order_id)

    response = browser(alice).send(url, {"sku": "BUT-10", "quantity": "1"}, fragment=True)

    assert response.status_code == 200
    body = response.content.decode()
    assert body.lstrip().startswith('<div class="order" id="cart"')
    assert '<hx-partial hx-target="#current-order"' in body
    assert "Added 1 × Butter, 10 kg box." in body
    assert "€192.50" in text(response)


@pytest.mark.parametrize(
    ("sku", "quantity", "why"),
    [
        ("NIX-1", "1", "The catalog has no product NIX-1."),
        ("", "1", "Which product? Type its SKU, such as FLR-25."),
        ("FLR-25", "", "How many? A whole number from 1 to 9999."),
        ("FLR-25", "two", "must be a whole number from 1 to 9999, not two."),
        ("FLR-25", "0", "must be a whole number from 1 to 9999, not 0."),
        ("FLR-25", "1.5", "must be a whole number from 1 to 9999, not 1.5."),
        ("FLR-25", "9999", "Plain wheat flour would be more than 9999"),
        ("FLR-25", "9" * 5000, "must be a whole number from 1 to 9999"),
    ],
)
@pytest.mark.parametrize("fragment", [False, True])
def test_what_it_refuses_it_explains_and_keeps(
    sku, quantity, why, fragment, browser, alice, url, order_id, lines, text
):
    response = browser(alice).send(url, {"sku": sku, "quantity": quantity}, fragment=fragment)

    assert response.status_code == 422
    assert why in text(response)
    body = response.content.decode()
    assert f'name="sku" value="{sku}"' in body or not sku
    assert (
        f'name="quantity" inputmode="numeric" autocomplete="off" maxlength="12" value="{quantity}"'
        in body
    )
    assert lines(order_id) == {"FLR-25": 2, "BUT-10": 1}


def test_after_a_refusal_the_form_has_a_fresh_command_id(browser, alice, url):
    used = "7f9c24e8-3b12-4f0e-9d5a-6c1d2e3f4a5b"

    response = browser(alice).send(url, {"sku": "NIX-1", "quantity": "1"}, command_id=used)

    assert used not in response.content.decode()


def test_on_a_closed_order_it_offers_a_new_one_for_the_item(
    browser, alice, bob, url, order_id, text
):
    browser(bob).send(reverse("order_completion", args=[order_id]))
    page = browser(alice)

    refused = page.send(url, {"sku": "BUT-10", "quantity": "3"})

    assert refused.status_code == 409
    assert "Put 3 × BUT-10 into a new order" in text(refused)
    offer = {"sku": "BUT-10", "quantity": "3", "into": "new", "next": "/orders/"}
    assert page.send(reverse("current_order_items"), offer).status_code == 303
    assert "Added 3 × Butter to" in text(page.get("/orders/"))

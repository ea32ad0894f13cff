import pytest
from django.test import Client
from django.urls import reverse

GOOD = {"username": "alice", "password": "demo"}


def test_it_leads_to_the_page_that_was_asked_for(client, alice, order_id):
    page = reverse("order", args=[order_id])

    response = client.post(f"/login/?next={page}", GOOD | {"next": page})

    assert response["Location"] == page


def test_who_was_sending_a_form_comes_back_to_its_page(client, alice, order_id):
    form = reverse("order_item", args=[order_id, "FLR-25"])

    response = client.post("/login/", GOOD | {"next": form})

    assert response["Location"] == reverse("order", args=[order_id])


@pytest.mark.parametrize("elsewhere", ["https://example.org/", "//example.org", "javascript:x"])
def test_it_never_leads_to_another_site(elsewhere, client, alice):
    assert client.post("/login/", GOOD | {"next": elsewhere})["Location"] == "/"


@pytest.mark.parametrize("typed", [{"password": "wrong"}, {"username": "nobody"}, {"password": ""}])
def test_a_wrong_login_says_so_and_keeps_the_name(typed, client, alice, text):
    response = client.post("/login/", GOOD | typed)

    assert "_auth_user_id" not in client.session
    assert "correct username and password" in text(response) or "required" in text(response)
    assert f'value="{(GOOD | typed)["username"]}"' in response.content.decode()


def test_who_is_logged_in_already_goes_to_the_catalog(browser, alice):
    assert browser(alice).get("/login/")["Location"] == "/"


def test_logging_out_takes_a_form(browser, alice):
    page = browser(alice)

    assert page.get("/logout/").status_code == 405
    assert page.post("/logout/")["Location"] == "/login/"
    assert page.get("/")["Location"] == "/login/?next=/"


def test_a_form_from_before_the_login_is_explained(alice, text):
    page = Client(enforce_csrf_checks=True)

    response = page.post("/login/", GOOD)

    assert response.status_code == 403
    assert "That page was too old to send" in text(response)


def test_who_is_logged_in_is_not_led_in_a_circle(browser, alice):
    response = browser(alice).get("/login/", {"next": "/login/"})
    assert (response.status_code, response["Location"]) == (302, "/")

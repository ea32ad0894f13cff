import pytest
from django.urls import reverse

from ordering import handling
from ordering.models import OrderHead

URL = "/orders/"


@pytest.fixture
def open_many(alice, by, key):
    def open_many(how_many):
        return [handling.open_order(by(alice), key=key()).stream_id for _ in range(how_many)]

    return open_many


def test_it_lists_the_customers_open_orders(browser, bob, order_id, head, text):
    said = text(browser(bob).get(URL))

    assert f"{head(order_id).number} Friday" in said
    assert "2 lines" in said
    assert "€121.15" in said


def test_charlie_sees_none_of_them(browser, charlie, order_id, head, text):
    said = text(browser(charlie).get(URL, {"status": "all"}))

    assert head(order_id).number not in said
    assert "No orders" in said


@pytest.mark.parametrize(
    ("status", "seen"),
    [("open", True), ("all", True), ("completed", False), ("cancelled", False), ("nonsense", True)],
)
def test_its_tabs_filter_by_status(status, seen, browser, alice, order_id, head, text):
    said = text(browser(alice).get(URL, {"status": status}))

    assert (f"{head(order_id).number} Friday" in said) is seen


def test_newest_come_first_and_older_ones_follow_on_further_pages(browser, alice, open_many):
    open_many(45)
    newest_first = list(OrderHead.objects.order_by("-opened_at").values_list("pk", flat=True))
    page, seen, url = browser(alice), [], URL

    while url:
        context = page.get(url).context
        seen += [order.pk for order in context["orders"]]
        url = context["older"] and f"{URL}?before={context['older'].replace('+', '%2B')}"

    assert seen == newest_first


@pytest.mark.parametrize(
    "before", ["nonsense", "2026-01-01_", "_", "2026-01-01T00:00:00_7", "\x00"]
)
def test_a_cursor_that_is_none_means_the_first_page(before, browser, alice, order_id):
    response = browser(alice).get(URL, {"before": before})

    assert [order.pk for order in response.context["orders"]] == [order_id]


def test_it_opens_an_order_and_makes_it_current(browser, alice, text):
    page = browser(alice)

    response = page.send(URL, {"reference": "Sunday"})

    order = OrderHead.objects.get()
    assert response.status_code == 303
    assert response["Location"] == reverse("order", args=[order.pk])
    assert order.reference == "Sunday"
    alice.refresh_from_db()
    assert alice.current_order_id == order.pk
    assert f"{order.number} is open." in text(page.get(response["Location"]))


def test_a_form_sent_twice_opens_one_order(browser, alice):
    page, command_id = browser(alice), "7f9c24e8-3b12-4f0e-9d5a-6c1d2e3f4a5b"

    first = page.send(URL, command_id=command_id)
    second = page.send(URL, command_id=command_id)

    assert first["Location"] == second["Location"]
    assert OrderHead.objects.count() == 1


def test_a_reference_that_is_too_long_is_refused_and_kept(browser, alice, text):
    response = browser(alice).send(URL, {"reference": "x" * 81})

    assert response.status_code == 422
    assert "The reference has at most 80 characters; this has 81." in text(response)
    assert "x" * 81 in response.content.decode()


def test_without_a_command_id_it_opens_nothing(browser, alice):
    assert browser(alice).post(URL).status_code == 400
    assert not OrderHead.objects.exists()


def test_an_agent_of_a_deactivated_customer_opens_nothing(browser, alice, harbour, text):
    harbour.is_active = False
    harbour.save()

    response = browser(alice).send(URL)

    assert response.status_code == 422
    assert "You can look, but not change." in text(response)
    assert not OrderHead.objects.exists()


def test_staff_without_a_customer_are_shown_the_way_to_the_admin(browser, admin, text):
    response = browser(admin).get(URL)

    assert "You are signed in as staff." in text(response)
    assert 'href="/admin/"' in response.content.decode()


def test_it_rejects_put(browser, alice):
    assert browser(alice).put(URL).status_code == 405


@pytest.mark.parametrize(
    "moment", ["2026-01-01T00:00:00+16:00", "2026-01-01T00:00:00-23:59", "0001-01-01T00:00+23:59"]
)
def test_a_cursor_with_an_offset_that_postgresql_does_not_know_is_answered(
    moment, browser, alice, order_id
):
    response = browser(alice).get(URL, {"before": f"{moment}_{order_id}"})
    assert response.status_code == 200


@pytest.mark.parametrize("here", ["http://[", "http://testserver:99999999/", "\udcff"])
def test_a_browser_that_is_nowhere_is_answered(here, browser, alice, order_id):
    headers = {"HX-Request": "true", "HX-Current-URL": here}
    assert browser(alice).get(URL, headers=headers).status_code == 200

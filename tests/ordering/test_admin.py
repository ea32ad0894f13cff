from decimal import Decimal

import pytest
from django.contrib.admin.utils import quote
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from ordering.models import DailyFigure, OrderHead

FIGURES = reverse("admin:ordering_dailyfigure_changelist")

pytestmark = pytest.mark.django_db


@pytest.fixture
def staff(client, admin):
    client.force_login(admin)
    return client


def test_customers_agents_and_products_are_listed(staff, alice, flour):
    for name in ("ordering_customer", "ordering_agent", "catalog_product"):
        assert staff.get(reverse(f"admin:{name}_changelist")).status_code == 200
    page = staff.get(reverse("admin:ordering_customer_changelist"), {"q": "harbour"})
    assert "Harbour Café" in page.content.decode()


def test_a_customer_is_deactivated_by_a_tick(staff, alice, harbour):
    agents = {
        "agents-TOTAL_FORMS": 1,
        "agents-INITIAL_FORMS": 1,
        "agents-0-id": alice.pk,
        "agents-0-customer": harbour.pk,
        "agents-0-first_name": "Alice",
        "agents-0-is_active": "on",
    }
    url = reverse("admin:ordering_customer_change", args=[harbour.pk])
    response = staff.post(url, {"name": harbour.name, "code": "HC", **agents})
    assert response.status_code == 302
    harbour.refresh_from_db()
    assert not harbour.is_active


@pytest.mark.parametrize("code", ["h", "hc", "ABCDE", "H1", "", "NB"])
def test_a_code_that_numbers_could_not_start_with_is_refused(staff, northgate, code):
    response = staff.post(
        reverse("admin:ordering_customer_add"),
        {"name": "New", "code": code, "is_active": "on", "agents-TOTAL_FORMS": 0,
         "agents-INITIAL_FORMS": 0},
    )  # fmt: skip
    assert response.status_code == 200
    assert response.context["adminform"].form.errors["code"]


def test_an_agent_is_made_for_a_customer(staff, harbour):
    response = staff.post(
        reverse("admin:ordering_agent_add"),
        {"username": "newcomer", "usable_password": "true", "password1": "harbour-47-lights",
         "password2": "harbour-47-lights", "customer": harbour.pk},
    )  # fmt: skip
    assert response.status_code == 302
    assert harbour.agents.get().username == "newcomer"


def test_customers_and_agents_are_never_deleted(staff, alice, harbour):
    for name, key in (("customer", harbour.pk), ("agent", alice.pk)):
        url = reverse(f"admin:ordering_{name}_delete", args=[key])
        assert staff.post(url, {"post": "yes"}).status_code == 403


def test_an_order_is_found_by_its_number_and_leads_to_its_events(staff, order_id):
    number = OrderHead.objects.get().number
    orders = reverse("admin:ordering_orderhead_changelist")
    found = staff.get(orders, {"q": number}).content.decode()
    stream = reverse("admin:eventstore_stream_change", args=[order_id])
    assert stream in found
    events = f"{reverse('admin:eventstore_event_changelist')}?stream__id__exact={order_id}"
    assert events in staff.get(stream).content.decode()
    listed = staff.get(events).content.decode()
    assert listed.count("FLR-25") == 1
    assert "OrderOpened" in listed


def test_an_order_is_not_changed_by_hand(staff, order_id):
    for action in ("change", "delete"):
        url = reverse(f"admin:ordering_orderhead_{action}", args=[order_id])
        assert staff.post(url, {"status": "completed"}).status_code == 403
    assert OrderHead.objects.get().status == "open"


def test_the_code_that_numbers_start_with_is_kept(staff, harbour):
    url = reverse("admin:ordering_customer_change", args=[harbour.pk])
    agents = {"agents-TOTAL_FORMS": 0, "agents-INITIAL_FORMS": 0}
    staff.post(url, {"name": "Harbour", "code": "XX", "is_active": "on", **agents})
    harbour.refresh_from_db()
    assert (harbour.name, harbour.code) == ("Harbour", "HC")


@pytest.fixture
def figures(harbour, northgate):
    """Figures of two customers on two days."""

    def figure(day, customer, currency="EUR", **figures):
        key = f"{day} {customer.pk} {currency}"
        DailyFigure.objects.create(
            key=key, day=day, customer=customer, currency=currency, **figures
        )

    figure("2026-03-31", harbour, opened=1)
    figure("2026-04-01", harbour, opened=3, completed=2, items=40, value=Decimal("1234.50"))
    figure("2026-04-01", northgate, opened=2, completed=1, items=4, value=Decimal("65.50"))
    figure("2026-04-01", northgate, "GBP", completed=1, items=1, value=Decimal("9.00"))


def test_daily_figures_are_listed_newest_first_with_their_sums(staff, figures):
    response = staff.get(FIGURES)

    listed = [(f"{row.day}", row.customer.code) for row in response.context["cl"].result_list]
    assert listed == [
        ("2026-04-01", "NB"), ("2026-04-01", "NB"), ("2026-04-01", "HC"), ("2026-03-31", "HC"),
    ]  # fmt: skip
    body = response.content.decode()
    assert "€1,234.50" in body
    assert "£9.00" in body
    assert "6 opened, 3 completed, 0 cancelled; 44 items, <strong>€1,300.00</strong>" in body
    assert "0 opened, 1 completed, 0 cancelled; 1 item, <strong>£9.00</strong>" in body


def test_sums_are_those_of_what_is_filtered(staff, figures, harbour):
    body = staff.get(FIGURES, {"customer": "harbour café"}).content.decode()

    assert "4 opened, 2 completed, 0 cancelled; 40 items, <strong>€1,234.50</strong>" in body
    assert "£9.00" not in body
    month = staff.get(FIGURES, {"from": "2026-03-01", "until": "2026-03-31"}).content.decode()
    assert "1 opened, 0 completed, 0 cancelled; 0 items, <strong>€0.00</strong>" in month


def test_a_filter_that_is_none_is_answered(staff, figures):
    assert staff.get(FIGURES, {"day__nonsense": "1"})["Location"] == f"{FIGURES}?e=1"


def test_a_long_list_of_figures_costs_what_a_short_one_costs(
    staff, figures, harbour, django_assert_num_queries
):
    def page():
        return staff.get(FIGURES)

    with CaptureQueriesContext(connection) as few:
        page()
    for day in range(1, 31):
        DailyFigure.objects.create(
            key=f"{day}", day=f"2026-06-{day}", customer=harbour, currency="EUR"
        )
    with django_assert_num_queries(len(few)):
        page()


def test_figures_are_not_changed_by_hand(staff, figures):
    [key] = DailyFigure.objects.filter(opened=3).values_list("pk", flat=True)
    for action in ("change", "delete"):
        url = reverse(f"admin:ordering_dailyfigure_{action}", args=[quote(key)])
        assert staff.post(url, {"opened": "99"}).status_code == 403
    assert staff.get(reverse("admin:ordering_dailyfigure_add")).status_code == 403
    assert DailyFigure.objects.get(pk=key).opened == 3


def test_figures_are_for_staff(client, alice, figures):
    client.force_login(alice)

    assert client.get(FIGURES).status_code == 302


@pytest.mark.parametrize(
    "address",
    [
        "ordering/customer/?code=%00",
        "catalog/product/?category=%00",
        "eventstore/skip/?subscription=%00",
        "eventstore/checkpoint/a%00/history/",
        "ordering/dailyfigure/%00/change/",
    ],
)
def test_a_nul_in_an_address_is_a_bad_request(staff, address):
    assert staff.get(f"/admin/{address}").status_code == 400


def test_a_year_that_no_date_has_is_told(staff):
    answer = staff.get(FIGURES, {"day__year": "9" * 26})
    assert (answer.status_code, answer.headers["Location"]) == (302, f"{FIGURES}?e=1")

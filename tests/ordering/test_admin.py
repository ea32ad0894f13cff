import pytest
from django.urls import reverse

from ordering.models import OrderHead

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

import pytest
from django.urls import reverse

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

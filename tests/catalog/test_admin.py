import pytest
from django.urls import reverse

from catalog.models import Product

PRODUCTS = reverse("admin:catalog_product_changelist")


@pytest.fixture
def staff(client, admin, catalog):
    client.force_login(admin)
    return client


def test_products_are_listed_and_searched(staff):
    page = staff.get(PRODUCTS, {"q": "wholemeal"})
    assert [product.sku for product in page.context["cl"].result_list] == ["WHM-25"]
    assert b"23.60 EUR" in page.content


def test_products_are_filtered_by_category_and_activity(staff):
    Product.objects.filter(sku="FLR-5").update(active=False)
    page = staff.get(PRODUCTS, {"active__exact": 0, "category__slug__exact": "flour-grain"})
    assert [product.sku for product in page.context["cl"].result_list] == ["FLR-5"]


def test_categories_show_how_many_products_they_have(staff):
    page = staff.get(reverse("admin:catalog_category_changelist"))
    counts = {row.slug: row.active_count for row in page.context["cl"].result_list}
    assert counts["flour-grain"] == Product.objects.filter(category="flour-grain").count()


@pytest.mark.parametrize("name", ["product", "category"])
def test_nothing_is_added_changed_or_deleted_by_hand(staff, name):
    key = "flour-grain" if name == "category" else Product.objects.get(sku="FLR-25").pk
    change = reverse(f"admin:catalog_{name}_change", args=[key])
    assert staff.get(change).status_code == 200
    assert staff.post(change, {"name": "Other"}).status_code == 403
    assert staff.get(reverse(f"admin:catalog_{name}_add")).status_code == 403
    delete = reverse(f"admin:catalog_{name}_delete", args=[key])
    assert staff.post(delete, {"post": "yes"}).status_code == 403


def test_the_list_costs_as_many_queries_for_many_products_as_for_few(
    staff, django_assert_max_num_queries
):
    with django_assert_max_num_queries(10):
        staff.get(PRODUCTS)

"""/orders: the list, and opening one."""

import pytest

from ordering.models import OrderHead

HEAD = {
    "id",
    "number",
    "status",
    "reference",
    "version",
    "line_count",
    "total",
    "currency",
    "opened_by",
    "opened_at",
    "changed_by",
    "changed_at",
    "closed_by",
    "closed_at",
}


def ids(answer):
    return [order["id"] for order in answer.json()["items"]]


def pages(hers, asked):
    """The ids on all pages, by `next`."""
    found, cursor = [], ""
    while cursor is not None:
        answer = hers.get(f"orders?{asked}&cursor={cursor}")
        assert answer.status_code == 200
        found += ids(answer)
        cursor = answer.json()["next"]
        yield found


def test_an_order_is_opened(hers, alice):
    answer = hers.post("orders", {"reference": " Friday ", "note": "By the back door"})
    assert answer.status_code == 201
    order = answer.json()
    assert answer["Location"] == f"/api/v1/orders/{order['id']}"
    assert answer["ETag"] == '"1"'
    assert order["number"].startswith("HC-")
    assert {name: order[name] for name in ("status", "reference", "note", "version")} == {
        "status": "open",
        "reference": "Friday",
        "note": "By the back door",
        "version": 1,
    }
    assert (order["lines"], order["total"], order["currency"]) == ([], "0.00", "EUR")
    assert order["opened_by"] == order["changed_by"] == "alice"
    assert order["opened_at"].endswith("Z")
    assert hers.get(answer["Location"].removeprefix("/api/v1/")).content == answer.content


def test_neither_reference_nor_note_is_needed(hers):
    assert hers.post("orders", {}).json()["reference"] == ""


@pytest.mark.parametrize(
    ("body", "where"),
    [
        ({"reference": "x" * 81}, "reference"),
        ({"note": "x" * 2001}, "note"),
        ({"reference": None}, "reference"),
        ({"reference": 5}, "reference"),
        ({"color": "red"}, "color"),
    ],
)
def test_what_does_not_fit_the_schema_is_refused_and_opens_nothing(hers, problem, body, where):
    told = problem(hers.post("orders", body), 422, "invalid")
    assert told["errors"][0]["where"] == [where]
    assert not OrderHead.objects.exists()


def test_a_control_character_is_a_broken_rule(hers, problem):
    problem(hers.post("orders", {"reference": "a\tb"}), 422, "bad-text")


def test_an_agent_of_an_inactive_customer_can_look_but_not_change(hers, problem, harbour):
    path = hers.opened()
    harbour.is_active = False
    harbour.save()
    assert hers.get(path).status_code == 200
    problem(hers.post("orders", {}), 403, "inactive-agent")
    problem(hers.patch(path, {"note": "x"}), 403, "inactive-agent")


def test_staff_without_a_customer_have_no_orders(program, admin, problem, order):
    staff = program(admin)
    assert staff.get("orders").json() == {"items": [], "next": None}
    problem(staff.get(order), 404, "no-such-order")
    problem(staff.post("orders", {}), 403, "inactive-agent")


def test_the_list_is_the_customers_newest_first(hers, his, strangers):
    first, second = hers.opened(), his.opened()
    answer = hers.get("orders")
    assert [f"orders/{one}" for one in ids(answer)] == [second, first]
    assert set(answer.json()["items"][0]) == HEAD
    assert ids(strangers.get("orders")) == []


def test_the_list_is_narrowed_by_status(hers, flour):
    opened, completed, cancelled = hers.opened(), hers.opened(("FLR-25", 1)), hers.opened()
    hers.post(f"{completed}/complete", If_Match='"2"')
    hers.post(f"{cancelled}/cancel")
    for status, path in (("open", opened), ("completed", completed), ("cancelled", cancelled)):
        assert [f"orders/{one}" for one in ids(hers.get(f"orders?status={status}"))] == [path]


def test_a_status_that_is_none_is_refused(hers, problem):
    problem(hers.get("orders?status=lost"), 422, "invalid")


def test_pages_lose_and_double_nothing_while_orders_are_opened(hers):
    before = [hers.opened().removeprefix("orders/") for _ in range(9)]
    # Of one moment, so that the id alone decides.
    moment = OrderHead.objects.get(pk=before[4]).opened_at
    OrderHead.objects.filter(pk__in=before[3:7]).update(opened_at=moment)
    whole = ids(hers.get("orders"))
    found = []
    for read in pages(hers, "limit=2"):
        hers.opened()
        found = read
    assert found == whole
    assert sorted(found) == sorted(before)


def test_pages_of_one_status_lose_and_double_nothing(hers):
    paths = [hers.opened() for _ in range(6)]
    for path in paths[::2]:
        hers.post(f"{path}/cancel")
    *_, found = pages(hers, "limit=1&status=cancelled")
    assert [f"orders/{one}" for one in found] == paths[::-1][1::2]

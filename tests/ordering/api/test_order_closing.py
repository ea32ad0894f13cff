"""Completing, cancelling and copying an order, and what a closed one says."""

import pytest


def test_an_order_is_completed(hers, order):
    answer = hers.post(f"{order}/complete", If_Match='"3"')
    assert (answer.status_code, answer["ETag"]) == (200, '"4"')
    said = answer.json()
    assert (said["status"], said["closed_by"]) == ("completed", "alice")
    assert said["closed_at"] == said["changed_at"]
    # Again: it is so already.
    again = hers.post(f"{order}/complete", {}, If_Match='"4"')
    assert (again.status_code, again.content) == (200, answer.content)


def test_completing_asks_for_the_version_that_was_seen(hers, problem, order):
    problem(hers.post(f"{order}/complete"), 428, "version-required")
    problem(hers.post(f"{order}/complete", If_Match="*"), 400, "malformed")
    assert hers.get(order).json()["status"] == "open"


@pytest.mark.parametrize("way", ["complete", "cancel"])
def test_closing_is_a_conflict_when_anything_was_not_seen(hers, his, order, problem, way):
    his.post(f"{order}/items", {"sku": "BUT-10", "quantity": 1})
    body = problem(hers.post(f"{order}/{way}", If_Match='"3"'), 409, "conflict")
    assert body["current"]["status"] == "open"
    assert [(one["type"], one["data"]["quantity"]) for one in body["events"]] == [("ItemAdded", 1)]
    assert hers.post(f"{order}/{way}", If_Match='"4"').status_code == 200


def test_an_empty_order_cannot_be_completed(hers, problem):
    problem(hers.post(f"{hers.opened()}/complete", If_Match='"1"'), 422, "empty-order")


@pytest.mark.parametrize("body", [{"reason": "no"}, {"x": 1}, [], "x", 5])
def test_completing_takes_no_body_but_an_empty_object(hers, problem, order, body):
    problem(hers.call("POST", f"{order}/complete", body, If_Match='"3"'), 422, "invalid")


def test_an_order_is_cancelled_with_or_without_a_reason(hers, order):
    answer = hers.post(f"{order}/cancel", {"reason": "Too late"})
    assert (answer.status_code, answer["ETag"]) == (200, '"4"')
    assert (answer.json()["status"], answer.json()["cancel_reason"]) == ("cancelled", "Too late")
    assert hers.post(f"{hers.opened()}/cancel").json()["cancel_reason"] == ""


@pytest.mark.parametrize("body", [{"reason": "x" * 501}, {"reason": None}, {"why": "x"}])
def test_a_reason_that_does_not_fit_is_refused(hers, problem, order, body):
    problem(hers.post(f"{order}/cancel", body), 422, "invalid")


@pytest.mark.parametrize("seen", ['"3"', None])
def test_what_comes_too_late_is_told_who_closed_the_order(hers, his, order, problem, seen):
    assert his.post(f"{order}/cancel", {"reason": "Too late"}).status_code == 200
    headers = {"If_Match": seen} if seen else {}
    item = {"sku": "FLR-25", "quantity": 1}
    for method, path, body in (
        ("PATCH", order, {"note": "x"}),
        ("POST", f"{order}/items", item),
        ("PATCH", f"{order}/items/FLR-25", {"quantity": 1}),
        ("DELETE", f"{order}/items/FLR-25", None),
    ):
        body = problem(hers.call(method, path, body, **headers), 409, "order-closed")
        assert body["current"] == hers.get(order).json()
        [event] = body["events"]
        assert (event["type"], event["actor"]) == ("OrderCancelled", "bob")
    problem(hers.post(f"{order}/complete", If_Match='"3"'), 409, "order-closed")


# --- Copy -----------------------------------------------------------------------------------------


def test_an_order_is_copied_at_todays_prices(hers, his, order, flour):
    his.post(f"{order}/cancel")
    flour.price += 1
    flour.save()
    answer = hers.post(f"{order}/copy")
    assert answer.status_code == 201
    said = answer.json()
    assert answer["Location"] == f"/api/v1/orders/{said['id']}"
    assert answer["ETag"] == f'"{said["version"]}"'
    assert f"orders/{said['copied_from']}" == order
    assert said["status"] == "open"
    prices = [(line["sku"], line["quantity"], line["unit_price"]) for line in said["lines"]]
    assert prices == [("FLR-25", 2, "25.90"), ("BUT-10", 1, "71.35")]


def test_an_order_of_which_nothing_is_sold_any_more_is_not_copied(hers, order, problem, flour):
    type(flour).objects.update(active=False)
    problem(hers.post(f"{order}/copy"), 422, "nothing-to-copy")


def test_copying_takes_no_body_but_an_empty_object(hers, problem, order):
    problem(hers.post(f"{order}/copy", {"reference": "x"}), 422, "invalid")
    assert hers.post(f"{order}/copy", {}).status_code == 201

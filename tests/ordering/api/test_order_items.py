"""/orders/<id>/items."""

import pytest


def quantities(answer):
    return {line["sku"]: line["quantity"] for line in answer.json()["lines"]}


def test_one_item_is_added_to_its_line(hers, his, order):
    answer = his.post(f"{order}/items", {"sku": "FLR-25", "quantity": 3})
    assert (answer.status_code, answer["ETag"]) == (200, '"4"')
    assert quantities(answer) == {"FLR-25": 5, "BUT-10": 1}
    assert answer.content == hers.get(order).content


def test_several_items_are_added_all_or_none(hers, problem, order):
    several = [{"sku": "FLR-25", "quantity": 1}, {"sku": "BUT-10", "quantity": 1}]
    assert quantities(hers.post(f"{order}/items", {"items": several})) == {"FLR-25": 3, "BUT-10": 2}
    several.append({"sku": "NOPE", "quantity": 1})
    problem(hers.post(f"{order}/items", {"items": several}), 422, "no-such-product")
    assert quantities(hers.get(order)) == {"FLR-25": 3, "BUT-10": 2}


def test_adding_merges_with_whatever_came(hers, his, order):
    his.patch(f"{order}/items/FLR-25", {"quantity": 9})
    answer = hers.post(f"{order}/items", {"sku": "FLR-25", "quantity": 1}, If_Match='"1"')
    assert quantities(answer)["FLR-25"] == 10


@pytest.mark.parametrize(
    "body",
    [
        {"sku": "FLR-25", "quantity": 0},
        {"sku": "FLR-25", "quantity": 10_000},
        {"sku": "FLR-25", "quantity": True},
        {"sku": "FLR-25", "quantity": 1.0},
        {"sku": "FLR-25", "quantity": "1"},
        {"sku": "FLR-25"},
        {"quantity": 1},
        {"sku": "", "quantity": 1},
        {"sku": "FLR-25", "quantity": 1, "price": "0.01"},
        {"items": []},
        {"items": [{"sku": "FLR-25", "quantity": 1}] * 501},
        {"items": [{"sku": "FLR-25", "quantity": 0}]},
        {"items": [{"sku": "FLR-25", "quantity": 1}], "sku": "FLR-25", "quantity": 1},
        {},
        [{"sku": "FLR-25", "quantity": 1}],
        "FLR-25",
        None,
    ],
)
def test_items_that_do_not_fit_are_refused(hers, problem, order, body):
    problem(hers.call("POST", f"{order}/items", body), 422, "invalid")
    assert hers.get(order).json()["version"] == 3


def test_a_line_holds_no_more_than_9999(hers, problem, order):
    answer = hers.post(f"{order}/items", {"sku": "FLR-25", "quantity": 9_998})
    problem(answer, 422, "line-full")
    assert hers.post(f"{order}/items", {"sku": "FLR-25", "quantity": 9_997}).status_code == 200


# --- /orders/<id>/items/<sku> ---------------------------------------------------------------------


def test_a_quantity_is_set(hers, order):
    answer = hers.patch(f"{order}/items/FLR-25", {"quantity": 7}, If_Match='"3"')
    assert (answer.status_code, answer["ETag"]) == (200, '"4"')
    assert quantities(answer)["FLR-25"] == 7
    assert hers.patch(f"{order}/items/FLR-25", {"quantity": 7})["ETag"] == '"4"'


@pytest.mark.parametrize(
    "body", [{"quantity": 0}, {"quantity": 10_000}, {"quantity": None}, {}, {"quantity": 1, "a": 1}]
)
def test_a_quantity_that_does_not_fit_is_refused(hers, problem, order, body):
    problem(hers.patch(f"{order}/items/FLR-25", body), 422, "invalid")


def test_a_quantity_that_a_colleague_changed_is_a_conflict(hers, his, order, problem):
    his.patch(f"{order}/items/FLR-25", {"quantity": 8})
    his.post(f"{order}/items", {"sku": "BUT-10", "quantity": 1})
    answer = hers.patch(f"{order}/items/FLR-25", {"quantity": 7}, If_Match='"3"')
    body = problem(answer, 409, "conflict")
    assert body["current"] == hers.get(order).json()
    # All of what she had not seen, not only what collides.
    assert [event["version"] for event in body["events"]] == [4, 5]
    assert hers.patch(f"{order}/items/BUT-10", {"quantity": 7}).status_code == 200


def test_a_line_that_is_not_there_is_not_found(hers, problem, order):
    for sku in ("NOPE", "%00", "%F0%9F%A5%90"):
        problem(hers.patch(f"{order}/items/{sku}", {"quantity": 1}), 404, "no-such-line")


def test_a_line_is_removed_and_removing_it_again_changes_nothing(hers, order):
    answer = hers.delete(f"{order}/items/FLR-25")
    assert (answer.status_code, answer["ETag"]) == (200, '"4"')
    assert quantities(answer) == {"BUT-10": 1}
    assert hers.delete(f"{order}/items/FLR-25")["ETag"] == '"4"'
    assert hers.delete(f"{order}/items/NOPE")["ETag"] == '"4"'


def test_a_line_that_a_colleague_changed_is_not_removed_unseen(hers, his, order, problem):
    his.patch(f"{order}/items/FLR-25", {"quantity": 8})
    problem(hers.delete(f"{order}/items/FLR-25", If_Match='"3"'), 409, "conflict")
    assert quantities(hers.get(order))["FLR-25"] == 8


def test_a_body_that_a_removal_does_not_need_is_left_out(hers, order):
    answer = hers.call("DELETE", f"{order}/items/FLR-25", raw="{", kind="text/plain")
    assert answer.status_code == 200

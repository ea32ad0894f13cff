"""/orders/<id>: looking at it, and its details."""

import uuid

import pytest


def test_an_order_says_all_of_itself(hers, his, order):
    answer = his.get(order)
    assert (answer.status_code, answer["ETag"]) == (200, '"3"')
    said = answer.json()
    assert f"orders/{said['id']}" == order
    assert said["lines"] == [
        {
            "sku": "FLR-25",
            "name": "Plain wheat flour",
            "unit": "25 kg sack",
            "quantity": 2,
            "unit_price": "24.90",
            "line_total": "49.80",
        },
        {
            "sku": "BUT-10",
            "name": "Butter",
            "unit": "10 kg box",
            "quantity": 1,
            "unit_price": "71.35",
            "line_total": "71.35",
        },
    ]
    assert (said["total"], said["currency"], said["line_count"]) == ("121.15", "EUR", 2)
    assert (said["status"], said["version"], said["opened_by"]) == ("open", 3, "alice")
    assert (said["closed_by"], said["closed_at"], said["copied_from"]) == (None, None, None)


def test_who_has_the_version_already_is_told_so_without_a_body(hers, order):
    for tag in ('"3"', 'W/"3"', '"1", "3"', "*"):
        answer = hers.get(order, If_None_Match=tag)
        assert (answer.status_code, answer.content) == (304, b"")
        assert answer["ETag"] == '"3"'
        assert "Content-Type" not in answer
    for tag in ('"2"', "3", '"33"', "nonsense"):
        assert hers.get(order, If_None_Match=tag).status_code == 200


def test_an_order_is_shown_as_it_was(hers, his, order):
    his.patch(f"{order}/items/FLR-25", {"quantity": 9})
    was = hers.get(f"{order}?at_version=2")
    assert (was.status_code, was["ETag"]) == (200, '"2"')
    assert [(line["sku"], line["quantity"]) for line in was.json()["lines"]] == [("FLR-25", 2)]
    assert was.json()["changed_by"] == "alice"
    assert hers.get(f"{order}?at_version=4").content == hers.get(order).content
    assert hers.get(f"{order}?at_version=2", If_None_Match='"2"').status_code == 304


@pytest.mark.parametrize("version", ["0", "-1", "x", "1.5", "2147483648", "9" * 5000])
def test_a_version_that_cannot_be_is_refused(hers, problem, order, version):
    problem(hers.get(f"{order}?at_version={version}"), 422, "invalid")


def test_a_version_that_is_not_there_yet_is_not_found(hers, problem, order):
    body = problem(hers.get(f"{order}?at_version=4"), 404, "no-such-version")
    assert "at version 3" in body["detail"]


def test_an_address_that_is_no_orders_is_not_found(hers, problem):
    for path in ("orders/1", f"orders/{uuid.uuid4()}x", "orders/", f"orders/{uuid.uuid4()}/nope"):
        problem(hers.get(path), 404, "not-found")


# --- Details --------------------------------------------------------------------------------------


def test_reference_and_note_change_one_by_one(hers, his, order):
    answer = hers.patch(order, {"reference": "Saturday"}, If_Match='"3"')
    assert (answer.status_code, answer["ETag"]) == (200, '"4"')
    assert answer.json()["reference"] == "Saturday"
    # He had not seen it, but wrote something else.
    answer = his.patch(order, {"note": "Ring twice"}, If_Match='"3"')
    assert answer.status_code == 200
    assert (answer.json()["reference"], answer.json()["note"]) == ("Saturday", "Ring twice")
    assert answer.json()["changed_by"] == "bob"


def test_what_is_so_already_changes_nothing(hers, order):
    for body in ({}, {"reference": "Friday"}):
        assert hers.patch(order, body)["ETag"] == '"3"'


def test_details_that_a_colleague_changed_are_a_conflict(hers, his, order, problem):
    his.patch(order, {"reference": "Saturday"})
    body = problem(hers.patch(order, {"reference": "Sunday"}, If_Match='"3"'), 409, "conflict")
    assert body["current"] == hers.get(order).json()
    [event] = body["events"]
    assert (event["version"], event["type"], event["actor"]) == (4, "DetailsChanged", "bob")
    assert event["data"] == {"reference": "Saturday", "note": None}
    assert hers.patch(order, {"reference": "Sunday"}, If_Match='"4"').status_code == 200


@pytest.mark.parametrize("body", [{"reference": "x" * 81}, {"note": 1}, {"version": 3}])
def test_details_that_do_not_fit_are_refused(hers, problem, order, body):
    problem(hers.patch(order, body), 422, "invalid")


# --- If-Match -------------------------------------------------------------------------------------


@pytest.mark.parametrize("tag", ["", "3", '"x"', '"3", "4"', "W/3", '"1234567890"', "“3”", '"-1"'])
def test_a_damaged_if_match_is_malformed_on_each_change(hers, problem, order, tag):
    item = {"sku": "FLR-25", "quantity": 1}
    for method, path, body in (
        ("PATCH", order, {"note": "x"}),
        ("POST", f"{order}/items", item),
        ("PATCH", f"{order}/items/FLR-25", {"quantity": 1}),
        ("DELETE", f"{order}/items/FLR-25", None),
        ("POST", f"{order}/complete", None),
        ("POST", f"{order}/cancel", None),
    ):
        problem(hers.call(method, path, body, If_Match=tag), 400, "malformed")
    assert hers.get(order).json()["version"] == 3


def test_a_version_that_nobody_can_have_seen_is_refused(hers, problem, order):
    answer = hers.patch(f"{order}/items/FLR-25", {"quantity": 1}, If_Match='"9"')
    assert "at version 3" in problem(answer, 422, "unknown-version")["detail"]


def test_any_version_will_do_with_a_star_or_a_weak_tag(hers, his, order):
    his.patch(f"{order}/items/FLR-25", {"quantity": 9})
    assert hers.patch(f"{order}/items/FLR-25", {"quantity": 1}, If_Match="*").status_code == 200
    assert hers.patch(order, {"note": "x"}, If_Match='W/"5"').status_code == 200

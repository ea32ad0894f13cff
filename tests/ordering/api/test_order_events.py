"""/orders/<id>/events: what happened to an order, as its agents may see it."""

import pytest


def versions(answer):
    return [event["version"] for event in answer.json()["items"]]


def test_the_events_of_an_order_are_told_in_order(hers, his, order):
    his.patch(f"{order}/items/FLR-25", {"quantity": 9})
    answer = hers.get(f"{order}/events")
    assert answer.status_code == 200
    opened, *_, changed = answer.json()["items"]
    number = hers.get(order).json()["number"]
    assert opened == {
        "version": 1,
        "type": "OrderOpened",
        "data": {
            "number": number,
            "currency": "EUR",
            "reference": "Friday",
            "note": "",
            "copied_from": None,
        },
        "actor": "alice",
        "recorded_at": hers.get(order).json()["opened_at"],
    }
    assert (changed["type"], changed["actor"]) == ("QuantityChanged", "bob")
    assert changed["data"] == {"sku": "FLR-25", "quantity": 9}
    assert answer.json()["next"] is None


def test_pages_follow_one_another(hers, order):
    hers.patch(order, {"note": "x"})
    found, after = [], 0
    while after is not None:
        page = hers.get(f"{order}/events?limit=2&after={after}")
        found += versions(page)
        after = page.json()["next"]
    assert found == [1, 2, 3, 4]


def test_after_the_last_event_there_is_nothing_yet(hers, order):
    for after in (3, 2**31 - 1):
        answer = hers.get(f"{order}/events?after={after}")
        assert answer.json() == {"items": [], "next": None}


@pytest.mark.parametrize("asked", ["after=-1", "after=x", "after=2147483648", "limit=0", "a=1"])
def test_what_cannot_be_asked_is_refused(hers, problem, order, asked):
    problem(hers.get(f"{order}/events?{asked}"), 422, "invalid")


def test_who_is_gone_is_someone(hers, his, order, bob):
    his.patch(order, {"note": "x"})
    bob.delete()
    assert hers.get(f"{order}/events?after=3").json()["items"][0]["actor"] == "someone"
    assert hers.get(order).json()["changed_by"] == "someone"

"""What is another customer's looks exactly like what is not there."""

import uuid

import pytest

from eventstore.models import Event
from ordering.api.models import ApiToken

ITEM = {"sku": "FLR-25", "quantity": 1}
CALLS = [
    ("GET", "", None),
    ("GET", "?at_version=1", None),
    ("GET", "?at_version=99", None),
    ("HEAD", "", None),
    ("PATCH", "", {"note": "x"}),
    ("PATCH", "", {"color": "x"}),
    ("POST", "/items", ITEM),
    ("POST", "/items", {"sku": "NOPE", "quantity": 1}),
    ("POST", "/items", {"items": []}),
    ("PATCH", "/items/FLR-25", {"quantity": 1}),
    ("PATCH", "/items/NOPE", {"quantity": 1}),
    ("DELETE", "/items/FLR-25", None),
    ("POST", "/complete", None),
    ("POST", "/cancel", {"reason": "x"}),
    ("POST", "/copy", None),
    ("GET", "/events", None),
    ("GET", "/events?after=1", None),
    ("GET", "/live", None),
    ("PUT", "", None),
    ("GET", "/nope", None),
]


def told(answer):
    """All that a caller can see of an answer, but for what differs from request to request."""
    differ = {"X-Request-ID", "Expires"}
    headers = {name: value for name, value in answer.items() if name not in differ}
    return answer.status_code, headers, answer.content


@pytest.mark.parametrize(
    "headers",
    [{}, {"If_Match": '"1"'}, {"If_Match": '"3"'}, {"If_Match": "*"}, {"If_None_Match": '"3"'}],
)
def test_anothers_order_and_a_missing_one_are_answered_alike(strangers, order, headers):
    before = Event.objects.count()
    missing = f"orders/{uuid.uuid4()}"
    for method, path, body in CALLS:
        ours, none = (
            told(strangers.call(method, f"{which}{path}", body, **headers))
            for which in (order, missing)
        )
        assert ours == none, (method, path)
        assert ours[0] >= 400, (method, path)
    assert Event.objects.count() == before


def test_also_when_a_key_is_sent_and_sent_again(strangers, order):
    missing = f"orders/{uuid.uuid4()}"
    for key, (method, path, body) in enumerate(CALLS):
        for _ in range(2):
            headers = {"If_Match": '"3"'}
            ours, none = (
                told(
                    strangers.call(
                        method, f"{one}{path}", body, Idempotency_Key=f"{key}-{one}", **headers
                    )
                )
                for one in (order, missing)
            )
            assert ours == none, (method, path)


def test_also_when_the_order_cannot_be_read(strangers, order, hers, problem):
    Event.objects.create(
        stream_id=order.removeprefix("orders/"),
        version=4,
        type="OrderEaten",
        schema_version=1,
        data={},
        metadata={},
    )
    for method, path, body in CALLS:
        if body is None or "color" not in body:
            missing = f"orders/{uuid.uuid4()}"
            ours, none = (
                told(strangers.call(method, f"{one}{path}", body)) for one in (order, missing)
            )
            assert ours == none, path
    # Whose it is is told.
    problem(hers.post(f"{order}/copy"), 500, "unreadable-order")
    problem(hers.patch(order, {"note": "x"}), 500, "unreadable-order")
    problem(hers.get(f"{order}/events"), 500, "unreadable-order")
    assert hers.get(order).status_code == 200


def test_an_agent_who_changed_to_another_customer_sees_that_ones_orders(
    hers, order, alice, northgate, problem
):
    alice.customer = northgate
    alice.save()
    problem(hers.get(order), 404, "no-such-order")
    assert hers.get("orders").json()["items"] == []
    assert ApiToken.objects.in_use().count() == 1

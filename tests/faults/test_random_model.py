"""Random commands over HTTP, against a model: answers, pages, read rows and store agree."""

import uuid

import hypothesis
import pytest
from django.db import connection
from django.test import Client
from hypothesis import HealthCheck
from hypothesis import strategies as some
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    initialize,
    rule,
    run_state_machine_as_test,
)

from ordering.api.models import ApiToken
from ordering.handling import ORDER
from ordering.models import OrderHead, OrderLine
from tests.factories import ProductFactory
from tests.faults import conftest
from tests.faults.judging import Store
from tests.faults.orders_model import Answer, ModelOrder

SKUS = ("FLR-25", "BUT-10", "YST-1")
QUANTITIES = some.one_of(some.integers(1, 4), some.sampled_from([9_998, 9_999]))
TEXTS = some.sampled_from(["", "Friday", "Sunday", "Ring twice"])
BEHIND = some.one_of(some.none(), some.integers(0, 3))
"""How many versions the sender has not seen; None: they do not say what they saw."""
counted = {"runs": 0, "steps": 0, "answers": {}}


class OrdersOverHttp(RuleBasedStateMachine):
    """`clients`: of each agent, one with a token."""

    clients: dict[str, Client]
    orders = Bundle("orders")

    def __init__(self):
        super().__init__()
        self.model: dict[str, ModelOrder] = {}
        self.sent: list[tuple] = []
        counted["runs"] += 1

    # --- Asking -------------------------------------------------------------------------------

    def ask(self, by, method, path, body, key, seen=None):
        headers = {"Idempotency-Key": key}
        if seen is not None:
            headers["If-Match"] = f'"{seen}"'
        client = self.clients[by]
        sent = {} if body is None else {"data": body, "content_type": "application/json"}
        return getattr(client, method)(f"/api/v1/{path}", headers=headers, **sent)

    def sends(self, by, method, path, body, seen, expected: Answer):
        """A command with a new key; its answer is that of the model."""
        key = str(uuid.uuid4())
        answer = self.ask(by, method, path, body, key, seen)
        said = answer.json()
        code = "" if answer.status_code < 300 else said["type"].rsplit("/")[-1]
        asked = (by, method, path, body, seen)
        assert (answer.status_code, code) == (expected.status, expected.code), (asked, said)
        self.sent.append((asked, key, answer))
        counted["steps"] += 1
        counted["answers"][expected.status] = counted["answers"].get(expected.status, 0) + 1
        return said

    def changes(self, by, order, method, path, body, seen, expected: Answer):
        said = self.sends(by, method, f"orders/{order.id}{path}", body, seen, expected)
        if expected.status == 200:
            self.is_shown(order, said)
        elif expected.status == 409:
            self.is_shown(order, said["current"])

    @staticmethod
    def is_shown(order: ModelOrder, said: dict):
        shown = {name: said[name] for name in ("id", "status", "reference", "note", "version")}
        assert shown == {name: getattr(order, name) for name in shown}
        assert [(line["sku"], line["quantity"]) for line in said["lines"]] == [*order.lines.items()]

    def seen_of(self, order, behind) -> int | None:
        return None if behind is None else max(1, order.version - behind)

    # --- Commands -----------------------------------------------------------------------------

    def opened(self, said) -> str:
        self.model[said["id"]] = order = ModelOrder(
            said["id"], reference=said["reference"], note=said["note"]
        )
        return order.id

    @initialize(target=orders)
    def begin(self):
        return self.opened(self.sends("alice", "post", "orders", {}, None, Answer(201)))

    @rule(target=orders, by=some.sampled_from(["alice", "bob"]), reference=TEXTS, note=TEXTS)
    def open(self, by, reference, note):
        body = {"reference": reference, "note": note}
        said = self.sends(by, "post", "orders", body, None, Answer(201))
        self.is_shown(ModelOrder(said["id"], reference, note), said)
        return self.opened(said)

    @rule(
        by=some.sampled_from(["alice", "bob"]), of=orders, sku=some.sampled_from(SKUS), n=QUANTITIES
    )
    def add(self, by, of, sku, n):
        order = self.model[of]
        body = {"sku": sku, "quantity": n}
        self.changes(by, order, "post", "/items", body, None, order.add(sku, n))

    @rule(
        by=some.sampled_from(["alice", "bob"]),
        of=orders,
        sku=some.sampled_from(SKUS),
        n=QUANTITIES,
        behind=BEHIND,
    )
    def set_quantity(self, by, of, sku, n, behind):
        order = self.model[of]
        seen = self.seen_of(order, behind)
        expected = order.set(sku, n, seen)
        self.changes(by, order, "patch", f"/items/{sku}", {"quantity": n}, seen, expected)

    @rule(
        by=some.sampled_from(["alice", "bob"]),
        of=orders,
        sku=some.sampled_from(SKUS),
        behind=BEHIND,
    )
    def remove(self, by, of, sku, behind):
        order = self.model[of]
        seen = self.seen_of(order, behind)
        self.changes(by, order, "delete", f"/items/{sku}", None, seen, order.remove(sku, seen))

    @rule(
        by=some.sampled_from(["alice", "bob"]),
        of=orders,
        wanted=some.dictionaries(some.sampled_from(["reference", "note"]), TEXTS, min_size=1),
        behind=BEHIND,
    )
    def change_details(self, by, of, wanted, behind):
        order = self.model[of]
        seen = self.seen_of(order, behind)
        self.changes(by, order, "patch", "", wanted, seen, order.details(wanted, seen))

    @rule(by=some.sampled_from(["alice", "bob"]), of=orders, behind=some.integers(0, 1))
    def complete(self, by, of, behind):
        self.close(by, of, "complete", "completed", behind)

    @rule(by=some.sampled_from(["alice", "bob"]), of=orders, behind=BEHIND)
    def cancel(self, by, of, behind):
        self.close(by, of, "cancel", "cancelled", behind)

    def close(self, by, of, verb, status, behind):
        order = self.model[of]
        seen = self.seen_of(order, behind)
        self.changes(by, order, "post", f"/{verb}", {}, seen, order.close(status, seen))

    # --- Sent again, and by others ------------------------------------------------------------

    @rule(data=some.data())
    def send_again(self, data):
        (by, method, path, body, seen), key, first = data.draw(some.sampled_from(self.sent))
        again = self.ask(by, method, path, body, key, seen)
        assert (again.status_code, again.content) == (first.status_code, first.content)
        assert again["Idempotency-Replayed"] == "true"

    @rule(data=some.data())
    def send_something_else_with_the_same_key(self, data):
        (by, _, _, _, _), key, _ = data.draw(some.sampled_from(self.sent))
        answer = self.ask(by, "post", "orders", {"reference": "something else"}, key)
        assert answer.status_code == 422
        assert answer.json()["type"].endswith("/reused-key")

    @rule(of=orders, sku=some.sampled_from(SKUS))
    def a_stranger_tries(self, of, sku):
        key = str(uuid.uuid4())
        body = {"sku": sku, "quantity": 1}
        there = self.ask("charlie", "post", f"orders/{of}/items", body, key)
        nowhere = self.ask("charlie", "post", f"orders/{uuid.uuid4()}/items", body, f"{key}-")
        assert (there.status_code, there.content) == (404, nowhere.content)

    # --- At the end ---------------------------------------------------------------------------

    def teardown(self):
        """What is stored, what is folded and what is shown are one."""
        for order in self.model.values():
            self.is_shown(order, self.clients["bob"].get(f"/api/v1/orders/{order.id}").json())
            folded, version = ORDER.load(uuid.UUID(order.id))
            assert version == order.version
            assert {sku: line.quantity for sku, line in folded.lines.items()} == order.lines
            assert (folded.status.value, folded.reference) == (order.status, order.reference)
            head = OrderHead.objects.get(pk=order.id)
            assert (head.version, head.status, head.note) == (version, order.status, order.note)
            rows = OrderLine.objects.filter(order_id=order.id).order_by("added_version")
            assert dict(rows.values_list("sku", "quantity")) == order.lines


@pytest.mark.django_db(transaction=True)
def test_whatever_agents_send_the_shop_does_what_the_model_says(
    alice, bob, charlie, settings, form, figure
):
    settings.API_RATE = "1000000/minute"
    for sku in SKUS:
        ProductFactory(sku=sku)

    class Run(OrdersOverHttp):
        clients = {
            agent.username: Client(
                headers={"Authorization": f"Bearer {ApiToken.make(agent, 'faults')[1]}"}
            )
            for agent in (alice, bob, charlie)
        }

    hypothesis.seed(conftest.SEED)(Run)
    run_state_machine_as_test(
        Run,
        settings=hypothesis.settings(
            max_examples=form.of(full=2000, short=20),
            stateful_step_count=form.of(full=50, short=30),
            deadline=None,
            database=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
    with connection.cursor() as cursor:
        Store(cursor).is_sound()
    figure("random model", **counted)

"""Programs that meet: the same key at once, and two who change one order."""

import os
import random
import uuid

import pytest

from eventstore.models import Event
from tests.concurrency import at_once

pytestmark = pytest.mark.django_db(transaction=True)

ROUNDS = int(os.environ.get("ROUNDS", "20"))
INTENTS = int(os.environ.get("INTENTS", "15"))
SKUS = ["FLR-25", "BUT-10"]


def test_the_same_key_at_once_has_one_effect_and_one_answer(hers, order, client_of):
    programs = [client_of(hers) for _ in range(4)]
    chance = random.Random(ROUNDS)

    def send(program, method, path, body, key):
        answer = program.call(method, path, body, Idempotency_Key=key)
        return answer.status_code, answer.content, answer["ETag"], answer.get("Location")

    for n in range(ROUNDS):
        before = Event.objects.count()
        quantity = chance.randint(1, 40)
        call = [
            ("POST", "orders", {"reference": f"Round {n}"}),
            ("POST", f"{order}/items", {"sku": "FLR-25", "quantity": quantity}),
            ("PATCH", f"{order}/items/BUT-10", {"quantity": n + 2}),
            ("PATCH", order, {"note": f"Round {n}"}),
            ("POST", f"{order}/copy", None),
        ][n % 5]
        key = str(uuid.uuid4())
        answers = at_once(lambda program: send(program, *call, key), programs)  # noqa: B023
        assert len(set(answers)) == 1, answers
        assert answers[0][0] in (200, 201)
        # A copy is opened and filled in one go.
        assert Event.objects.count() - before == (3 if call[1].endswith("/copy") else 1)


def test_the_same_key_at_once_for_two_things_does_one_of_them(hers, order, client_of):
    programs = [client_of(hers) for _ in range(4)]
    for n in range(max(3, ROUNDS // 10)):
        before = Event.objects.count()
        bodies = [{"sku": "FLR-25", "quantity": 1 + i % 2} for i in range(4)]
        answers = at_once(
            lambda pair: pair[0].post(f"{order}/items", pair[1], Idempotency_Key=f"{n}"),  # noqa: B023
            zip(programs, bodies, strict=True),
        )
        assert sorted(answer.status_code for answer in answers) == [200, 200, 422, 422]
        assert Event.objects.count() == before + 1


def test_who_follows_every_409_ends_right(hers, his, order, client_of):
    """Each wants to add to what is there, by setting quantities: only a program that knows what is
    there now can. What was acknowledged adds up to what the order holds. One sets even quantities
    and the other odd ones, since what has come true already is no conflict."""

    def follow(agent):
        program, odd = client_of(agent[0]), agent[1]
        chance = random.Random(odd)
        known = program.get(order).json()
        added, conflicts = dict.fromkeys(SKUS, 0), 0
        for _ in range(INTENTS):
            sku, some = chance.choice(SKUS), chance.randint(0, 3)
            while True:
                had = {line["sku"]: line["quantity"] for line in known["lines"]}[sku]
                more = 2 * some + (1 if (had + 1) % 2 == odd else 2)
                answer = program.patch(
                    f"{order}/items/{sku}",
                    {"quantity": had + more},
                    If_Match=f'"{known["version"]}"',
                    Idempotency_Key=str(uuid.uuid4()),
                )
                body = answer.json()
                if answer.status_code == 200:
                    known = body
                    added[sku] += more
                    break
                assert answer.status_code == 409, body
                assert body["type"].endswith("/conflict")
                unseen = [event["version"] for event in body["events"]]
                now = body["current"]["version"]
                assert unseen == list(range(known["version"] + 1, now + 1))
                assert any(event["data"].get("sku") == sku for event in body["events"])
                known, conflicts = body["current"], conflicts + 1
        return added, conflicts

    results = at_once(follow, [(hers, 0), (his, 1)])
    order_now = hers.get(order).json()
    held = {line["sku"]: line["quantity"] for line in order_now["lines"]}
    for sku, at_first in (("FLR-25", 2), ("BUT-10", 1)):
        assert held[sku] == at_first + sum(added[sku] for added, _ in results)
    assert order_now["version"] == 3 + 2 * INTENTS
    conflicts = sum(met for _, met in results)
    print(f"{2 * INTENTS} changes, {conflicts} conflicts")  # noqa: T201  (pytest -s shows it)

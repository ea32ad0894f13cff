"""Programs that call the API: each agent's, by a token of its own."""

import json
import uuid

import pytest
from django.test import Client

from ordering.api.models import ApiToken


class Program:
    """The test client with a token; None: without one."""

    def __init__(self, client, secret=None):
        self.client, self.secret = client, secret
        self.headers = {"Authorization": f"Bearer {secret}"} if secret else {}

    def call(self, method, path, body=None, *, raw=None, kind="application/json", **headers):
        headers = {name.replace("_", "-"): value for name, value in headers.items()}
        sent = {} if body is None and raw is None else {"content_type": kind}
        data = raw if raw is not None else "" if body is None else json.dumps(body)
        return self.client.generic(
            method, f"/api/v1/{path}", data, **sent, headers=self.headers | headers
        )

    def get(self, path, **headers):
        return self.call("GET", path, **headers)

    def post(self, path, body=None, **headers):
        return self.call("POST", path, body, **headers)

    def patch(self, path, body, **headers):
        return self.call("PATCH", path, body, **headers)

    def delete(self, path, **headers):
        return self.call("DELETE", path, **headers)

    def opened(self, *items, **details):
        """The path of a new order with `items`, pairs of sku and quantity."""
        answer = self.post("orders", details, Idempotency_Key=str(uuid.uuid4()))
        path = f"orders/{answer.json()['id']}"
        if items:
            added = [{"sku": sku, "quantity": quantity} for sku, quantity in items]
            assert self.post(f"{path}/items", {"items": added}).status_code == 200
        return path


@pytest.fixture
def program(client):
    """A program of an agent; None: of nobody."""

    def program(agent=None):
        return Program(client, ApiToken.make(agent, "test")[1] if agent else None)

    return program


@pytest.fixture
def hers(program, alice):
    return program(alice)


@pytest.fixture
def his(program, bob):
    return program(bob)


@pytest.fixture
def strangers(program, charlie):
    return program(charlie)


@pytest.fixture
def order(hers, flour, butter):
    """The path of Alice's open order of 2 x FLR-25 and 1 x BUT-10, at version 3."""
    return hers.opened(("FLR-25", 2), ("BUT-10", 1), reference="Friday")


@pytest.fixture
def problem():
    """Asserts that an answer is a problem of a kind, and returns its body."""

    def problem(answer, status, code):
        said = answer.content.decode()
        assert (answer.status_code, answer["Content-Type"]) == (
            status,
            "application/problem+json",
        ), said
        body = json.loads(said)
        assert body["type"] == f"/api/v1/problems/{code}", said
        assert body["status"] == status
        assert body["title"]
        assert body["detail"]
        assert answer["Cache-Control"] == "no-store"
        return body

    return problem


@pytest.fixture
def client_of():
    """The same program with a client of its own, for a thread."""
    return lambda program: Program(Client(), program.secret)

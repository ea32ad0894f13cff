"""The documentation is true: OpenAPI 3.1, and what is sent fits it."""

import json
import re

import jsonschema_rs
import pytest

from ordering.api.problems import CODES, EXPLANATIONS, STATUSES
from ordering.domain.refusal import MESSAGES


@pytest.fixture
def openapi(client, db):
    answer = client.get("/api/v1/openapi.json")
    assert answer.status_code == 200
    return answer.json()


@pytest.fixture
def fits(openapi):
    """Asserts that an answer is documented, with its headers and its body."""

    def fits(answer, path, method="get"):
        responses = openapi["paths"][f"/api/v1/{path}"][method]["responses"]
        said = responses[str(answer.status_code)]
        for name, header in said.get("headers", {}).items():
            assert name in answer or not header["required"], name
        if kinds := said.get("content"):
            schema = kinds[answer["Content-Type"]]["schema"]
            whole = schema | {"components": openapi["components"]}
            jsonschema_rs.Draft202012Validator(whole, validate_formats=True).validate(
                json.loads(answer.content)
            )
        else:
            assert answer.content == b""

    return fits


def test_it_is_valid_openapi_3_1(openapi, fits):
    assert openapi["openapi"].startswith("3.1")
    dialect = "https://json-schema.org/draft/2020-12/schema"
    for schema in openapi["components"]["schemas"].values():
        jsonschema_rs.meta.validate({"$schema": dialect} | schema)
    text = json.dumps(openapi)
    for name in set(re.findall("#/components/schemas/([A-Za-z]+)", text)):
        assert name in openapi["components"]["schemas"]
    for path, operations in openapi["paths"].items():
        for method, operation in operations.items():
            names = {one["name"] for one in operation["parameters"] if one["in"] == "path"}
            assert names == set(re.findall("{([a-z_]+)}", path)), (method, path)
            assert operation["description"]
            assert {str(code) for code in (400, 401, 429, 503)} < set(operation["responses"])


def test_every_call_of_the_contract_is_there(openapi):
    found = {
        (method.upper(), path) for path, methods in openapi["paths"].items() for method in methods
    }
    order = "/api/v1/orders/{order_id}"
    assert found == {
        ("GET", "/api/v1/products"),
        ("GET", "/api/v1/products/{sku}"),
        ("GET", "/api/v1/orders"),
        ("POST", "/api/v1/orders"),
        ("GET", order),
        ("PATCH", order),
        ("POST", f"{order}/items"),
        ("PATCH", f"{order}/items/{{sku}}"),
        ("DELETE", f"{order}/items/{{sku}}"),
        ("POST", f"{order}/complete"),
        ("POST", f"{order}/cancel"),
        ("POST", f"{order}/copy"),
        ("GET", f"{order}/events"),
        ("GET", f"{order}/live"),
        ("GET", "/api/v1/events"),
    }


def test_what_is_sent_fits_it(fits, hers, his, order, program):
    path = "orders/{order_id}"
    fits(hers.get("products?limit=1"), "products")
    fits(hers.get("products/FLR-25"), "products/{sku}")
    fits(hers.get("products/NOPE"), "products/{sku}")
    fits(hers.post("orders", {"note": "x"}), "orders", "post")
    fits(hers.post("orders", {"color": "x"}), "orders", "post")
    fits(hers.get("orders?limit=1"), "orders")
    fits(program().get("orders"), "orders")
    fits(hers.get(order), path)
    fits(hers.get(order, If_None_Match='"3"'), path)
    fits(hers.get(f"{order}?at_version=1"), path)
    fits(hers.get(f"{order}?at_version=99"), path)
    fits(his.patch(order, {"reference": "Saturday"}), path, "patch")
    fits(hers.patch(order, {"reference": "Sunday"}, If_Match='"3"'), path, "patch")
    fits(hers.post(f"{order}/complete"), f"{path}/complete", "post")
    fits(hers.delete(f"{order}/items/BUT-10"), f"{path}/items/{{sku}}", "delete")
    fits(hers.post(f"{order}/cancel", {"reason": "x"}), f"{path}/cancel", "post")
    fits(hers.get(order), path)
    item = {"sku": "FLR-25", "quantity": 1}
    fits(hers.post(f"{order}/items", item), f"{path}/items", "post")
    fits(hers.post(f"{order}/copy"), f"{path}/copy", "post")
    fits(hers.get(f"{order}/events"), f"{path}/events")
    fits(hers.get("events"), "events")
    fits(hers.get(f"{order}/live"), f"{path}/live")


def test_every_kind_of_problem_is_explained_where_its_type_leads(client, db):
    for code in {*CODES.values(), *EXPLANATIONS, *STATUSES, *MESSAGES}:
        answer = client.get(f"/api/v1/problems/{code}")
        assert answer.status_code == 200, code
        assert answer.json()["title"]
        assert answer.json()["explanation"]

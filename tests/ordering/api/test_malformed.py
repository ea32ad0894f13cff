"""What cannot be read is said to be so, with what was expected; never a 500."""

import json

import pytest
from django.urls import reverse

from shop.wsgi import application

PATH = "orders"


def deep(levels):
    return "[" * levels + "]" * levels


@pytest.mark.parametrize(
    "raw",
    [
        "{",
        "nope",
        " ",
        "{'note': 'x'}",
        '{"note": "x"} x',
        '{"note": "\\u0000"}',
        '{"\\u0000": "x"}',
        '{"note": "\\ud800"}',
        '{"note": "\\udc00\\ud800"}',
        '{"x": ["\\ud83d"]}',
        '{"note": NaN}',
        '{"note": -Infinity}',
        '{"note": 1e999}',
        '{"note": ' + "9" * 5000 + "}",
        '{"note": -' + "9" * 5000 + "}",
        '{"note": 0.' + "9" * 5000 + "}",
        '{"note": "a", "note": "b"}',
        '{"x": {"a": 1, "a": 2}}',
        '{"note": ' + deep(100) + "}",
        deep(100),
        deep(20_000),
        '{"a":' * 100 + "1" + "}" * 100,
        b"\xff\xfe{\x00}\x00",
        b'{"note": "\xc3"}',
        b'{"note": "\xed\xa0\x80"}',
        "\ufeff{}",
    ],
)
def test_json_that_is_none_or_too_much_is_malformed(hers, problem, raw):
    problem(hers.call("POST", PATH, raw=raw), 400, "malformed")


@pytest.mark.parametrize("raw", ["[]", '"x"', "5", "null", "true", deep(15), '{"note": 1e5}'])
def test_json_that_is_no_such_object_does_not_fit(hers, problem, raw):
    problem(hers.call("POST", PATH, raw=raw), 422, "invalid")


def test_an_empty_body_is_none(hers, problem):
    problem(hers.call("POST", PATH, raw=""), 422, "invalid")


def test_64_kib_is_the_most(hers, problem):
    fits = json.dumps({"note": ""})
    room = 64 * 1024 - len(fits)
    problem(hers.call("POST", PATH, raw=json.dumps({"note": "x" * room})), 422, "invalid")
    for more in (room + 1, 300 * 1024, 3 * 1024 * 1024):
        raw = json.dumps({"note": "x" * more})
        problem(hers.call("POST", PATH, raw=raw), 413, "too-large")


@pytest.mark.parametrize(
    "kind",
    [
        "text/plain",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
        "application/jsonp",
        "application/problem+json",
        "application/json; charset=latin-1",
        "application/json; charset=utf-16",
        "",
    ],
)
def test_another_content_type_is_refused(hers, problem, kind):
    problem(hers.call("POST", PATH, raw="{}", kind=kind), 415, "unsupported-media-type")


@pytest.mark.parametrize(
    "kind",
    [
        "application/json",
        "Application/JSON",
        "application/json; charset=utf-8",
        'application/json;charset="UTF-8"',
        "application/json ; charset=utf-8",
    ],
)
def test_json_in_utf8_is_read(hers, kind):
    raw = '{"note": "Crème brûlée 🥐"}'
    answer = hers.call("POST", PATH, raw=raw.encode(), kind=kind)
    assert (answer.status_code, answer.json()["note"]) == (201, "Crème brûlée 🥐")


def test_a_charset_that_the_server_refuses_is_a_problem_too(client):
    environ = client._base_environ(PATH_INFO="/api/v1/orders", REQUEST_METHOD="POST")
    environ["CONTENT_TYPE"] = "application/json; charset=utf-7"
    answered = []
    [body] = application(environ, lambda *answer: answered.append(answer))
    [(status, headers)] = answered
    assert status.startswith("415")
    assert dict(headers)["Content-Type"] == "application/problem+json"
    assert "utf-7" in json.loads(body)["detail"]


def test_a_body_that_is_sent_in_chunks_is_not_taken_for_none(hers, order, problem):
    answer = hers.call("POST", f"{order}/cancel", Transfer_Encoding="chunked")
    assert "Content-Length" in problem(answer, 400, "malformed")["detail"]
    assert hers.get(order).json()["status"] == "open"


def test_a_broken_rule_quotes_what_was_sent_harmlessly(hers, order, problem):
    item = {"sku": "<script>\u202e", "quantity": 1}
    body = problem(hers.post(f"{order}/items", item), 422, "no-such-product")
    assert "<script>" in body["detail"]
    assert reverse("api:problem", args=["no-such-product"]) == body["type"]

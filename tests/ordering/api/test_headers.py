"""What caches, proxies and clients rely on."""

import gzip

from tests.factories import ProductFactory


def test_no_cache_between_keeps_what_is_a_customers(hers, order):
    item = {"sku": "FLR-25", "quantity": 1}
    for answer in (
        hers.get("products"),
        hers.get("orders"),
        hers.get(order),
        hers.get(order, If_None_Match='"3"'),
        hers.get(f"{order}/events"),
        hers.post(f"{order}/items", item, Idempotency_Key="k"),
        hers.post(f"{order}/items", item, Idempotency_Key="k"),
    ):
        assert answer["Cache-Control"] == "private, no-cache"


def test_a_long_answer_is_compressed_unless_an_etag_stands_for_its_bytes(hers, order):
    for n in range(30):
        ProductFactory(sku=f"PRD-{n}")
    packed = hers.get("products", Accept_Encoding="gzip")
    assert packed["Content-Encoding"] == "gzip"
    assert gzip.decompress(packed.content) == hers.get("products").content
    plain = hers.get(order, Accept_Encoding="gzip")
    assert "Content-Encoding" not in plain
    assert plain["ETag"] == '"3"'


def test_every_get_can_be_asked_for_its_head(hers, program, order, problem):
    for path in ("products", "products/FLR-25", "orders", order, f"{order}/events", "openapi.json"):
        whole, head = hers.get(path), hers.call("HEAD", path)
        assert (head.status_code, head.content) == (200, b"")
        for name in ("Content-Type", "Content-Length", "Cache-Control", "ETag"):
            assert head.get(name) == whole.get(name), (path, name)
    assert hers.call("HEAD", order, If_None_Match='"3"').status_code == 304
    assert program().call("HEAD", order).status_code == 401


def test_an_answer_carries_the_id_of_its_request(hers, order):
    assert hers.get(order, X_Request_ID="till-4711")["X-Request-ID"] == "till-4711"


def test_nothing_of_it_may_be_framed_or_sniffed(hers, order):
    answer = hers.get(order)
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert "frame-ancestors 'none'" in answer["Content-Security-Policy"]


def test_the_root_leads_to_the_documentation(client, db):
    answer = client.get("/api/v1/")
    for address in answer.json().values():
        assert client.get(address).status_code == 200

"""A long history in no time: orders as the shop would have stored them, written by PostgreSQL."""

from collections.abc import Sequence

EVENTS_AN_ORDER = 20
ACTOR = "(%(actors)s::bigint[])[1 + n %% cardinality(%(actors)s::bigint[])]"

STREAMS = """
INSERT INTO eventstore_stream (id, category, version, created_at, actors)
SELECT md5('seeded ' || n)::uuid, 'order', %(each)s,
       timestamptz '2026-01-05 08:07+00' + n * interval '1 second', array[{actor}]
  FROM generate_series(%(after)s + 1, %(orders)s) AS n
"""
SIZES = """
UPDATE eventstore_stream SET bytes = size
  FROM (SELECT stream_id, sum(octet_length(data::text) + octet_length(metadata::text)) AS size
          FROM eventstore_event GROUP BY stream_id) AS sizes
 WHERE id = stream_id AND bytes = 0
"""
# Interleaved as agents would: the first events of all orders, then the second ones.
EVENTS = """
INSERT INTO eventstore_event
       (stream_id, version, type, schema_version, data, metadata, recorded_at)
SELECT md5('seeded ' || n)::uuid, version, type, 1, data,
       jsonb_build_object('actor', {actor}, 'source', 'seed',
                          'correlation_id', 'seed-' || n || '-' || version, 'causation_id', ''),
       timestamptz '2026-01-05 08:00+00' + n * interval '1 second' + version * interval '7 minutes'
  FROM generate_series(1, %(each)s) AS version,
       generate_series(%(after)s + 1, %(orders)s) AS n,
       LATERAL (SELECT (n + version * 7) %% 40 AS product) AS chosen,
       LATERAL (SELECT CASE
           WHEN version = 1 THEN 'OrderOpened'
           WHEN version = %(each)s THEN CASE n %% 10 WHEN 0 THEN 'OrderCancelled'
                                                     WHEN 1 THEN 'DetailsChanged'
                                                     ELSE 'OrderCompleted' END
           WHEN version %% 6 = 0 THEN 'QuantityChanged'
           ELSE 'ItemAdded' END AS type) AS kind,
       LATERAL (SELECT CASE type
           WHEN 'OrderOpened' THEN jsonb_build_object(
               'number', 'SE-2026-' || n, 'customer_id', %(customer)s, 'currency', 'EUR',
               'reference', 'seeded', 'note', '', 'copied_from', NULL)
           WHEN 'ItemAdded' THEN jsonb_build_object(
               'sku', 'PRD-' || product, 'name', 'Product ' || product, 'unit', '1 kg bag',
               'quantity', 1 + version %% 4, 'unit_price', '2.50')
           WHEN 'QuantityChanged' THEN jsonb_build_object(
               'sku', 'PRD-' || (n + (version - 1) * 7) %% 40, 'quantity', version)
           WHEN 'DetailsChanged' THEN jsonb_build_object('reference', 'changed', 'note', NULL)
           WHEN 'OrderCancelled' THEN jsonb_build_object('reason', '')
           ELSE jsonb_build_object('total', '99.00') END AS data) AS said
 ORDER BY version, n
"""


def seed_orders(
    connection,
    events: int,
    *,
    customer: int,
    actor: int,
    others: Sequence[int] = (),
    after: int = 0,
) -> int:
    """Store about as many events, of orders of EVENTS_AN_ORDER each; how many. `others` are actors
    who have an order each in turn with `actor`; `after` so many events stored like that before.
    `connection` has `execute` (a psycopg connection, or a Django cursor). Read rows are not
    written."""
    asked = {
        "after": after // EVENTS_AN_ORDER,
        "orders": max(1, (after + events) // EVENTS_AN_ORDER),
        "each": EVENTS_AN_ORDER,
        "customer": customer,
        "actors": [actor, *others],
    }
    connection.execute("SET transaction_timeout = 0")
    connection.execute(STREAMS.format(actor=ACTOR), asked)
    connection.execute(EVENTS.format(actor=ACTOR), asked)
    connection.execute(SIZES)
    connection.execute("ANALYZE eventstore_event, eventstore_stream")
    return (asked["orders"] - asked["after"]) * EVENTS_AN_ORDER

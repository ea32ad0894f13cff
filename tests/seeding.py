"""A long history in no time: orders as the shop would have stored them, written by PostgreSQL."""

EVENTS_AN_ORDER = 20

STREAMS = """
INSERT INTO eventstore_stream (id, category, version, created_at, actors)
SELECT md5('seeded ' || n)::uuid, 'order', %(each)s,
       timestamptz '2026-01-05 08:07+00' + n * interval '1 second', array[%(actor)s]::bigint[]
  FROM generate_series(1, %(orders)s) AS n
"""
SIZES = """
UPDATE eventstore_stream SET bytes = size
  FROM (SELECT stream_id, sum(octet_length(data::text) + octet_length(metadata::text)) AS size
          FROM eventstore_event WHERE metadata->>'source' = 'seed' GROUP BY stream_id) AS sizes
 WHERE id = stream_id
"""
# Interleaved as agents would: the first events of all orders, then the second ones.
EVENTS = """
INSERT INTO eventstore_event
       (stream_id, version, type, schema_version, data, metadata, recorded_at)
SELECT md5('seeded ' || n)::uuid, version, type, 1, data,
       jsonb_build_object('actor', %(actor)s, 'source', 'seed', 'correlation_id', 'seed',
                          'causation_id', ''),
       timestamptz '2026-01-05 08:00+00' + n * interval '1 second' + version * interval '7 minutes'
  FROM generate_series(1, %(each)s) AS version, generate_series(1, %(orders)s) AS n,
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


def seed_orders(connection, events: int, *, customer: int, actor: int) -> int:
    """Store about as many events, of orders of EVENTS_AN_ORDER each; how many. `connection` has
    `execute` (a psycopg connection, or a Django cursor). Read rows are not written."""
    orders = max(1, events // EVENTS_AN_ORDER)
    asked = {"orders": orders, "each": EVENTS_AN_ORDER, "customer": customer, "actor": actor}
    connection.execute("SET transaction_timeout = 0")
    connection.execute(STREAMS, asked)
    connection.execute(EVENTS, asked)
    connection.execute(SIZES)
    connection.execute("ANALYZE eventstore_event, eventstore_stream")
    return orders * EVENTS_AN_ORDER

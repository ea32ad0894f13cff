"""What must hold of a store whatever happened to it, looked at from outside the shop."""

import hashlib
import json
import uuid
from collections import defaultdict
from collections.abc import Iterable

from tests.faults.client import Intent

KEYS = uuid.UUID("5f3a1c9e-6f0b-4b61-9d6c-0e7a2f1b8d44")  # ordering.handling's, which must stay

# Each finds what must not be.
BROKEN = {
    "a stream whose row is at another version than its last event": """
        SELECT id, version, last FROM eventstore_stream AS stream LEFT JOIN (
            SELECT stream_id, max(version) AS last, count(*) AS events FROM eventstore_event
             GROUP BY stream_id) AS log ON stream_id = id
         WHERE stream.version IS DISTINCT FROM last OR last IS DISTINCT FROM events""",
    "an event without its command's outcome": """
        SELECT event.stream_id, event.version FROM eventstore_event AS event
         LEFT JOIN eventstore_command AS command ON command.id = command_id
         WHERE command_id IS NOT NULL AND (command.stream_id IS DISTINCT FROM event.stream_id
               OR event.version <= before OR event.version > after)""",
    "an outcome without its events": """
        SELECT id, before, after FROM eventstore_command AS command
         WHERE after - before <> (SELECT count(*) FROM eventstore_event
                                   WHERE stream_id = command.stream_id AND command_id = command.id
                                     AND version > before AND version <= after)""",
    "a head that shows another version than the stream's": """
        SELECT id, stream.version, head.version FROM eventstore_stream AS stream
         LEFT JOIN ordering_orderhead AS head ON order_id = id
         WHERE category = 'order' AND stream.version IS DISTINCT FROM head.version""",
    "a head whose lines are others": """
        SELECT head.order_id, line_count, lines, total, sum FROM ordering_orderhead AS head
         LEFT JOIN (SELECT order_id, count(*) AS lines, sum(quantity * unit_price) AS sum
                      FROM ordering_orderline GROUP BY order_id) AS lines
                USING (order_id)
         WHERE line_count <> coalesce(lines, 0) OR total <> coalesce(sum, 0)""",
    "an order of events that is not that of their versions": """
        SELECT stream_id, version FROM (
            SELECT stream_id, version, position,
                   lag(position) OVER (PARTITION BY stream_id ORDER BY version) AS before
              FROM eventstore_event) AS log WHERE position <= before""",
}


class Store:
    """`connection` has `execute`: a connection of psycopg, or a cursor of Django."""

    def __init__(self, connection):
        self.connection = connection

    def ask(self, query: str, *params) -> list[tuple]:
        cursor = self.connection.execute(query, params or None)
        return (cursor or self.connection).fetchall()

    def one(self, query: str, *params):
        [[value]] = self.ask(query, *params)
        return value

    def is_sound(self):
        """Assert that nothing is there in part: events, outcomes, stream and read rows agree."""
        for fault, query in BROKEN.items():
            found = self.ask(query)
            assert not found, f"expected no such thing, found {fault}: {found[:5]}"

    def agent(self, username: str) -> int:
        return self.one("SELECT id FROM ordering_agent WHERE username = %s", username)

    def token(self, username: str) -> str:
        """A new token of that agent."""
        secret = f"tandem_{uuid.uuid4().hex}"
        self.connection.execute(
            "INSERT INTO ordering_apitoken (agent_id, name, digest, ending, created_at)"
            " VALUES (%s, 'faults', %s, %s, now())",
            [self.agent(username), hashlib.sha256(secret.encode()).digest(), secret[-4:]],
        )
        return secret

    def skus(self, count: int) -> list[str]:
        found = self.ask(
            "SELECT sku FROM catalog_product WHERE active ORDER BY sku LIMIT %s", count
        )
        return [sku for [sku] in found]

    def version(self, order: str) -> int:
        return self.one("SELECT version FROM eventstore_stream WHERE id = %s", order)

    def lines(self, order: str) -> dict[str, int]:
        return dict(
            self.ask("SELECT sku, quantity FROM ordering_orderline WHERE order_id = %s", order)
        )

    def outcomes(self) -> dict[uuid.UUID, tuple]:
        """Of each command id: its stream, and the versions between which its events lie."""
        rows = self.ask("SELECT id, stream_id, before, after, refusal FROM eventstore_command")
        return {row[0]: row[1:] for row in rows}

    def events(self) -> dict[uuid.UUID, list[tuple]]:
        """Of each command id: the versions, types and data of its events."""
        found = defaultdict(list)
        for command, *event in self.ask(
            "SELECT command_id, stream_id, version, type, data FROM eventstore_event"
            " WHERE command_id IS NOT NULL ORDER BY stream_id, version"
        ):
            found[command].append(tuple(event))
        return found


def command_id(agent: int, key: str) -> uuid.UUID:
    """What the store calls the command that the agent's program sent with this key."""
    return uuid.uuid5(KEYS, f"{agent}:api:{key}")


TYPES = {"add": "ItemAdded", "set": "QuantityChanged", "remove": "ItemRemoved"}


def lost_or_doubled(store: Store, agent: int, intents: Iterable[Intent]) -> list[str]:
    """Where the log has not exactly what was acknowledged: each intent once, as it was meant, and
    nothing that nobody meant, in the orders that they went to."""
    outcomes, events = store.outcomes(), store.events()
    wrong, meant, orders = [], set(), set()
    for intent in intents:
        known = command_id(agent, intent.key)
        if known in meant:
            wrong.append(f"expected an intent once, found its key twice: {intent}")
        meant.add(known)
        orders.add(uuid.UUID(intent.order))
        if known not in outcomes:
            wrong.append(f"expected an acknowledged command in the store, found none: {intent}")
            continue
        stream, before, after, refusal = outcomes[known]
        found = events.get(known, [])
        if (refusal is not None) != (intent.status == 404) or str(stream) != intent.order:
            wrong.append(f"expected {intent}, found it in {stream}, refused by {refusal}")
        if intent.status == 200 and intent.etag < after:
            wrong.append(f"expected at least version {after} in the answer, found {intent}")
        told = [(version, type_, _told(data)) for _, version, type_, data in found]
        quantity = None if intent.kind == "remove" else intent.quantity
        expected = [(after, TYPES[intent.kind], (intent.sku, quantity))]
        if told != (expected if after > before else []):
            wrong.append(f"expected {expected} for {intent}, found {told}")
    for known, found in events.items():
        if known not in meant and found[0][0] in orders and found[0][2] != "OrderOpened":
            wrong.append(f"nobody was told of {found}")
    return wrong


def _told(data) -> tuple:
    data = json.loads(data) if isinstance(data, str) else data
    return data["sku"], data.get("quantity")


def folded(store: Store, agent: int, intents: Iterable[Intent]) -> dict[str, dict[str, int]]:
    """The quantities of each order that follow from what was acknowledged, in the log's order."""
    outcomes = store.outcomes()
    done = [(outcomes[command_id(agent, one.key)], one) for one in intents if one.status == 200]
    # What changed nothing comes after the change that it found.
    done.sort(key=lambda pair: (pair[0][2], pair[0][2] == pair[0][1]))
    orders = defaultdict(dict)
    for _, intent in done:
        lines = orders[intent.order]
        match intent.kind:
            case "add":
                lines[intent.sku] = lines.get(intent.sku, 0) + intent.quantity
            case "set":
                lines[intent.sku] = intent.quantity
            case "remove":
                lines.pop(intent.sku, None)
    return orders


def out_of_time(store: Store, agent: int, intents: Iterable[Intent]) -> list[str]:
    """Where a command was acknowledged before another one to the same order began, and yet has not
    the smaller version."""
    outcomes, wrong = store.outcomes(), []
    by_order = defaultdict(list)
    for one in intents:
        if one.status == 200:
            _, before, after, _ = outcomes[command_id(agent, one.key)]
            by_order[one.order].append((one, before, after))
    for told in by_order.values():
        ended = sorted(told, key=lambda each: each[0].ended)
        highest, latest, at = 0, None, 0
        for one, before, _ in sorted(told, key=lambda each: each[0].began):
            while at < len(ended) and ended[at][0].ended < one.began:
                if ended[at][2] > highest:
                    latest, _, highest = ended[at]
                at += 1
            if before < highest:
                wrong.append(f"{latest} was over at version {highest}; {one} began at {before}")
    return wrong

"""The demo's cast and what they ordered: the script that `manage.py seed_demo` plays.

Each order is a list of steps, a step is who sends which command. Every command goes through the
same door as the pages, under a key of its own: playing the script again changes nothing.
"""

from functools import partial
from typing import NamedTuple

from ordering import handling

PASSWORD = "demo"  # noqa: S105  (public on purpose; only ever set by the demo)


class Person(NamedTuple):
    username: str
    customer: str | None  # the customer's code; None for staff
    email: str


CUSTOMERS = {"HC": "Harbour Café", "NB": "Northgate Bakery"}
CAST = [
    Person("alice", "HC", "alice@harbour.example"),
    Person("bob", "HC", "bob@harbour.example"),
    Person("charlie", "NB", "charlie@northgate.example"),
    Person("admin", None, "admin@tandem.example"),
]


def add(*items: tuple[str, int]) -> partial:
    return partial(handling.add_items, items=items)


def set_to(sku: str, quantity: int) -> partial:
    return partial(handling.change_quantity, sku=sku, quantity=quantity)


def remove(sku: str) -> partial:
    return partial(handling.remove_item, sku=sku)


def note(text: str) -> partial:
    return partial(handling.change_details, note=text)


def cancel(reason: str) -> partial:
    return partial(handling.cancel_order, reason=reason)


complete = handling.complete_order


class Script(NamedTuple):
    opened_by: str
    reference: str
    steps: tuple[tuple[str, partial], ...]


ORDERS = [
    Script(
        "alice",
        "Weekly basics",
        (
            ("alice", add(("FLR-25", 2), ("SUG-25", 1), ("BUT-10", 3), ("EGG-180", 1))),
            ("bob", add(("MLK-12", 6), ("CRM-1", 10))),
            ("bob", set_to("FLR-25", 3)),
            ("alice", complete),
        ),
    ),
    Script(
        "bob",
        "Coffee bar",
        (
            ("bob", add(("COF-6", 4), ("OTM-6", 8), ("SYR-VA", 6), ("HOT-2", 2))),
            ("alice", add(("CUP-8", 2), ("LID-80", 2), ("NAP-WH", 1))),
            ("alice", remove("HOT-2")),
            ("bob", complete),
        ),
    ),
    Script(
        "alice",
        "Wedding on the terrace",
        (
            ("alice", add(("SLM-SM", 6), ("AVO-20", 4), ("LEM-5", 2), ("CRF-1", 12))),
            ("bob", add(("WAT-SP", 20), ("BER-NA", 10))),
            ("alice", note("120 guests, arrival from three o'clock.")),
            ("bob", cancel("The couple moved the date to next year.")),
        ),
    ),
    Script(
        "bob",
        "Spring cleaning",
        (
            ("bob", add(("CLN-AP", 4), ("CLN-DG", 2), ("GLV-M", 6), ("BIN-80", 5), ("CLO-10", 3))),
            ("alice", add(("CLN-DC", 2), ("CLN-ES", 1))),
            ("alice", complete),
        ),
    ),
    Script(
        "alice",
        "Breakfast buffet",
        (
            ("alice", add(("BAC-2", 5), ("SAU-40", 3), ("BEA-BK", 4), ("EGG-180", 2))),
            ("bob", add(("YOG-5", 4), ("OAT-10", 1), ("HNY-P", 2), ("JAM-P", 2))),
            ("bob", set_to("BAC-2", 4)),
            ("alice", set_to("EGG-180", 3)),
            ("bob", complete),
        ),
    ),
    Script("bob", "", (("bob", cancel("Opened twice by mistake.")),)),
    Script(
        "alice",
        "Friday dinner",
        (
            ("alice", add(("COD-FI", 4), ("POT-10", 3), ("PEA-FZ", 4), ("FRY-20", 1))),
            ("bob", add(("LEM-5", 1), ("SLT-FL", 2), ("MAY-10", 1))),
            ("bob", set_to("COD-FI", 6)),
            ("alice", note("Fish before ten in the morning, please, at the back door.")),
        ),
    ),
    Script(
        "bob",
        "Pastry counter",
        (
            ("bob", add(("CRO-60", 4), ("PUF-10", 2), ("ALM-FL", 3), ("CHO-D5", 2), ("PIS-5", 1))),
            ("alice", add(("SUG-IC", 1), ("VAN-PA", 2), ("RAS-FZ", 6))),
            ("alice", remove("PIS-5")),
        ),
    ),
    Script("alice", "Ideas for the summer menu", ()),
    Script(
        "charlie",
        "Bread, week 1",
        (
            ("charlie", add(("BRD-25", 12), ("WHM-25", 6), ("RYE-25", 4), ("YST-1", 8))),
            ("charlie", add(("SLT-10", 2), ("SED-5", 3))),
            ("charlie", complete),
        ),
    ),
    Script(
        "charlie",
        "Bread, week 2",
        (
            ("charlie", add(("BRD-25", 14), ("SPL-12", 4), ("YST-1", 8), ("BAG-BR", 5))),
            ("charlie", set_to("SPL-12", 6)),
        ),
    ),
    Script(
        "charlie",
        "New baskets",
        (("charlie", add(("BAN-1", 24), ("RLP-45", 2))), ("charlie", cancel("Too early."))),
    ),
    Script(
        "bob",
        "Weekly basics",
        (
            ("bob", add(("FLR-25", 2), ("BUT-10", 4), ("EGG-180", 2), ("MLK-12", 8))),
            ("alice", add(("COF-6", 2), ("CRM-1", 6), ("NAP-WH", 2))),
            ("alice", complete),
        ),
    ),
    Script(
        "alice",
        "Coffee bar",
        (
            ("alice", add(("COF-6", 4), ("MLK-12", 6), ("OTM-6", 10), ("CUP-8", 3))),
            ("bob", add(("LID-80", 3), ("EGG-180", 1))),
            ("bob", complete),
        ),
    ),
]

"""Orders' streams in the admin: found, as they were, blamed, compared and put right."""

import json
import random

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Permission
from django.db import connection
from django.urls import reverse

from eventstore import blame, past
from eventstore.admin.state import Node
from eventstore.models import Stream
from ordering import handling
from ordering.domain.refusal import Refused
from ordering.handling import ORDER
from ordering.models import Customer, OrderHead, OrderLine
from tests.factories import AgentFactory, ProductFactory

pytestmark = pytest.mark.django_db

LIST = reverse("admin:eventstore_stream_changelist")


@pytest.fixture
def patient(db):
    """A test's one transaction may take longer than a command's."""
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL transaction_timeout = 0")


@pytest.fixture
def staff(client, admin):
    client.force_login(admin)
    return client


def page_of(order_id):
    return reverse("admin:eventstore_stream_change", args=[order_id])


def repair_of(order_id):
    return reverse("admin:eventstore_stream_repair", args=[order_id])


def listed(page):
    return [stream.pk for stream in page.context["cl"].result_list]


class TestFinding:
    @pytest.mark.parametrize("cut", [2, 7, 10, 12])
    def test_an_order_is_found_by_its_number_or_how_it_begins(self, staff, order_id, cut):
        number = OrderHead.objects.get().number
        for text in (number[:cut], number[:cut].lower()):
            assert listed(staff.get(LIST, {"q": text})) == [order_id]

    @pytest.mark.parametrize("text", ["Harbour Café", "harb", "CAFÉ"])
    def test_an_order_is_found_by_a_part_of_its_customers_name(self, staff, order_id, text):
        assert listed(staff.get(LIST, {"q": text})) == [order_id]

    @pytest.mark.parametrize("text", ["HC-2", "%", "_", "northgate", "\\", "C-20", "🥖"])
    def test_others_are_not_found(self, staff, order_id, northgate, text):
        found = [order_id] if text == "HC-2" else []
        assert listed(staff.get(LIST, {"q": text})) == found

    def test_newest_orders_come_first(self, staff, order_id, by, key, alice):
        other = handling.open_order(by(alice), key=key()).stream_id
        assert listed(staff.get(LIST, {"q": "harbour"})) == [other, order_id]


# --- An independent fold: plain dicts over the stored rows --------------------------------------


def stored(order_id):
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT version, type, data::text FROM eventstore_event"
            " WHERE stream_id = %s ORDER BY version",
            [order_id],
        )
        return [(version, type_, json.loads(data)) for version, type_, data in cursor.fetchall()]


def fold_by_hand(rows):
    """The state after each event, and for every value the version that last set it. As the order
    is defined in words: nothing of ordering.domain, nothing of eventstore.blame."""
    state = {"status": "none", "number": "", "customer_id": None, "currency": "",
             "reference": "", "note": "", "lines": {}}  # fmt: skip
    states, setters, by = [], [], {}

    def put(path, value):
        *holders, name = path
        where = state
        for holder in holders:
            where = where.setdefault(holder, {})
        if name not in where or where[name] != value:
            by[path] = version
        where[name] = value

    for version, type_, data in rows:  # noqa: B007  (`put` notes the version)
        match type_:
            case "OrderOpened":
                put(("status",), "open")
                for name in ("number", "customer_id", "currency", "reference", "note"):
                    put((name,), data[name])
            case "ItemAdded":
                line = ("lines", data["sku"])
                had = state["lines"].get(data["sku"], {}).get("quantity", 0)
                put((*line, "quantity"), had + data["quantity"])
                for name in ("name", "unit", "unit_price"):
                    put((*line, name), data[name])
            case "QuantityChanged":
                put(("lines", data["sku"], "quantity"), data["quantity"])
            case "ItemRemoved":
                del state["lines"][data["sku"]]
                for path in [path for path in by if path[:2] == ("lines", data["sku"])]:
                    del by[path]
            case "DetailsChanged":
                for name in ("reference", "note"):
                    if data[name] is not None:
                        put((name,), data[name])
            case "OrderCompleted":
                put(("status",), "completed")
            case "OrderCancelled":
                put(("status",), "cancelled")
            case _:
                raise AssertionError(type_)
        states.append(json.loads(json.dumps(state)))
        setters.append(dict(by))
    return states, setters


def live_long(by, alice, bob, key, seed, commands):
    """An order with a long random history; skus with all that a JSON pointer must escape."""
    chance = random.Random(seed)
    skus = ["FLR-25", "a/b", "c~d", "~1", "e.f", "<b>"]
    for sku in skus:
        ProductFactory(sku=sku, name=f"Product {sku}")
    order_id = handling.open_order(by(alice), key=key(), reference="start").stream_id
    for _ in range(commands):
        who, sku = by(chance.choice([alice, bob])), chance.choice(skus)
        try:
            match chance.randrange(6):
                case 0 | 1:
                    items = [(chance.choice(skus), chance.randrange(1, 9)) for _ in range(2)]
                    handling.add_items(who, order_id, items, key=key())
                case 2 | 3:
                    quantity = chance.randrange(1, 9)
                    handling.change_quantity(who, order_id, sku, quantity, key=key())
                case 4:
                    handling.remove_item(who, order_id, sku, key=key())
                case 5:
                    text = chance.choice(["", "<script>alert(1)</script>", "שלום 🥖", "x" * 80])
                    name = chance.choice(["reference", "note"])
                    handling.change_details(who, order_id, key=key(), **{name: text})
        except Refused:
            continue
    handling.cancel_order(by(bob), order_id, key=key(), reason="done")
    return order_id


def as_json(nodes: list[Node]) -> dict:
    """The shown tree, as {name: ...}, without what the event removed."""
    return {
        node.name: as_json(node.children) if node.children else node.value
        for node in nodes
        if node.mark != "removed"
    }


def in_words(value):
    """As the page words single values."""
    if isinstance(value, dict) and value:
        return {name: in_words(inner) for name, inner in value.items()}
    return "none" if value is None else "empty" if value in ("", {}) else str(value)


@pytest.mark.parametrize("seed", [1, 2])
def test_state_and_blame_at_each_version_equal_an_independent_fold(
    patient, by, alice, bob, key, seed
):
    order_id = live_long(by, alice, bob, key, seed, commands=90)
    states, setters = fold_by_hand(stored(order_id))
    assert len(states) > 80

    for version, (state, setter) in enumerate(zip(states, setters, strict=True), start=1):
        encoded = ORDER.shape.encode(past.state_at(ORDER, order_id, version))
        assert encoded == state
        if version % 40 == 0 or version == len(states):
            for path, set_at in setter.items():
                step = past.who_set(ORDER, order_id, blame.pointer(path), upto=version)
                assert step.recorded.version == set_at, (version, path)


def test_the_page_shows_the_state_and_blame_of_an_independent_fold(
    patient, staff, by, alice, bob, key
):
    order_id = live_long(by, alice, bob, key, 4, commands=12)
    states, setters = fold_by_hand(stored(order_id))

    for version, (state, setter) in enumerate(zip(states, setters, strict=True), start=1):
        asked = {"at": version, "part": "state"}
        shown = staff.get(page_of(order_id), asked).context["state"]
        assert as_json(shown.nodes) == in_words(state)
        path = random.Random(version).choice(sorted(setter))
        asked["path"] = blame.pointer(path)
        page = staff.get(page_of(order_id), asked)
        assert page.context["blamed"].entry.version == setter[path]
        assert f"by version {setter[path]}" in page.content.decode()


# --- Drift --------------------------------------------------------------------------------------


def by_hand(order_id, quantity=99):
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE ordering_orderline SET quantity = %s WHERE order_id = %s AND sku = 'FLR-25'",
            [quantity, order_id],
        )


def log():
    return [entry.get_change_message() for entry in LogEntry.objects.order_by("pk")]


class TestDrift:
    def test_rows_that_equal_the_fold_are_said_to(self, staff, order_id):
        assert "Read rows equal the fold" in staff.get(page_of(order_id)).content.decode()
        assert log() == []

    def test_a_row_changed_by_hand_is_shown_repaired_and_on_the_record(
        self, staff, order_id, admin
    ):
        by_hand(order_id)

        for _ in range(3):
            page = staff.get(page_of(order_id)).content.decode()
            assert "Read rows differ from the fold" in page
            assert '<td dir="auto">2</td><td dir="auto">99</td>' in page
        seen = "Drift found:\nordering_orderline FLR-25 differs (quantity: expected 2, found 99)"
        assert log() == [seen]

        answer = staff.post(repair_of(order_id), follow=True)
        assert answer.redirect_chain == [(page_of(order_id), 302)]
        page = answer.content.decode()
        assert "1 read row put right." in page
        assert "Read rows equal the fold" in page
        assert OrderLine.objects.get(order_id=order_id, sku="FLR-25").quantity == 2
        _, repaired = log()
        assert repaired.startswith("Rows put right.")
        assert "quantity: expected 2, found 99" in repaired
        assert {entry.user for entry in LogEntry.objects.all()} == {admin}
        history = reverse("admin:eventstore_stream_history", args=[order_id])
        assert "found 99" in staff.get(history).content.decode()

    def test_another_drift_is_noted_anew_and_the_same_one_after_a_repair(self, staff, order_id):
        by_hand(order_id, 98)
        staff.get(page_of(order_id))
        by_hand(order_id, 99)
        staff.get(page_of(order_id))
        staff.post(repair_of(order_id))
        by_hand(order_id, 99)
        staff.get(page_of(order_id))
        assert [one.split("\n")[0] for one in log()] == [
            "Drift found:", "Drift found:", "Rows put right. What was wrong:", "Drift found:",
        ]  # fmt: skip

    def test_rows_that_are_missing_or_too_many_are_told_and_mended(self, staff, order_id):
        line = OrderLine.objects.get(order_id=order_id, sku="FLR-25")
        OrderLine.objects.filter(order_id=order_id, sku="BUT-10").delete()
        line.sku, line.pk = "FORGED", (order_id, "FORGED")
        line.save(force_insert=True)
        page = staff.get(page_of(order_id)).content.decode()
        assert "The row is missing." in page
        assert "The row is too many." in page
        staff.post(repair_of(order_id))
        assert set(OrderLine.objects.values_list("sku", flat=True)) == {"FLR-25", "BUT-10"}

    def test_where_nothing_is_wrong_nothing_is_noted(self, staff, order_id):
        page = staff.post(repair_of(order_id), follow=True).content.decode()
        assert "equalled the fold already" in page
        assert log() == []

    def test_it_is_not_done_by_a_link_nor_from_elsewhere(self, client, admin, order_id):
        client.force_login(admin)
        client.handler.enforce_csrf_checks = True
        by_hand(order_id)
        assert client.get(repair_of(order_id)).status_code == 405
        assert client.post(repair_of(order_id)).status_code == 403
        assert OrderLine.objects.get(sku="FLR-25").quantity == 99

    def test_it_is_for_operators_and_tells_values_to_those_who_may_see_them(self, client, order_id):
        user = AgentFactory(username="support", customer=None, is_staff=True)
        user.user_permissions.add(Permission.objects.get(codename="view_stream"))
        client.force_login(user)
        by_hand(order_id, 4711)
        page = client.get(page_of(order_id)).content.decode()
        assert "Read rows differ" in page
        assert "quantity" in page
        assert "4711" not in page
        assert "Put these rows right" not in page
        assert client.post(repair_of(order_id)).status_code == 403
        user.user_permissions.add(Permission.objects.get(codename="change_checkpoint"))
        answer = client.post(repair_of(order_id), follow=True)
        assert "1 read row put right." in answer.content.decode()
        assert OrderLine.objects.get(sku="FLR-25").quantity == 2

    def test_an_event_that_cannot_be_read_is_named_and_nothing_is_touched(self, staff, order_id):
        by_hand(order_id)
        with connection.cursor() as cursor:
            cursor.execute(
                "INSERT INTO eventstore_event"
                " (stream_id, version, type, schema_version, data, metadata)"
                " VALUES (%s, 4, 'Forgotten', 1, '{}', '{}')",
                [order_id],
            )
        Stream.objects.update(version=4)
        page = staff.get(page_of(order_id)).content.decode()
        assert "Read rows cannot be compared" in page
        assert "Forgotten" in page
        answer = staff.post(repair_of(order_id), follow=True).content.decode()
        assert "Nothing was put right." in answer
        assert OrderLine.objects.get(sku="FLR-25").quantity == 99


# --- Text from outside --------------------------------------------------------------------------

NASTY = [
    "<script>alert(1)</script>",
    "</details></pre></script><b>",
    "W" * 80,
    "مرحبا \u202e\u2067 gnp.exe",
    "👩‍🍳🥖" * 8,
    "\"'&lt;{{ x }}{% y %}",
]


@pytest.mark.parametrize("text", NASTY)
def test_text_from_outside_is_inert_and_unbroken(staff, by, alice, key, text):
    Customer.objects.update(name=f"{text} & Co")
    ProductFactory(sku="ODD", name=text[:80])
    order_id = handling.open_order(
        by(alice), key=key(), reference=text, note=text * 3, items=[("ODD", 1)]
    ).stream_id
    alice.username = "<i>alice</i>"
    alice.save()
    OrderHead.objects.filter(pk=order_id).update(note="by hand " + text)
    for url, asked in (
        (LIST, {}),
        (LIST, {"q": text}),
        (LIST, {"actor": text}),
        (page_of(order_id), {"at": 1, "path": "/reference"}),
        (page_of(order_id), {"path": "/" + text}),
        (reverse("admin:eventstore_stream_history", args=[order_id]), {}),
    ):
        page = staff.get(url, asked)
        assert page.status_code == 200
        body = page.content.decode()
        for inert in ("<script>alert", "</details></pre></script>", "<i>alice"):
            assert inert not in body
    shown = {node.name: node.value for node in staff.get(page_of(order_id)).context["state"].nodes}
    assert shown["reference"] == text.strip()

"""The admin in another language than English: in one that marks what is translated, so that what
escaped stands out, and in German.

What is data stands on these pages in <bdi>, <code> and <pre>: names, stored JSON, errors.
"""

import re
import uuid
from datetime import timedelta
from pathlib import Path

import django
import pytest
from django.contrib.admin.models import LogEntry
from django.utils import timezone
from lxml import html

from eventstore import checkpoints
from eventstore.codec import codec
from eventstore.jobs import Outcome
from eventstore.models import Checkpoint, Event, Job, Refusal, Skip, Stall
from eventstore.subscriptions import Blocker
from ordering import handling
from ordering.domain.refusal import Refused
from ordering.handling import Caller
from ordering.models import Agent, ApiToken, DailyFigure, OrderHead
from shop.messages import ROOT
from tests.factories import ProductFactory
from tests.translating import pseudo_catalogue, strays_of_page

pytestmark = pytest.mark.django_db

PSEUDO = "en-xa"
UUID = "[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"
OURS = [ROOT / name for name in ("shop", "catalog", "ordering", "templates", "eventstore")]
# Of Django's own pages too.
DJANGOS = [
    Path(django.__path__[0]) / name
    for name in ("forms", "contrib/admin", "contrib/auth", "core", "utils", "template", "db/models")
]
DATA = [
    *("Tandem", "English", "Deutsch", "JSON", "API", "UUID"),
    *("Alice", "alice", "Bob", "bob", "admin", "Admin", "operator", "Operator", "Support"),
    *("Harbour Café", "HC", "FLR-25", "EUR", "Plain wheat flour", "sack", "Pantry", "pantry"),
    *("orders", "favourites", "daily_figures", "daily-figures", "completion_email", "web"),
    *(
        "order",
        "open",
        "ordering_orderhead",
        "note",
        "changed by hand",
        "RuntimeError",
        "request-1",
    ),
    *("Product FLR-25", "What a kitchen needs.", "1 kg bag", "soup", "Till", "0/s"),
    *("ChangeQuantity", "conflict", "quantity-out-of-range"),
    *("True", "False"),  # of Django's icons
]


@pytest.fixture
def shown(alice, bob, harbour, operator, monkeypatch):
    """A store in which about everything has happened; the addresses of its pages."""
    ProductFactory(sku="FLR-25")
    by, bobs = (
        Caller(Agent.objects.select_related("customer").get(pk=one.pk), "web", "request-1")
        for one in (alice, bob)
    )

    def key():
        return str(uuid.uuid4())

    order = handling.open_order(by, key=key(), items=[("FLR-25", 2)]).stream_id
    handling.change_quantity(bobs, order, "FLR-25", 5, key=key(), seen=2)
    handling.change_details(by, order, key=key(), reference="Till", note="")
    for quantity, seen in ((0, 4), (7, 2)):
        with pytest.raises(Refused):
            handling.change_quantity(by, order, "FLR-25", quantity, key=key(), seen=seen)
    OrderHead.objects.update(note="changed by hand")
    now, position = timezone.now(), Event.objects.first().position
    checkpoints.ensure_checkpoints()
    Checkpoint.objects.filter(pk="favourites").update(
        failing_position=position, attempts=1, retry_at=now, error="RuntimeError: broken"
    )
    Skip.objects.create(subscription="daily_figures", position=position, skipped_by="operator")
    DailyFigure.objects.create(key="2026-04-01 1 EUR", day="2026-04-01", customer=harbour, items=1)
    ApiToken.make(alice, "Till")
    ApiToken.objects.update(ending="0000")
    Stall.objects.create(began_at=now, seen_at=now, who="psql")
    since = now - timedelta(seconds=9)
    blocker = Blocker(4711, "tandem", "psql", "idle in transaction", since)
    monkeypatch.setattr("eventstore.admin.dashboard.stalls.holding", lambda: [blocker])
    done = {"asked_by": operator.pk, "started_at": since, "finished_at": now}
    rows = [{"table": "t", "key": "k", "expected": {"1": 1}, "actual": None}]
    for what, outcome, result, found in (
        ("replay", Outcome.DONE, {"resumed": True, "waited": 15}, None),
        ("rollback", Outcome.DONE, {"waited": 15}, None),
        ("drop", Outcome.DONE, {"tables": 2}, None),
        ("verify", Outcome.DONE, {"rows": 0}, None),
        ("verify", Outcome.WITHDRAWN, None, None),
        ("verify", Outcome.DIFFERS, {"rows": 1234}, {"count": 1234, "rows": rows}),
    ):
        Job.objects.create(
            projection="orders", what=what, outcome=outcome, result=result, found=found, **done
        )
    Job.objects.create(projection="favourites", what="replay", asked_by=operator.pk)
    Job.objects.create(
        projection="daily_figures", what="verify", asked_by=operator.pk, started_at=since,
        done=1, total=2,
    )  # fmt: skip
    store, shop = "/admin/eventstore", "/admin/ordering"
    conflict, rejected = Refusal.objects.order_by("code")
    stream = f"{store}/stream/{order}/change/"
    return {
        "dashboard": "/admin/",
        "app": f"{store}/",
        "streams": f"{store}/stream/",
        "filters that cannot be": f"{store}/stream/?category=no&actor=nobody&from=never",
        "no stream": f"{store}/stream/?q=of+no+order",
        "stream": f"{stream}?at=3&path=/reference&before=99",
        "stream that was never so": f"{stream}?at=2&path=/nothing",
        "events": f"{store}/event/",
        "filtered events": f"{store}/event/?stream__id__exact=x&older=x",
        "event": f"{store}/event/{position}/change/",
        "refusals": f"{store}/refusal/",
        "conflict": f"{store}/refusal/{conflict.pk}/change/",
        "rejected": f"{store}/refusal/{rejected.pk}/change/",
        "projections": f"{store}/checkpoint/",
        "inline projection": f"{store}/checkpoint/orders/change/",
        "asynchronous projection": f"{store}/checkpoint/favourites/change/",
        "reactor": f"{store}/checkpoint/completion_email/change/",
        "replay": f"{store}/checkpoint/orders/do/replay/",
        "skip": f"{store}/checkpoint/favourites/do/skip/",
        "skips": f"{store}/skip/",
        "orders": f"{shop}/orderhead/?customer=nobody",
        "order": f"{shop}/orderhead/{order}/change/",
        "customers": f"{shop}/customer/",
        "customer": f"{shop}/customer/{harbour.pk}/change/",
        "agents": f"{shop}/agent/",
        "agent": f"{shop}/agent/{alice.pk}/change/",
        "new agent": f"{shop}/agent/add/",
        "figures": f"{shop}/dailyfigure/",
        "products": "/admin/catalog/product/",
        "product": "/admin/catalog/product/1/change/",
        "categories": "/admin/catalog/category/",
    }


def words(page) -> str:
    return " ".join(" ".join(html.fromstring(page).itertext()).split())


class TestMarked:
    def test_no_text_of_a_page_escapes_translation(
        self, client, tmp_path, settings, shown, operator
    ):
        pseudo_catalogue(tmp_path, *OURS, *DJANGOS)
        settings.LANGUAGES = [(PSEUDO, PSEUDO)]
        settings.LANGUAGE_CODE = PSEUDO
        settings.LOCALE_PATHS = [tmp_path]
        client.force_login(operator)
        escaped = {}
        for name, url in shown.items():
            response = client.get(url, follow=True)
            page = response.content.decode()
            assert response.status_code == 200, name
            assert "⟦" in page, name
            if strays := strays_of_page(without_data(page), *DATA, *codec.schema_versions()):
                escaped[name] = strays
        assert escaped == {}


def without_data(page: str) -> str:
    page = re.sub(r"(<(bdi|code|pre|template)\b[^>]*>).*?(</\2>)", r"\1\3", page, flags=re.DOTALL)
    return re.sub(UUID, "", page)


@pytest.fixture
def german(client, operator, shown):
    """A page of the admin as somebody reads it in German."""
    client.force_login(operator)

    def read(name, **query):
        response = client.get(shown[name], query or None, headers={"Accept-Language": "de"})
        assert response.status_code == 200
        assert response["Content-Language"] == "de"
        return words(response.content.decode())

    return read


class TestGerman:
    def test_the_first_page(self, german):
        page = german("dashboard")
        assert "Wie es dem Shop geht" in page
        assert re.search(r"Versperrt Tor des Logs 1 Stockung in 24 Stunden", page)
        assert "Projektionen warten auf: Prozess 4711 (tandem, psql, idle in transaction)" in page
        assert "favourites Scheitert an Ereignis" in page
        assert "1 Offene Bestellungen" in page

    def test_a_drawing_has_points_in_its_numbers(self, client, operator, shown):
        client.force_login(operator)
        page = client.get("/admin/", headers={"Accept-Language": "de"}).content.decode()
        drawn = re.findall(r'<rect class="store-series[^>]*>', page)
        assert any("." in one for one in drawn)
        assert not any("," in one for one in drawn)

    def test_a_stream(self, german):
        page = german("stream", at=3, path="/lines/FLR-25/quantity")
        assert "Lesezeilen weichen von den Ereignissen ab" in page
        assert "5 , gesetzt von Version 3: Bob" in page
        assert "~ war 2" in page

    def test_an_event(self, german):
        page = german("event")
        assert "OrderOpened, Ereignis" in page
        assert "Erstes seines Streams" in page
        assert "Version 1 von 4" in page

    def test_a_conflict(self, german):
        page = german("conflict")
        assert re.search(r"Alice wollte eine Menge ändern .* Die Antwort war:", page)
        assert "Gesehen wurde Version 2; der Stand war damals Version 4." in page
        assert "Was nicht gesehen worden war" in page

    def test_a_refusal(self, german):
        assert "Abgelehnt Menge außerhalb des Bereichs." in german("rejected")

    def test_what_projections_do_and_did(self, german):
        page = german("inline projection")
        assert "1.234 Zeilen sind nicht, was das Log sagt." in page
        assert (
            "Die Zeilen wurden neu aufgebaut. Es ging weiter, wo unterbrochen worden war. "
            "Befehle warteten höchstens 15 ms." in page
        )
        assert "2 Tabellen wurden gelöscht." in page
        assert "Prüfung zurückgezogen" in page

    def test_a_page_that_follows_what_runs_knows_it_in_any_language(self, client, operator, shown):
        client.force_login(operator)
        page = client.get(shown["projections"], headers={"Accept-Language": "de"}).content.decode()
        assert html.fromstring(page).xpath("//@data-running") == ["yes"]

    def test_what_is_done_is_told_in_german_and_kept_in_english(self, client, operator, shown):
        client.force_login(operator)
        done = client.post(
            "/admin/eventstore/checkpoint/favourites/do/withdraw/",
            headers={"Accept-Language": "de"},
            follow=True,
        )
        assert "Der Neuaufbau ist zurückgezogen." in done.content.decode()
        assert LogEntry.objects.latest("pk").change_message == "Withdrew the replay."

    def test_customers_are_deactivated(self, client, operator, shown, harbour):
        client.force_login(operator)
        form = {"action": "deactivate", "_selected_action": harbour.pk}
        done = client.post(
            "/admin/ordering/customer/", form, headers={"Accept-Language": "de"}, follow=True
        )
        assert "1 Kunde deaktiviert." in done.content.decode()


class TestTheSwitch:
    def test_it_stands_in_the_header_and_comes_back_to_the_page(self, client, operator, shown):
        client.force_login(operator)
        url = f"{shown['streams']}?q=HC"
        page = html.fromstring(client.get(url).content.decode())
        [form] = page.xpath("//header//form[@id='language-form']")
        [button] = form.xpath(".//button")
        assert (button.get("lang"), words(html.tostring(button))) == ("de", "Deutsch")
        sent = {one.get("name"): one.get("value") for one in form.xpath(".//input[@name]")}
        sent[button.get("name")] = button.get("value")
        response = client.post(form.get("action"), sent, follow=True)
        assert response.redirect_chain[0][0] == url
        assert "Erstes Ereignis" in words(response.content.decode())
        operator.refresh_from_db()
        assert operator.language == "de"

    def test_it_is_there_before_anybody_is_logged_in(self, client):
        page = html.fromstring(client.get("/admin/login/").content.decode())
        assert page.xpath("//form[@id='language-form']//button/@value") == ["de"]

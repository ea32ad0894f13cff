"""Pages as an agent reads them in German."""

from datetime import datetime

import pytest
from django.utils import timezone, translation

from eventstore.models import Refusal
from ordering import handling
from ordering.domain.refusal import Refused
from ordering.explaining import explain, explain_code
from ordering.templatetags.ordering import when

HARD = "\N{NO-BREAK SPACE}"


@pytest.fixture
def german(browser, alice):
    page = browser(alice)
    page.cookies["django_language"] = "de"
    return page


@pytest.mark.parametrize(
    ("moment", "shown"),
    [
        (datetime(2026, 5, 4, 9, 5), ">09:05<"),
        (datetime(2026, 5, 3, 23, 59), ">gestern 23:59<"),
        (datetime(2026, 1, 2, 9, 5), ">2. Jan. 09:05<"),
        (datetime(2025, 12, 31, 9, 5), ">31. Dez. 2025<"),
        (datetime(2025, 3, 1, 9, 5), 'title="Samstag, 1. März 2025, 09:05"'),
    ],
)
def test_moments_are_told_in_german(moment, shown, monkeypatch):
    now = timezone.make_aware(datetime(2026, 5, 4, 12, 0))
    monkeypatch.setattr(timezone, "now", lambda: now)

    with translation.override("de"):
        assert shown in when(timezone.make_aware(moment))


def test_an_order_and_its_history_are_german(german, order_id, text):
    page = german.get(f"/orders/{order_id}/")
    history = german.get(f"/orders/{order_id}/history/")

    assert f"121,15{HARD}€" in page.content.decode()
    assert "2 Positionen" in text(page)
    assert "hat die Bestellung für „Friday“ eröffnet, mit 2 Artikeln" in text(history)


def test_a_refusal_is_kept_once_and_told_in_the_language_of_whoever_reads_it(
    german, browser, bob, order_id, text
):
    url, form = f"/orders/{order_id}/items/FLR-25/", {"quantity": "0"}

    told = [text(page.send(url, form)) for page in (german, browser(bob))]

    assert "muss eine ganze Zahl von 1 bis 9999 sein, nicht 0." in told[0]
    assert "must be a whole number from 1 to 9999, not 0." in told[1]
    kept = Refusal.objects.values_list("code", "params")
    assert {(code, str(sorted(params.items()))) for code, params in kept} == {
        ("quantity-out-of-range", "[('actual', '0'), ('limit', 9999), ('sku', 'FLR-25')]")
    }


def test_the_api_refuses_in_english_whoever_asks(german, order_id, head):
    response = german.patch(
        f"/api/v1/orders/{order_id}/items/FLR-25",
        {"quantity": 0},
        content_type="application/json",
        headers={"If-Match": f'"{head(order_id).version}"', "Accept-Language": "de"},
    )

    assert response.status_code == 422
    assert "quantity" in response.json()["detail"]
    assert "Menge" not in response.content.decode()


def test_words_among_what_a_refusal_names_are_german_too():
    refused = Refused("order-closed", number="HC-2026-0001", status="completed")
    with translation.override("de"):
        assert explain(refused).startswith("HC-2026-0001 ist abgeschlossen;")
        told = explain_code("text-too-long", {"field": "note", "limit": 2, "actual": 3})
        assert told == "Notiz: höchstens 2 Zeichen; hier sind es 3."
    assert str(refused).startswith("HC-2026-0001 is completed;")


def test_a_colleague_is_asked_in_german(german, bob, by, key, order_id, text):
    handling.change_quantity(by(bob), order_id, "FLR-25", 5, key=key())

    response = german.send(f"/orders/{order_id}/items/FLR-25/", {"quantity": "4"}, seen=3)

    said = text(response)
    assert "Sie und Bob haben dasselbe geändert" in said
    # A product without a German text is named in the catalog's language, and marked so.
    assert "Bob hat Plain wheat flour , 25 kg sack , von 2 auf 5 gesetzt" in said
    assert '<span lang="en">Plain wheat flour</span>' in response.text
    assert "Meine nehmen: 4" in said

import uuid

import pytest
from django.urls import reverse

from eventstore.models import Event
from ordering import handling, history
from ordering.history import read_history


@pytest.fixture
def url(order_id):
    return reverse("order_history", args=[order_id])


def test_it_tells_in_plain_words_who_did_what(browser, alice, bob, by, key, order_id, url, text):
    handling.change_quantity(by(bob), order_id, "FLR-25", 5, key=key())
    handling.add_items(by(alice), order_id, [("FLR-25", 1)], key=key())
    handling.remove_item(by(bob), order_id, "BUT-10", key=key())
    handling.change_details(by(alice), order_id, key=key(), reference="", note="Ring twice")
    handling.complete_order(by(bob), order_id, key=key())

    said = text(browser(alice).get(url))

    told = [
        "Bob completed the order: €149.40",
        "Alice took the reference off and wrote the note “Ring twice”",
        "Bob removed Butter, 10 kg box; there were 1",
        "Alice added 1 × Plain wheat flour, 25 kg sack; 6 now",
        "Bob set Plain wheat flour, 25 kg sack, from 2 to 5",
        "Alice opened the order for “Friday”, with 2 products",
        "added 2 × Plain wheat flour, 25 kg sack",
    ]
    assert [said.index(words) for words in told] == sorted(said.index(words) for words in told)


def test_it_tells_of_a_cancellation_with_its_reason(browser, alice, by, key, order_id, url, text):
    handling.cancel_order(by(alice), order_id, key=key(), reason="Closed")

    assert "Alice cancelled the order: “Closed”" in text(browser(alice).get(url))


def test_it_says_when_it_came_through_another_entrance(
    browser, alice, by, key, order_id, url, text
):
    handling.complete_order(by(alice, source="api"), order_id, key=key())

    assert "through the API" in text(browser(alice).get(url))


def test_an_agent_who_is_gone_is_someone(browser, alice, bob, by, key, order_id, url, text):
    handling.complete_order(by(bob), order_id, key=key())
    bob.delete()

    assert "Someone completed the order" in text(browser(alice).get(url))


def test_charlie_gets_the_same_404_as_for_an_order_that_never_was(browser, charlie, url, text):
    nobodys = browser(charlie).get(reverse("order_history", args=[uuid.uuid4()]))

    hers = browser(charlie).get(url)

    assert (hers.status_code, nobodys.status_code) == (404, 404)
    assert text(hers) == text(nobodys)


def test_it_rejects_post(browser, alice, url):
    assert browser(alice).post(url).status_code == 405


def test_an_event_that_cannot_be_read_stops_the_story_and_not_the_page(
    browser, alice, order_id, url, head, text
):
    Event.objects.create(
        stream_id=order_id,
        version=head(order_id).version + 1,
        type="OrderSung",
        schema_version=1,
        data={},
        metadata={"actor": alice.pk, "source": "", "correlation_id": "", "causation_id": ""},
    )

    response = browser(alice).get(url)

    assert response.status_code == 200
    assert "This history cannot be read to its end." in text(response)
    assert "OrderSung" in text(response)
    assert "Alice opened the order" in text(response)


def test_a_long_history_goes_on_on_further_pages(
    browser, alice, by, key, order_id, url, monkeypatch, text
):
    monkeypatch.setattr(history, "PAGE", 3)
    for quantity in range(3, 8):
        handling.change_quantity(by(alice), order_id, "FLR-25", quantity, key=key())

    first = read_history(order_id)
    second = read_history(order_id, before=first.earlier)

    assert [deed.version for deed in first.deeds + second.deeds] == [8, 7, 6, 5, 4, 3]
    assert second.earlier is None
    assert "from 2 to 3" in text(browser(alice).get(url, {"before": first.earlier}))


@pytest.mark.parametrize("before", ["-1", "x", "", "٣", "9" * 5000])
def test_a_version_that_is_none_means_the_newest(before, browser, alice, url, text):
    assert "Alice opened the order" in text(browser(alice).get(url, {"before": before}))

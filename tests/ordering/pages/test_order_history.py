import re
import uuid
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from django.urls import reverse

from eventstore.models import Event
from ordering import handling, history
from ordering.history import read_history
from ordering.models import OrderHead
from tests.factories import ProductFactory
from tests.ordering.pages.conftest import FRAGMENT

HOUR = timedelta(hours=1)


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


def test_what_one_agent_does_in_one_minute_is_told_together(
    browser, alice, bob, by, key, order_id, url, monkeypatch, text
):
    noon = datetime(2026, 5, 4, 12, 0, tzinfo=UTC)
    moments = {4: noon, 5: noon + timedelta(seconds=59), 6: noon + timedelta(seconds=60)}
    for quantity in (3, 4, 5):
        handling.change_quantity(by(alice), order_id, "FLR-25", quantity, key=key())
    read = history.read_stream

    def read_at_set_times(*args, **options):
        for recorded in read(*args, **options):
            yield replace(recorded, recorded_at=moments.get(recorded.version, noon - HOUR))

    monkeypatch.setattr(history, "read_stream", read_at_set_times)

    said = text(browser(alice).get(url))

    assert "Alice set Plain wheat flour, 25 kg sack, from 4 to 5" in said
    assert "Alice set Plain wheat flour, 25 kg sack, from 3 to 4" in said
    assert "Alice set Plain wheat flour, 25 kg sack, from 2 to 3" not in said
    assert "set Plain wheat flour, 25 kg sack, from 2 to 3" in said


class TestUndo:
    def offered(self, response):
        return re.findall(r'name="version" value="([0-9]+)"', response.content.decode())

    def test_it_is_offered_on_own_changes_that_nobody_built_upon(
        self, browser, alice, bob, by, key, order_id, url
    ):
        handling.change_quantity(by(alice), order_id, "FLR-25", 5, key=key())
        handling.change_quantity(by(bob), order_id, "FLR-25", 6, key=key())
        handling.change_quantity(by(alice), order_id, "BUT-10", 4, key=key())
        handling.change_details(by(alice), order_id, key=key(), note="Ring")
        handling.change_details(by(bob), order_id, key=key(), reference="Sunday")

        assert self.offered(browser(alice).get(url)) == ["7", "6"]
        assert self.offered(browser(bob).get(url)) == ["8", "5"]

    def test_it_is_not_offered_on_a_closed_order(self, browser, alice, by, key, order_id, url):
        handling.change_quantity(by(alice), order_id, "FLR-25", 5, key=key())
        handling.complete_order(by(alice), order_id, key=key())

        assert self.offered(browser(alice).get(url)) == []

    def test_what_it_offers_works(self, browser, alice, by, key, order_id, url, lines, text):
        handling.change_quantity(by(alice), order_id, "FLR-25", 5, key=key())
        page = browser(alice)
        [version] = self.offered(page.get(url))

        response = page.send(
            reverse("order_undo", args=[order_id]), {"version": version, "next": url}
        )

        assert response["Location"] == url
        assert lines(order_id)["FLR-25"] == 2
        assert "Undone." in text(page.get(url))


class TestAsItWas:
    @pytest.fixture
    def versions(self, alice, bob, by, key, order_id):
        """1 to 3 open it; then 4: 2 to 5 flour, 5: butter goes, 6: details, 7: completed."""
        handling.change_quantity(by(bob), order_id, "FLR-25", 5, key=key())
        handling.remove_item(by(bob), order_id, "BUT-10", key=key())
        handling.change_details(by(alice), order_id, key=key(), reference="Sunday", note="Ring")
        handling.complete_order(by(alice), order_id, key=key())

    @pytest.mark.parametrize("headers", [None, FRAGMENT], ids=["page", "fragment"])
    @pytest.mark.parametrize(
        ("at", "shown", "not_shown"),
        [
            (1, ["Alice opened the order", "Reference Friday", "No lines.", "€0.00"], []),
            (2, ["25 kg sack · added", "€49.80"], ["10 kg box"]),
            (4, ["Bob set Plain", "2 5 Plain wheat flour 25 kg sack · changed", "€195.85"], []),
            (5, ["Bob removed Butter", "10 kg box · removed", "1 line €124.50"], []),
            (6, ["Reference Sunday", "Note Ring", "Status open"], ["10 kg box"]),
            (7, ["Status completed", "Alice completed the order: €124.50"], []),
        ],
    )
    def test_it_shows_the_order_and_marks_what_changed(
        self, at, shown, not_shown, headers, versions, browser, alice, url, text
    ):
        response = browser(alice).get(url, {"at": at}, headers=headers)

        then = re.search(
            r'<div class="stack" id="as-it-was".*?</div>\s*(?=</section>|$)',
            response.content.decode(),
            re.DOTALL,
        )[0]
        said = " ".join(re.sub(r"<[^>]+>", " ", then).split())
        assert f"Version {at} of 7" in said
        for words in shown:
            assert words in said.replace(" ,", ",")
        for words in not_shown:
            assert words not in said

    def test_the_marks_are_on_what_the_version_changed(self, versions, browser, alice, url):
        body = browser(alice).get(url, {"at": 6}).content.decode()

        assert "<mark>Sunday</mark>" in body
        assert "<mark>Ring</mark>" in body
        assert "<mark>open</mark>" not in body
        assert '<tr class="changed">' not in body

    def test_plain_links_lead_through_the_versions(self, versions, browser, alice, url):
        page = browser(alice)

        def links(at):
            body = page.get(url, {"at": at}).content.decode()
            names = ("First", "Previous", "Next", "Last")
            found = {
                name: re.search(rf'href="\?at=(\d+)"[^>]*aria-label="{name} version"', body)
                for name in names
            }
            return {name: int(match[1]) for name, match in found.items() if match}

        assert links(1) == {"Next": 2, "Last": 7}
        assert links(4) == {"First": 1, "Previous": 3, "Next": 5, "Last": 7}
        assert links(7) == {"First": 1, "Previous": 6}

    @pytest.mark.parametrize(("at", "nearest"), [("0", 1), ("8", 7), ("999999999", 7)])
    def test_a_version_that_never_was_means_the_nearest(
        self, at, nearest, versions, browser, alice, url, text
    ):
        assert f"Version {nearest} of 7" in text(browser(alice).get(url, {"at": at}))

    @pytest.mark.parametrize("at", ["", "-1", "x", "4.5", "٣", "9" * 5000])
    def test_what_is_no_version_shows_none(self, at, versions, browser, alice, url, text):
        response = browser(alice).get(url, {"at": at})

        assert response.status_code == 200
        assert "Choose a version" in text(response)

    def test_beyond_an_event_that_cannot_be_read_there_is_none(
        self, browser, alice, order_id, url, text
    ):
        Event.objects.create(
            stream_id=order_id,
            version=4,
            type="OrderSung",
            schema_version=1,
            data={},
            metadata={"actor": alice.pk, "source": "", "correlation_id": "", "causation_id": ""},
        )
        OrderHead.objects.filter(pk=order_id).update(version=4)

        assert "€49.80" in text(browser(alice).get(url, {"at": 2}))
        response = browser(alice).get(url, {"at": 4})
        assert response.status_code == 200
        assert "This history cannot be read to its end." in text(response)

    def test_charlie_sees_no_version_of_it(self, versions, browser, charlie, url):
        assert browser(charlie).get(url, {"at": 4}).status_code == 404
        assert browser(charlie).get(url, {"at": 4}, headers=FRAGMENT).status_code == 404

    def test_500_lines_are_shown_whole(self, browser, alice, by, key, url, order_id, text):
        skus = [ProductFactory().sku for _ in range(498)]
        handling.add_items(by(alice), order_id, [(sku, 1) for sku in skus], key=key())

        assert "500 lines" in text(browser(alice).get(url, {"at": 501}))

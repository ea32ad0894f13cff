"""Two agents change the same thing: the page asks, and each way on does what it says."""

import re

import pytest
from django.urls import reverse

from eventstore.models import Event
from ordering import handling
from ordering.models import OrderHead
from tests.factories import ProductFactory

both_ways = pytest.mark.parametrize("fragment", [False, True], ids=["page", "fragment"])


@pytest.fixture
def url(order_id):
    def url(name, sku=None):
        return reverse(name, args=[order_id, sku] if sku else [order_id])

    return url


def forms(response):
    """The forms of the question, as (address, fields); a button's value is a field."""
    body = response.content.decode()
    question = re.search(r'<section class="panel asked.*?</section>', body, re.DOTALL)[0]
    found = []
    for address, inside in re.findall(
        r'<form[^>]*action="([^"]+)".*?>(.*?)</form>', question, re.S
    ):
        fields = dict(re.findall(r'name="(\w+)"[^>]* value="([^"]*)"', inside))
        fields |= dict(
            re.findall(r'<textarea[^>]* name="(\w+)"[^>]*>\n(.*?)</textarea>', inside, re.S)
        )
        del fields["csrfmiddlewaretoken"]
        found.append((address, fields))
    return found


class TestQuantity:
    @pytest.fixture
    def ask(self, browser, alice, bob, by, key, url, order_id):
        """Alice, who saw 2 at version 3, sets a quantity after Bob made it 5."""

        def ask(quantity="4", theirs=5, fragment=False):
            handling.change_quantity(by(bob), order_id, "FLR-25", theirs, key=key())
            form = {"quantity": quantity}
            page = browser(alice)
            return page, page.send(url("order_item", "FLR-25"), form, seen=3, fragment=fragment)

        return ask

    @both_ways
    def test_it_says_what_i_wanted_and_who_did_what(self, fragment, ask, text, lines, order_id):
        _, response = ask(fragment=fragment)

        assert response.status_code == 409
        said = text(response)
        assert "You and Bob changed the same thing" in said
        assert "Bob set Plain wheat flour, 25 kg sack, from 2 to 5" in said
        assert "You wanted to set Plain wheat flour, 25 kg sack, from 2 to 4." in said
        assert lines(order_id)["FLR-25"] == 5

    def test_keeping_theirs_is_a_link_to_the_order_as_it_is(self, ask, url):
        _, response = ask()

        assert f'<a class="button" href="{url("order")}">Keep 5</a>' in response.content.decode()

    @pytest.mark.parametrize(("button", "quantity"), [("Use mine: 4", 4), ("Both: 7", 7)])
    def test_mine_and_both_are_one_click(self, button, quantity, ask, text, lines, order_id):
        page, response = ask()

        assert button in text(response)
        address, fields = next(
            form for form in forms(response) if form[1]["quantity"] == str(quantity)
        )
        assert page.post(address, fields).status_code == 303
        assert lines(order_id)["FLR-25"] == quantity

    @pytest.mark.parametrize(
        ("mine", "theirs"),
        [("1", 5), ("4", 1), ("9999", 5)],
        ids=["less and more", "more and less", "too many"],
    )
    def test_both_is_not_offered_where_it_makes_no_sense(self, mine, theirs, ask, text):
        _, response = ask(quantity=mine, theirs=theirs)

        assert response.status_code == 409
        assert "Both:" not in text(response)

    def test_both_adds_up_when_both_took_some_away(
        self, browser, alice, bob, by, key, url, text, order_id
    ):
        handling.change_quantity(by(alice), order_id, "FLR-25", 9, key=key())
        handling.change_quantity(by(bob), order_id, "FLR-25", 6, key=key())

        response = browser(alice).send(url("order_item", "FLR-25"), {"quantity": "7"}, seen=4)

        assert "Both: 4" in text(response)

    def test_a_change_after_the_question_is_asked_about_again(
        self, ask, bob, by, key, order_id, text, lines
    ):
        page, response = ask()
        handling.change_quantity(by(bob), order_id, "FLR-25", 6, key=key())

        again = page.post(*forms(response)[0])

        assert again.status_code == 409
        assert "from 5 to 6" in text(again)
        assert "from 2 to 5" not in text(again)
        assert lines(order_id)["FLR-25"] == 6

    def test_what_is_no_quantity_is_no_question(self, ask, text):
        _, response = ask(quantity="many")

        assert response.status_code == 422
        assert "must be a whole number from 1 to 9999, not many." in text(response)

    def test_a_line_that_was_removed_can_be_put_back_with_my_quantity(
        self, browser, alice, bob, by, key, url, order_id, text, lines
    ):
        handling.remove_item(by(bob), order_id, "FLR-25", key=key())
        page = browser(alice)

        response = page.send(url("order_item", "FLR-25"), {"quantity": "4"}, seen=3)

        assert response.status_code == 409
        assert "Bob removed Plain wheat flour, 25 kg sack; there were 2" in text(response)
        assert "Keep it removed" in text(response)
        [(address, fields)] = forms(response)
        assert page.post(address, fields).status_code == 303
        assert lines(order_id)["FLR-25"] == 4

    def test_what_came_true_already_is_no_question(self, ask, lines, order_id):
        _, response = ask(quantity="5")

        assert response.status_code == 303
        assert lines(order_id)["FLR-25"] == 5

    def test_changes_of_other_lines_and_details_merge(
        self, browser, alice, bob, by, key, url, order_id, lines
    ):
        handling.change_quantity(by(bob), order_id, "BUT-10", 5, key=key())
        handling.change_details(by(bob), order_id, key=key(), reference="Sunday")

        response = browser(alice).send(url("order_item", "FLR-25"), {"quantity": "4"}, seen=3)

        assert response.status_code == 303
        assert lines(order_id) == {"FLR-25": 4, "BUT-10": 5}

    def test_ones_own_quicker_change_is_no_question(
        self, browser, alice, by, key, url, order_id, lines
    ):
        handling.change_quantity(by(alice), order_id, "FLR-25", 5, key=key())
        page, form = browser(alice), {"seen": 3, "command_id": key()}

        first = page.send(url("order_item", "FLR-25"), {"quantity": "4"}, **form)
        after = Event.objects.count()
        second = page.send(url("order_item", "FLR-25"), {"quantity": "4"}, **form)

        assert (first.status_code, second.status_code) == (303, 303)
        assert lines(order_id)["FLR-25"] == 4
        assert Event.objects.count() == after


class TestRemoval:
    @both_ways
    def test_removing_what_a_colleague_changed_asks_first(
        self, fragment, browser, alice, bob, by, key, url, order_id, text, lines
    ):
        handling.add_items(by(bob), order_id, [("FLR-25", 3)], key=key())
        page = browser(alice)

        response = page.send(url("order_item_removal", "FLR-25"), seen=3, fragment=fragment)

        assert response.status_code == 409
        assert "Bob added 3 × Plain wheat flour, 25 kg sack; 5 now" in text(response)
        assert "Keep 5" in text(response)
        assert lines(order_id)["FLR-25"] == 5
        assert page.post(*forms(response)[0]).status_code == 303
        assert "FLR-25" not in lines(order_id)

    def test_removing_what_a_colleague_removed_is_no_question(
        self, browser, alice, bob, by, key, url, order_id
    ):
        handling.remove_item(by(bob), order_id, "FLR-25", key=key())

        assert browser(alice).send(url("order_item_removal", "FLR-25"), seen=3).status_code == 303


class TestDetails:
    @pytest.fixture
    def ask(self, browser, alice, bob, by, key, url, order_id):
        """Alice saves both details, typed when the order was at version 3, after Bob's change."""

        def ask(typed, fragment=False, **theirs):
            handling.change_details(by(bob), order_id, key=key(), **theirs)
            page = browser(alice)
            return page, page.send(url("order_details"), typed, seen=3, fragment=fragment)

        return ask

    @both_ways
    def test_it_shows_their_text_beside_mine(self, fragment, ask, text, head, order_id):
        page, response = ask(
            {"reference": "Sunday", "note": "Back gate\r\nRing"},
            fragment,
            reference="Saturday",
            note="Front door",
        )

        assert response.status_code == 409
        body = response.content.decode()
        assert '<div class="theirs">Saturday</div>' in body
        assert '<div class="theirs">Front door</div>' in body
        [(address, fields)] = forms(response)
        assert (fields["reference"], fields["note"]) == ("Sunday", "Back gate\r\nRing")
        assert page.post(address, fields).status_code == 303
        assert (head(order_id).reference, head(order_id).note) == ("Sunday", "Back gate\nRing")

    def test_only_the_field_that_both_changed_is_asked_about(self, ask, head, order_id):
        page, response = ask({"reference": "Friday", "note": "Back gate"}, note="Front door")

        assert response.status_code == 409
        assert 'for="mine-reference"' not in response.content.decode()
        page.post(*forms(response)[0])
        assert (head(order_id).reference, head(order_id).note) == ("Friday", "Back gate")

    def test_keeping_theirs_in_one_field_still_saves_what_is_mine_alone(self, ask, head, order_id):
        page, response = ask({"reference": "Sunday", "note": "Back gate"}, note="Front door")

        [_, (address, fields)] = forms(response)
        assert (fields["reference"], fields["note"]) == ("Sunday", "Front door")
        assert page.post(address, fields).status_code == 303
        assert (head(order_id).reference, head(order_id).note) == ("Sunday", "Front door")

    def test_different_fields_merge_though_the_form_holds_both(self, ask, head, order_id):
        _, response = ask({"reference": "Friday", "note": "Back gate"}, reference="Saturday")

        assert response.status_code == 303
        assert (head(order_id).reference, head(order_id).note) == ("Saturday", "Back gate")

    def test_a_refused_text_does_not_set_back_what_a_colleague_wrote_in_the_other_field(self, ask):
        _, response = ask({"reference": "Friday", "note": "x" * 2001}, reference="Saturday")

        assert response.status_code == 422
        body = response.content.decode()
        assert re.search(r'name="reference" value="Saturday"', body)
        assert "x" * 2001 in body


class TestClosing:
    @pytest.fixture
    def changed(self, bob, by, key, order_id):
        handling.change_quantity(by(bob), order_id, "FLR-25", 5, key=key())
        handling.change_details(by(bob), order_id, key=key(), note="Back gate")

    @both_ways
    def test_completing_shows_what_changed_and_asks_again(
        self, fragment, changed, browser, alice, url, order_id, head, text
    ):
        page = browser(alice)

        response = page.send(url("order_completion"), seen=3, fragment=fragment)

        assert response.status_code == 409
        said = text(response)
        assert "Bob changed the order since you looked" in said
        assert said.index("from 2 to 5") < said.index("wrote the note “Back gate”")
        assert "Complete with these changes: €195.85" in said
        assert head(order_id).status == "open"
        assert page.post(*forms(response)[0]).status_code == 303
        assert head(order_id).status == "completed"

    @both_ways
    def test_cancelling_shows_what_changed_and_keeps_the_reason(
        self, fragment, changed, browser, alice, url, order_id, head, text
    ):
        page = browser(alice)

        response = page.send(
            url("order_cancellation"), {"reason": "Closed"}, seen=3, fragment=fragment
        )

        assert response.status_code == 409
        assert "You wanted to cancel the order: “Closed”" in text(response)
        assert page.post(*forms(response)[0]).status_code == 303
        assert head(order_id).status == "cancelled"
        assert head(order_id).cancel_reason == "Closed"

    def test_ones_own_unseen_changes_are_told_too_but_who_changed_it_is_the_colleague(
        self, changed, browser, alice, by, key, url, order_id, text
    ):
        handling.add_items(by(alice), order_id, [("BUT-10", 1)], key=key())

        said = text(browser(alice).send(url("order_completion"), seen=3))

        assert "Bob changed the order since you looked" in said
        assert "Alice added 1 × Butter" in said

    def test_a_change_of_500_lines_is_told_whole(
        self, browser, alice, bob, by, key, url, order_id, text
    ):
        skus = [ProductFactory().sku for _ in range(498)]
        handling.add_items(by(bob), order_id, [(sku, 1) for sku in skus], key=key())

        response = browser(alice).send(url("order_completion"), seen=3)

        assert response.status_code == 409
        assert "Bob added 498 products" in text(response)


class TestClosedByAColleague:
    @pytest.fixture(autouse=True)
    def _closed(self, bob, by, key, order_id):
        handling.complete_order(by(bob), order_id, key=key())

    @both_ways
    def test_a_changed_line_goes_into_a_new_order_with_my_quantity(
        self, fragment, browser, alice, url, text, lines, order_id
    ):
        page = browser(alice)

        response = page.send(
            url("order_item", "FLR-25"), {"quantity": "7"}, seen=3, fragment=fragment
        )

        assert response.status_code == 409
        assert "Your change was not made: Bob completed" in text(response)
        assert "Put 7 × FLR-25 into a new order" in text(response)
        offer = {"sku": "FLR-25", "quantity": "7", "into": "new"}
        answer = page.send(reverse("current_order_items"), offer)
        new = OrderHead.objects.exclude(pk=order_id).get()
        assert answer["Location"] == reverse("order", args=[new.pk])
        assert lines(new.pk) == {"FLR-25": 7}

    @both_ways
    def test_typed_details_go_into_a_copy(
        self, fragment, browser, alice, url, lines, order_id, head
    ):
        page = browser(alice)
        typed = {"reference": "Friday", "note": "Back gate"}

        response = page.send(url("order_details"), typed, seen=3, fragment=fragment)

        assert response.status_code == 409
        body = response.content.decode()
        assert "Back gate</textarea>" in body
        assert "typed-reference" not in body
        page.send(url("order_copy"), {"note": "Back gate"})
        new = OrderHead.objects.exclude(pk=order_id).get()
        assert (new.reference, new.note) == ("Friday", "Back gate")
        assert lines(new.pk) == lines(order_id)

    def test_details_that_a_copy_refuses_stay_typed_on_it(self, browser, alice, url, order_id):
        response = browser(alice).send(url("order_copy"), {"note": "x" * 2001})

        new = OrderHead.objects.exclude(pk=order_id).get()
        assert response.status_code == 422
        assert new.number in response.content.decode()
        assert "x" * 2001 in response.content.decode()

    def test_the_reason_of_a_cancellation_is_shown_again(self, browser, alice, url, text):
        response = browser(alice).send(url("order_cancellation"), {"reason": "Too late"}, seen=3)

        assert response.status_code == 409
        assert "Reason: Too late" in text(response)


def test_charlie_is_asked_nothing(browser, charlie, bob, by, key, url, order_id):
    handling.change_quantity(by(bob), order_id, "FLR-25", 5, key=key())

    for name, sku in [
        ("order_item", "FLR-25"),
        ("order_completion", None),
        ("order_details", None),
    ]:
        response = browser(charlie).send(url(name, sku), {"quantity": "4"}, seen=3)
        assert response.status_code == 404

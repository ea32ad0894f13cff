"""Nobody's typing is disturbed by what colleagues do, nor by one's own changes."""

from playwright.sync_api import expect

from ordering.models import OrderHead
from tests.browser.fields import caret, quantity, set_quantity


def test_a_half_typed_quantity_survives_and_what_lies_underneath_shows(listening):
    with listening("alice") as alice, listening("bob") as bob:
        quantity(alice, "FLR-25").fill("34")
        quantity(alice, "FLR-25").press("ArrowLeft")

        set_quantity(bob, "FLR-25", 5)

        line = alice.locator("#line-FLR-25")
        expect(line).to_contain_text("€99.00")
        expect(line.locator(".underneath")).to_contain_text("Now 5")
        expect(quantity(alice, "FLR-25")).to_have_value("34")
        expect(quantity(alice, "FLR-25")).to_be_focused()
        assert caret(alice) == 1


def test_what_is_sent_over_a_change_that_came_underneath_is_asked(listening, open_browser):
    with listening("alice") as alice, listening("bob") as bob:
        quantity(alice, "FLR-25").fill("4")
        set_quantity(bob, "FLR-25", 5)
        expect(alice.locator("#line-FLR-25 .underneath")).to_be_visible()

        quantity(alice, "FLR-25").press("Enter")

        question = alice.get_by_role("alert")
        expect(question).to_contain_text("Bob set Plain wheat flour, 25 kg sack, from 2 to 5")
        question.get_by_role("button", name="Both: 7").click()
        expect(bob.locator("#line-FLR-25 .underneath")).to_contain_text("Now 7")
        quantity(bob, "FLR-25").blur()
        expect(quantity(bob, "FLR-25")).to_have_value("7")
        open_browser.complaints.clear()  # the browser's own word for the 409


def test_a_field_that_was_only_looked_at_shows_the_change_when_it_is_left(listening):
    with listening("alice") as alice, listening("bob") as bob:
        quantity(alice, "FLR-25").focus()
        set_quantity(bob, "FLR-25", 5)
        expect(alice.locator("#line-FLR-25 .underneath")).to_contain_text("Now 5")
        expect(quantity(alice, "FLR-25")).to_have_value("2")

        quantity(alice, "FLR-25").blur()

        expect(quantity(alice, "FLR-25")).to_have_value("5")
        expect(alice.locator(".underneath")).to_have_count(0)


def test_escape_gives_up_what_was_typed(listening):
    with listening("alice") as alice, listening("bob") as bob:
        quantity(alice, "FLR-25").fill("4")
        set_quantity(bob, "FLR-25", 5)
        expect(alice.locator("#line-FLR-25 .underneath")).to_be_visible()
        quantity(alice, "FLR-25").press("Escape")
        expect(quantity(alice, "FLR-25")).to_have_value("5")


def test_an_unsaved_note_survives_what_colleagues_and_oneself_do(listening, order_id):
    with listening("alice") as alice, listening("bob") as bob:
        note = alice.get_by_role("textbox", name="Note")
        note.fill("Back gate")
        set_quantity(bob, "FLR-25", 5)
        expect(quantity(alice, "FLR-25")).to_have_value("5")
        set_quantity(alice, "COF-1", 3)
        expect(alice.locator("#line-COF-1")).to_contain_text("€44.70")
        bob.get_by_label("Reference").fill("Saturday")
        bob.get_by_role("button", name="Save").click()
        expect(alice.locator(".reference")).to_have_text("Saturday")
        expect(alice.locator("[data-place=details] .underneath")).to_contain_text("Now Saturday")

        expect(note).to_have_value("Back gate")
        alice.get_by_role("button", name="Save").click()
        expect(bob.get_by_role("textbox", name="Note")).to_have_value("Back gate")
        expect(bob.locator(".reference")).to_have_text("Saturday")


def test_a_line_is_not_taken_away_while_somebody_types_in_it(listening, open_browser):
    with listening("alice") as alice, listening("bob") as bob:
        quantity(alice, "FLR-25").fill("4")

        bob.get_by_label("Remove Plain wheat flour").click()

        news = alice.get_by_text("removed Plain wheat flour, 25 kg sack; there were 2")
        expect(news).to_be_visible()
        expect(quantity(alice, "FLR-25")).to_have_value("4")
        expect(quantity(alice, "FLR-25")).to_be_focused()
        quantity(alice, "FLR-25").press("Enter")
        alice.get_by_role("button", name="Put 4 back").click()
        expect(quantity(bob, "FLR-25")).to_have_value("4")
        open_browser.complaints.clear()


def test_the_fields_stay_when_a_colleague_closes_the_order_and_lead_on(listening, open_browser):
    with listening("alice") as alice, listening("bob") as bob:
        alice.get_by_label("Add by SKU").fill("BUT-10")
        bob.get_by_role("button", name="Complete order").click()

        expect(alice.get_by_text("completed the order: €54.50")).to_be_visible()
        expect(alice.get_by_label("Add by SKU")).to_have_value("BUT-10")
        alice.get_by_label("Add by SKU").press("Enter")
        alice.get_by_role("button", name="Put 1 × BUT-10 into a new order").click()
        expect(alice.get_by_role("row").filter(has_text="BUT-10")).to_be_visible()
        open_browser.complaints.clear()


def test_a_detail_that_a_colleague_clears_is_clear_and_is_not_set_back(listening, order_id):
    with listening("alice") as alice, listening("bob") as bob:
        for text in ("Friday", "Saturday", ""):
            bob.get_by_label("Reference").fill(text)
            bob.get_by_role("button", name="Save").click()
            expect(alice.get_by_label("Reference")).to_have_value(text)
        alice.get_by_role("textbox", name="Note").fill("Back gate")
        alice.get_by_role("button", name="Save").click()
        expect(bob.get_by_role("textbox", name="Note")).to_have_value("Back gate")
    assert OrderHead.objects.get(pk=order_id).reference == ""


def test_after_an_item_was_added_by_sku_the_fields_are_free_for_the_next(listening):
    with listening("alice") as alice, listening("bob") as bob:
        alice.get_by_label("Add by SKU").fill("BUT-10")
        alice.get_by_label("Quantity", exact=True).fill("5")
        alice.get_by_label("Quantity", exact=True).press("Enter")
        expect(alice.locator("#line-BUT-10")).to_be_visible()
        expect(alice.get_by_label("Add by SKU")).to_have_value("")
        expect(alice.get_by_label("Quantity", exact=True)).to_have_value("1")
        alice.get_by_role("heading", level=1).click()  # leaves the field
        expect(bob.locator("#line-BUT-10")).to_be_visible()  # he completes what he has seen
        bob.get_by_role("button", name="Complete order").click()
        expect(bob.get_by_role("alert")).to_have_count(0)
        expect(alice.locator(".notice-good")).to_contain_text("Bob completed this order")


def test_what_is_typed_while_ones_own_change_is_under_way_stays(listening, order_id):
    with listening("alice") as alice:
        arrived = []
        alice.route("**/details/", lambda route: arrived.append(route))
        note = alice.get_by_role("textbox", name="Note")
        note.fill("Back gate")
        with alice.expect_request("**/details/"):
            alice.get_by_role("button", name="Save").click()
        note.press_sequentially(", ring twice")
        arrived[0].continue_()
        alice.unroute("**/details/")
        expect(alice.locator("#toasts")).to_contain_text("Reference and note saved.")
        expect(note).to_have_value("Back gate, ring twice")
        alice.get_by_role("button", name="Save").click()
        expect(alice.locator(".underneath")).to_have_count(0)
        expect(note).to_have_value("Back gate, ring twice")
    assert OrderHead.objects.get(pk=order_id).note == "Back gate, ring twice"


def test_a_question_stays_while_its_answer_is_typed_and_something_else_is_done(
    listening, open_browser
):
    with listening("alice") as alice, listening("bob") as bob:
        alice.get_by_role("textbox", name="Note").fill("Back gate")
        bob.get_by_role("textbox", name="Note").fill("Front door")
        bob.get_by_role("button", name="Save").click()
        expect(alice.locator(".underneath")).to_contain_text("Now Front door")
        alice.locator("#cart").get_by_role("button", name="Save").click()
        mine = alice.get_by_role("alert").get_by_label("Your note")
        mine.fill("Front door, then back gate")

        set_quantity(alice, "COF-1", 3)

        expect(alice.locator("#line-COF-1")).to_contain_text("€44.70")
        expect(mine).to_have_value("Front door, then back gate")
        alice.get_by_role("button", name="Use mine").click()
        expect(bob.get_by_role("textbox", name="Note")).to_have_value("Front door, then back gate")
        open_browser.complaints.clear()


def test_an_unsaved_note_survives_a_refusal_of_something_else(listening, open_browser):
    with listening("alice") as alice, listening("bob") as bob:
        note = alice.get_by_role("textbox", name="Note")
        note.fill("Back gate")
        bob.get_by_role("button", name="Complete order").click()
        expect(alice.get_by_text("completed the order: €54.50")).to_be_visible()

        alice.get_by_role("button", name="One more: Plain wheat flour").click()

        expect(alice.get_by_role("alert")).to_contain_text("Your change was not made")
        expect(note).to_have_value("Back gate")
        alice.get_by_role("button", name="Save").click()
        copy = alice.get_by_role("button", name="Copy the order, with this text")
        copy.click()
        expect(alice.get_by_role("textbox", name="Note")).to_have_value("Back gate")
        open_browser.complaints.clear()

"""Two agents on one order, each in a browser of their own, whose changes meet: it ends with a
person's choice, and nothing is lost."""

import pytest
from playwright.sync_api import expect

from ordering import handling
from ordering.handling import Caller
from ordering.models import Agent, OrderHead, OrderLine

ways = pytest.mark.parametrize("javascript", [True, False], ids=["javascript", "plain"])


@pytest.fixture
def order_id(cast):
    """Alice's order of 2 x FLR-25 and 1 x COF-1."""
    alice = Agent.objects.select_related("customer").get(username="alice")
    items = [("FLR-25", 2), ("COF-1", 1)]
    return handling.open_order(Caller(alice, "web"), key="order", items=items).stream_id


@pytest.fixture
def both(open_browser, order_id):
    """Alice and Bob, each with the order open."""

    class Both:
        def __init__(self, javascript):
            self.contexts = [
                open_browser(name, java_script_enabled=javascript) for name in ("alice", "bob")
            ]

        def __enter__(self):
            pages = [context.__enter__() for context in self.contexts]
            for page in pages:
                page.goto(f"/orders/{order_id}/")
            return pages

        def __exit__(self, *error):
            for context in reversed(self.contexts):
                context.__exit__(*error)

    return Both


def set_quantity(page, sku, quantity):
    page.locator(f"#quantity-{sku}").fill(str(quantity))
    page.locator(f"#quantity-{sku}").press("Enter")


def expect_quantity(page, sku, quantity):
    expect(page.locator(f"#quantity-{sku}")).to_have_value(str(quantity))


def quantities(order_id):
    return dict(OrderLine.objects.filter(order_id=order_id).values_list("sku", "quantity"))


@pytest.mark.parametrize(
    ("javascript", "choice", "then"),
    [
        (True, "Keep 5", 5),
        (True, "Use mine: 4", 4),
        (False, "Keep 5", 5),
        (False, "Both: 7", 7),
    ],
)
def test_both_edit_the_same_line(javascript, choice, then, both, order_id, open_browser, fits):
    with both(javascript) as (alice, bob):
        alice.locator("#quantity-FLR-25").fill("4")
        set_quantity(bob, "FLR-25", 5)
        # Not the sum: it is shown before the shop has answered.
        expect(bob.get_by_text("FLR-25 is now 5.").first).to_be_visible()

        alice.locator("#quantity-FLR-25").press("Enter")

        question = alice.get_by_role("alert")
        expect(question).to_contain_text("Bob set Plain wheat flour, 25 kg sack, from 2 to 5")
        expect(question).to_contain_text("You wanted to set Plain wheat flour")
        fits(alice)
        role = "link" if choice.startswith("Keep") else "button"
        question.get_by_role(role, name=choice).click()
        expect(question).to_have_count(0)
        expect_quantity(alice, "FLR-25", then)
        open_browser.complaints.clear()  # the browser's own word for the 409
    assert quantities(order_id) == {"FLR-25": then, "COF-1": 1}


def test_a_question_stays_while_a_colleague_goes_on(both, order_id, open_browser):
    with both(javascript=True) as (alice, bob):
        alice.locator("#quantity-FLR-25").fill("4")
        set_quantity(bob, "FLR-25", 5)
        # Not the sum: it is shown before the shop has answered.
        expect(bob.get_by_text("FLR-25 is now 5.").first).to_be_visible()
        alice.locator("#quantity-FLR-25").press("Enter")
        question = alice.get_by_role("alert")
        expect(question).to_contain_text("from 2 to 5")

        set_quantity(bob, "FLR-25", 6)
        expect(bob.locator("#line-FLR-25")).to_contain_text("€118.80")
        expect(question).to_contain_text("from 2 to 5")
        question.get_by_role("button", name="Use mine: 4").click()

        expect(question).to_contain_text("from 5 to 6")
        question.get_by_role("button", name="Use mine: 4").click()
        expect(question).to_have_count(0)
        expect_quantity(alice, "FLR-25", 4)
        open_browser.complaints.clear()
    assert quantities(order_id)["FLR-25"] == 4


@ways
def test_one_removes_the_line_that_the_other_edits(javascript, both, order_id, open_browser):
    with both(javascript) as (alice, bob):
        alice.locator("#quantity-FLR-25").fill("4")
        bob.get_by_label("Remove Plain wheat flour").click()
        expect(bob.locator("#line-FLR-25")).to_have_count(0)

        expect_quantity(alice, "FLR-25", 4)
        alice.locator("#quantity-FLR-25").press("Enter")

        question = alice.get_by_role("alert")
        expect(question).to_contain_text("Bob removed Plain wheat flour, 25 kg sack; there were 2")
        question.get_by_role("button", name="Put 4 back").click()
        expect_quantity(alice, "FLR-25", 4)
        open_browser.complaints.clear()
    assert quantities(order_id) == {"FLR-25": 4, "COF-1": 1}


@ways
def test_one_completes_while_the_other_adds(javascript, both, order_id, open_browser):
    with both(javascript) as (alice, bob):
        alice.get_by_label("Add by SKU").fill("BUT-10")
        bob.get_by_role("button", name="Complete order").click()
        expect(bob.get_by_text("Bob completed this order")).to_be_visible()

        alice.get_by_label("Add by SKU").press("Enter")

        notice = alice.get_by_role("alert")
        expect(notice).to_contain_text("Your change was not made: Bob completed HC-")
        notice.get_by_role("button", name="Put 1 × BUT-10 into a new order").click()
        expect(alice.get_by_role("row").filter(has_text="BUT-10")).to_be_visible()
        assert str(order_id) not in alice.url
        open_browser.complaints.clear()
    new = OrderHead.objects.exclude(pk=order_id).get()
    assert quantities(order_id) == {"FLR-25": 2, "COF-1": 1}
    assert quantities(new.pk) == {"BUT-10": 1}


@ways
def test_one_cancels_while_the_other_edits_the_details(javascript, both, order_id, open_browser):
    with both(javascript) as (alice, bob):
        alice.get_by_role("textbox", name="Note").fill("Back gate, ring twice")
        bob.get_by_text("Cancel this order").click()
        bob.get_by_role("button", name="Cancel the order").click()
        expect(bob.get_by_text("Bob cancelled this order")).to_be_visible()

        expect(alice.get_by_role("textbox", name="Note")).to_have_value("Back gate, ring twice")
        alice.get_by_role("button", name="Save").click()

        notice = alice.get_by_role("alert")
        expect(notice).to_contain_text("Your change was not made: Bob cancelled HC-")
        expect(notice.get_by_role("textbox", name="Note")).to_have_value("Back gate, ring twice")
        notice.get_by_role("button", name="Copy the order, with this text").click()
        expect(alice.get_by_text("as a copy of")).to_be_visible()
        expect(alice.get_by_role("textbox", name="Note")).to_have_value("Back gate, ring twice")
        open_browser.complaints.clear()
    new = OrderHead.objects.exclude(pk=order_id).get()
    assert new.note == "Back gate, ring twice"
    assert quantities(new.pk) == {"FLR-25": 2, "COF-1": 1}


@ways
def test_both_edit_the_details(javascript, both, order_id, open_browser):
    with both(javascript) as (alice, bob):
        alice.get_by_role("textbox", name="Note").fill("Back gate")
        bob.get_by_role("textbox", name="Note").fill("Front door")
        bob.get_by_label("Reference").fill("Saturday")
        bob.get_by_role("button", name="Save").click()
        expect(bob.locator(".reference")).to_have_text("Saturday")

        alice.locator("#cart").get_by_role("button", name="Save").click()

        question = alice.get_by_role("alert")
        expect(question.locator(".theirs")).to_have_text("Front door")
        mine = question.get_by_label("Your note")
        expect(mine).to_have_value("Back gate")
        mine.fill("Front door, then back gate")
        question.get_by_role("button", name="Use mine").click()
        expect(question).to_have_count(0)
        expect(alice.locator("#cart").get_by_role("textbox", name="Note")).to_have_value(
            "Front door, then back gate"
        )
        open_browser.complaints.clear()
    head = OrderHead.objects.get(pk=order_id)
    assert (head.reference, head.note) == ("Saturday", "Front door, then back gate")


def test_completing_what_a_colleague_has_just_changed_asks_again(both, order_id, open_browser):
    with both(javascript=False) as (alice, bob):
        set_quantity(bob, "COF-1", 3)
        expect_quantity(bob, "COF-1", 3)

        alice.get_by_role("button", name="Complete order").click()

        question = alice.get_by_role("alert")
        expect(question).to_contain_text("Bob changed the order since you looked")
        expect(question).to_contain_text("from 1 to 3")
        question.get_by_role("button", name="Complete with these changes").click()
        expect(alice.get_by_text("Alice completed this order")).to_be_visible()
        open_browser.complaints.clear()


@ways
def test_a_change_is_undone_from_its_message(javascript, both, order_id):
    with both(javascript) as (alice, _):
        set_quantity(alice, "FLR-25", 9)
        expect(alice.get_by_role("status")).to_contain_text("FLR-25 is now 9.")

        alice.get_by_role("status").get_by_role("button", name="Undo").click()

        expect(alice.get_by_role("status")).to_contain_text("Undone.")
        expect_quantity(alice, "FLR-25", 2)
    assert quantities(order_id)["FLR-25"] == 2


@ways
def test_what_a_colleague_built_upon_is_not_undone(javascript, both, order_id, open_browser):
    with both(javascript) as (alice, bob):
        set_quantity(alice, "FLR-25", 9)
        undo = alice.get_by_role("status").get_by_role("button", name="Undo")
        expect(undo).to_be_visible()
        bob.goto(f"/orders/{order_id}/")
        set_quantity(bob, "FLR-25", 8)
        expect(bob.get_by_role("status")).to_contain_text("FLR-25 is now 8.")

        undo.click()

        expect(alice.get_by_role("alert")).to_contain_text("Not undone: it was built upon since")
        expect(alice.get_by_role("alert")).to_contain_text("Bob set Plain wheat flour")
        open_browser.complaints.clear()
    assert quantities(order_id)["FLR-25"] == 8


@ways
def test_the_history_shows_the_order_as_it_was(javascript, both, order_id, fits):
    with both(javascript) as (alice, _):
        set_quantity(alice, "FLR-25", 9)
        expect(alice.locator("#line-FLR-25")).to_contain_text("€178.20")
        alice.get_by_role("link", name="Who did what").click()
        then = alice.locator("#as-it-was")
        expect(then).to_contain_text("Choose a version")

        if javascript:
            alice.get_by_label("Version, from 1 to 4").press("Home")
            expect(then).to_contain_text("Version 1 of 4")
            alice.get_by_label("Version, from 1 to 4").press("ArrowRight")
        else:
            then.get_by_role("link", name="First version").click()
            then.get_by_role("link", name="Next version").click()

        expect(then).to_contain_text("Version 2 of 4")
        expect(then).to_contain_text("€39.60")
        then.get_by_role("link", name="Last version").click()
        expect(then).to_contain_text("€193.10")
        fits(alice)
        alice.get_by_role("button", name="Undo version 4").click()
        expect(alice.get_by_text("from 9 to 2")).to_be_visible()
    assert quantities(order_id)["FLR-25"] == 2

"""Pasting a list: it is checked without changing anything, then added all at once."""

import re
import uuid

import pytest

from catalog.indexing import refresh
from eventstore.models import Event
from ordering.models import OrderHead
from tests.factories import ProductFactory

URL = "/quick-order/"


def test_a_list_is_checked_then_added_to_the_current_order(
    paste, alice, order_id, make_current, flour, butter, head, lines, text
):
    make_current(alice, order_id)
    before = Event.objects.count()

    checked, form = paste(alice, "Hi Bob,\n- 4 x FLR-25\nflr25: 3\nBUT-10\t2")

    said = text(checked)
    assert checked.status_code == 200
    assert "2 products found" in said
    assert "2 lines summed: - 4 x FLR-25 , flr25: 3" in said
    assert "€174.30" in said
    assert f"Add 2 products to {head(order_id).number}" in said
    assert "1 line was left out" in said
    assert form.text == ""
    assert Event.objects.count() == before

    added, _ = form.press("add")

    assert (added.status_code, added["Location"]) == (303, f"/orders/{order_id}/")
    assert lines(order_id) == {"FLR-25": 9, "BUT-10": 3}
    page = form.page.get(added["Location"])
    assert "Added 2 products." in text(page)
    assert f"/orders/{order_id}/undo/" in page.content.decode()
    assert len({event.command_id for event in Event.objects.order_by("position")[before:]}) == 1


def test_with_no_current_order_it_opens_one_and_sent_twice_it_adds_once(
    paste, alice, flour, butter, lines, text
):
    checked, form = paste(alice, "FLR-25 4\nBUT-10 1")
    assert "Add 2 products to a new order" in text(checked)

    first, _ = form.press("add", command_id=(key := str(uuid.uuid4())))
    second, _ = form.press("add", command_id=key)

    assert first["Location"] == second["Location"]
    assert lines(OrderHead.objects.get().pk) == {"FLR-25": 4, "BUT-10": 1}


def test_wrong_lines_stay_in_the_box_with_their_reasons_and_right_ones_in_the_form(
    paste, alice, flour, butter, text
):
    checked, form = paste(alice, "FLR-25 4\nFLR-26 2\nBUT-10 1.5\nBUT-10 10000\n4 25\n")

    said = text(checked)
    assert form.text == "FLR-26 2\nBUT-10 1.5\nBUT-10 10000\n4 25"
    assert "1 product found, 4 lines to correct" in said
    assert "The catalog has nothing called “FLR-26”." in said
    assert "Only whole numbers can be ordered, not 1.5." in said
    assert "from 1 to 9999, not 10000." in said
    assert form.sent["quantity-FLR-25"] == "4"

    again, corrected = form.press("check", text="BUT-10 2\nFLR-25 1")

    assert (corrected.sent["quantity-FLR-25"], corrected.sent["quantity-BUT-10"]) == ("5", "2")
    assert "2 products found" in text(again)
    assert corrected.text == ""


def test_a_table_keeps_its_head_with_the_rows_to_correct(paste, alice, flour, butter):
    _, form = paste(alice, "Price\tQty\tSKU\n20\t4\tFLR-25\n70\t1,5\tBUT-10")
    assert form.text == "Price\tQty\tSKU\n70\t1,5\tBUT-10"

    _, form = form.press("check", text=form.text.replace("1,5", "2"))

    assert form.sent["quantity-BUT-10"] == "2"


def test_a_suggestion_takes_the_place_of_its_line(paste, alice, flour, text):
    checked, form = paste(alice, "FLR-26 2\nXYZ-1 5")
    assert 'value="FLR-25 2 FLR-26 2"' in checked.content.decode()

    _, form = form.press("instead", "FLR-25 2 FLR-26 2")

    assert (form.sent["quantity-FLR-25"], form.text) == ("2", "XYZ-1 5")
    # It is there no more: nothing more is taken.
    _, form = form.press("instead", "FLR-25 2 FLR-26 2")
    assert form.sent["quantity-FLR-25"] == "2"


def test_a_product_found_by_name_is_marked_and_can_be_refused(paste, alice, search_finds, text):
    checked, form = paste(alice, "2x oat milk")
    assert "Matched by name" in text(checked)
    assert "Oat drink" in text(checked)

    asked, form = form.press("another", "OTM-6")
    assert "quantity-OTM-6" not in form.sent
    assert "Which one is meant?" in text(asked)

    back, form = form.press("check", **{"choice-0": "none"})
    assert "Which one is meant?" not in text(back)
    assert "None of the products was meant." in text(back)
    assert form.text == "2x oat milk"


def test_of_several_products_the_agent_chooses_one_even_while_adding(
    paste, alice, search_finds, lines, text
):
    ProductFactory(sku="RYE-25", name="Dark rye flour")
    refresh()
    checked, form = paste(alice, "3 flour\nFLR-25 1")
    assert "1 line to choose for" in text(checked)
    assert len(re.findall(r'type="radio" name="choice-0"', checked.content.decode())) == 3

    added, _ = form.press("add", **{"choice-0": "RYE-25"})

    assert added.status_code == 303
    assert lines(OrderHead.objects.get().pk) == {"FLR-25": 1, "RYE-25": 3}


def test_quantities_are_corrected_and_products_removed_in_the_review(
    paste, alice, flour, butter, text
):
    _, form = paste(alice, "FLR-25 4\nBUT-10 1")

    updated, form = form.press("update", **{"quantity-FLR-25": "10"})
    assert "€249.00" in text(updated)
    _, form = form.press("remove", "BUT-10")

    assert form.sent["quantity-FLR-25"] == "10"
    assert "quantity-BUT-10" not in form.sent


def test_a_line_written_since_the_check_is_shown_before_anything_is_added(
    paste, alice, flour, butter, text
):
    _, form = paste(alice, "FLR-25 4")

    refused, form = form.press("add", text="BUT-10 2")

    assert refused.status_code == 422
    assert "Nothing was added yet" in text(refused)
    assert form.sent["quantity-BUT-10"] == "2"
    assert not OrderHead.objects.exists()


def test_lines_that_could_not_be_added_wait_on_the_page(paste, alice, flour, text):
    _, form = paste(alice, "FLR-25 4\nXYZ-9 2")

    added, _ = form.press("add")

    assert "Some lines could not be added." in text(form.page.get(added["Location"]))
    later = form.reload()
    assert later.text == "XYZ-9 2"
    later.press("check", text="")
    assert form.reload().text == ""


def test_a_product_that_left_the_catalog_goes_back_into_the_box(paste, alice, flour, text):
    _, form = paste(alice, "flr25: 4")
    flour.active = False
    flour.save()

    refused, form = form.press("add")

    assert refused.status_code == 422
    assert "Plain wheat flour (FLR-25) has left the catalog." in text(refused)
    assert form.text == "flr25: 4"


def test_htmx_gets_the_form_with_the_focus_on_what_was_found(paste, alice, flour):
    response, _ = paste(alice, "FLR-25 4", fragment=True)
    body = response.content.decode()
    assert body.lstrip().startswith('<form class="quick stack" id="quick"')
    assert re.search(r'<h2 id="review-title" tabindex="-1" autofocus>', body)


def test_htmx_gets_only_the_rows_when_a_quantity_changes(paste, alice, flour):
    _, form = paste(alice, "FLR-25 4")

    response, _ = form.press(
        "update", fragment=True, text="still typing", **{"quantity-FLR-25": "5"}
    )

    body = response.content.decode()
    assert (response["HX-Retarget"], response["HX-Reswap"]) == ("#quick-rows", "outerMorph")
    assert "€124.50" in body
    assert "textarea" not in body


@pytest.mark.parametrize("odd", ["\0", "a\0b", "FLR-25\0 4", "\ud800", "٤ x FLR-25", "4 x <b>"])
def test_odd_characters_are_no_trouble(odd, paste, alice, flour):
    response, _ = paste(alice, odd.encode(errors="surrogatepass").decode(errors="replace"))
    assert response.status_code == 200


def test_what_was_pasted_is_shown_as_text(paste, alice, flour):
    response, form = paste(alice, "4 x <script>alert(1)</script>")
    assert "<script>alert" not in response.content.decode()
    assert form.text == "4 x <script>alert(1)</script>"


def test_the_pages_around_lead_here(browser, alice, order_id, make_current):
    page = browser(alice)
    assert f'href="{URL}"' in page.get("/").content.decode()
    # From an order that is not the current one: it becomes it first.
    assert f'name="next" value="{URL}"' in page.get(f"/orders/{order_id}/").content.decode()
    chosen = page.post("/current-order/", {"order": order_id, "next": URL})
    assert chosen["Location"] == URL

from django.urls import reverse


def test_it_removes_the_line(browser, alice, order_id, lines, text):
    page = browser(alice)

    page.send(reverse("order_item_removal", args=[order_id, "FLR-25"]))

    assert lines(order_id) == {"BUT-10": 1}
    assert "Removed FLR-25." in text(page.get(reverse("order", args=[order_id])))


def test_removing_what_is_gone_is_already_so(browser, alice, bob, order_id):
    url = reverse("order_item_removal", args=[order_id, "FLR-25"])

    assert browser(alice).send(url).status_code == 303
    assert browser(bob).send(url).status_code == 303

"""A session: who begins it, who ends it, and where it leads."""

from datetime import timedelta

from django.contrib.sessions.models import Session
from django.test import Client
from django.urls import reverse
from django.utils import timezone

GOOD = {"username": "alice", "password": "demo"}
ELSEWHERE = [
    "//evil.example",
    "///evil.example",
    "////evil.example/..",
    "https:evil.example",
    "https:///evil.example",
    "https://evil.example@testserver.evil.example/",
    "http://testserver:evil@evil.example/",
    r"\\evil.example",
    r"/\evil.example",
    r"\/evil.example",
    "javascript:alert(1)",
    "JaVaScRiPt:alert(1)//",
    "data:text/html,x",
    " //evil.example",
    "\t//evil.example",
    "/\t/evil.example",
    "ftp://testserver/",
    "x" * 9_000 + "//",
]


def key_of(page) -> str:
    return page.cookies["sessionid"].value


def test_a_login_takes_another_key_than_the_one_that_the_browser_came_with(alice, client):
    """Else who had put a key into the browser would be logged in with it too."""
    session = client.session
    session["planted"] = "yes"
    session.save()
    planted = key_of(client)

    client.post("/login/", GOOD)

    assert key_of(client) != planted
    assert not Session.objects.filter(pk=planted).exists()
    intruder = Client()
    intruder.cookies["sessionid"] = planted
    assert intruder.get("/orders/").status_code == 302


def test_who_logs_in_next_finds_nothing_of_who_was_here(alice, charlie, client):
    client.post("/login/", GOOD)
    session = client.session
    session["quick_order_rest"] = "hers"
    session.save()
    client.post("/logout/")

    client.post("/login/", {"username": "charlie", "password": "demo"})

    assert "quick_order_rest" not in client.session
    assert "hers" not in client.get("/quick-order/").content.decode()


def test_logging_out_ends_it_on_the_server(alice, client):
    client.post("/login/", GOOD)
    kept = key_of(client)

    client.post("/logout/")

    assert not Session.objects.filter(pk=kept).exists()
    late = Client()
    late.cookies["sessionid"] = kept
    assert late.get("/orders/")["Location"] == "/login/?next=/orders/"
    assert late.get("/api/v1/orders").status_code == 401


def test_a_new_password_ends_what_began_with_the_old_one(alice, browser):
    phone, till = browser(alice), browser(alice)
    assert phone.get("/orders/").status_code == till.get("/orders/").status_code == 200

    alice.set_password("something else entirely")
    alice.save()

    for page in (phone, till):
        assert page.get("/orders/").status_code == 302
        assert page.get("/api/v1/orders").status_code == 401


def test_who_changes_their_own_password_stays_where_they_did(admin, browser):
    here, elsewhere = browser(admin), browser(admin)
    new = "long enough for a shop 7"
    form = {"old_password": "demo", "new_password1": new, "new_password2": new}

    assert here.post("/admin/password_change/", form).status_code == 302

    assert here.get("/admin/").status_code == 200
    assert elsewhere.get("/admin/").status_code == 302


def test_it_ends_two_weeks_after_the_login_however_it_is_used(alice, client):
    client.post("/login/", GOOD)
    ends = Session.objects.get().expire_date
    assert timedelta(days=13, hours=23) < ends - timezone.now() <= timedelta(days=14)

    session = client.session
    session["quick_order_rest"] = "FLR-25 4"
    session.save()

    assert Session.objects.get().expire_date == ends


class TestNothingLeadsToAnotherSite:
    def test_logging_in(self, alice):
        for elsewhere in ELSEWHERE:
            answer = Client().post("/login/", GOOD | {"next": elsewhere})
            assert (answer.status_code, answer["Location"]) == (302, "/"), elsewhere

    def test_being_logged_in_already(self, alice, browser):
        page = browser(alice)
        for elsewhere in ELSEWHERE:
            answer = page.get("/login/", {"next": elsewhere})
            assert (answer.status_code, answer["Location"]) == (302, "/"), elsewhere

    def test_logging_out(self, alice, browser):
        for elsewhere in ELSEWHERE:
            answer = browser(alice).post("/logout/", {"next": elsewhere})
            assert (answer.status_code, answer["Location"]) == (302, "/login/"), elsewhere

    def test_choosing_a_language(self, db, client):
        for elsewhere in ELSEWHERE:
            answer = client.post("/language/", {"language": "de", "next": elsewhere})
            assert (answer.status_code, answer["Location"]) == (303, "/"), elsewhere

    def test_choosing_an_order(self, alice, browser, order_id):
        page = browser(alice)
        for elsewhere in ELSEWHERE:
            answer = page.post("/current-order/", {"order": str(order_id), "next": elsewhere})
            assert (answer.status_code, answer["Location"]) == (303, "/"), elsewhere

    def test_undoing(self, alice, browser, order_id, head):
        page = browser(alice)
        for elsewhere in ELSEWHERE:
            added = {"sku": "FLR-25", "quantity": "1"}
            page.send(reverse("order_items", args=[order_id]), added)
            form = {"version": f"{head(order_id).version}", "next": elsewhere}
            answer = page.send(reverse("order_undo", args=[order_id]), form)
            ours = reverse("order", args=[order_id])
            assert (answer.status_code, answer["Location"]) == (303, ours), elsewhere

"""Which language a page is in, and how that is changed."""

import pytest
from django.test import Client
from django.urls import reverse

from ordering.models import Agent
from tests.factories import AgentFactory

LOGIN = {"username": "alice", "password": "demo"}


@pytest.fixture
def visitor(db):
    return Client()


@pytest.fixture
def page(alice):
    browser = Client()
    browser.force_login(alice)
    return browser


def choose(browser, language, back="/orders/"):
    return browser.post(reverse("set_language"), {"language": language, "next": back})


def language(response) -> str:
    _, _, after = response.content.decode().partition('<html lang="')
    return after.partition('"')[0]


@pytest.mark.parametrize(
    ("asked", "got"),
    [
        ("de", "de"),
        ("de-AT,de;q=0.9,en;q=0.8", "de"),
        ("en;q=0.3, de;q=0.2", "en"),
        ("fr", "en"),
        ("\xff,;;q=2", "en"),
        ("", "en"),
    ],
    ids=["german", "austrian", "rather-english", "french", "nonsense", "nothing"],
)
def test_until_somebody_chooses_the_browser_decides(asked, got, visitor):
    response = visitor.get("/login/", headers={"Accept-Language": asked})

    assert (language(response), response["Content-Language"]) == (got, got)
    assert "Accept-Language" in response["Vary"]


@pytest.mark.parametrize("path", ["/api/v1/openapi.json", "/api/v1/orders", "/healthz"])
def test_what_programs_read_is_english_whatever_they_ask_for(path, page):
    asked = page.get(path, headers={"Accept-Language": "de"})

    assert asked.content == page.get(path).content
    assert "Accept-Language" not in asked.get("Vary", "")


def test_the_choice_outweighs_the_browser_and_comes_back_to_the_page_with_its_query(page):
    response = choose(page, "de", "/orders/?status=completed")

    assert (response.status_code, response["Location"]) == (303, "/orders/?status=completed")
    assert language(page.get("/orders/", headers={"Accept-Language": "en"})) == "de"


def test_a_page_offers_each_language_in_its_own_words_and_says_which_one_it_is_in(page):
    choose(page, "de")

    shown = page.get("/orders/?status=all").content.decode()

    assert '<input type="hidden" name="next" value="/orders/?status=all">' in shown
    english, german = (f'name="language" value="{code}" lang="{code}"' for code in ("en", "de"))
    assert f"{english}>English<" in shown
    assert f'{german} aria-current="true">' in shown
    assert "Deutsch</button>" in shown


def test_it_is_kept_for_the_agent_and_for_nobody_else(page, alice, bob):
    choose(page, "de")

    assert Agent.objects.get(pk=alice.pk).language == "de"
    assert Agent.objects.get(pk=bob.pk).language == ""


@pytest.mark.parametrize("sent", ["fr", "", "de-AT", "DE", "en\0", "x" * 5000])
def test_a_language_that_there_is_not_is_refused_and_changes_nothing(sent, page, alice):
    choose(page, "de")

    response = choose(page, sent)

    assert response.status_code == 400
    assert "en, de" in response.content.decode()
    assert language(page.get("/")) == "de"
    assert Agent.objects.get(pk=alice.pk).language == "de"


@pytest.mark.parametrize(
    "back",
    ["https://elsewhere.example/", "//elsewhere.example/", "javascript:alert(1)", "", "\\\\a"],
)
def test_it_leads_nobody_out_of_the_shop(back, page):
    assert choose(page, "de", back)["Location"] == "/"


def test_only_a_form_chooses(page):
    assert page.get(reverse("set_language"), {"language": "de"}).status_code == 405
    assert language(page.get("/")) == "en"


def test_a_form_of_another_site_cannot_choose(alice):
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(alice)

    assert choose(strict, "de").status_code == 403
    assert Agent.objects.get(pk=alice.pk).language == ""


def test_who_logs_in_with_another_browser_finds_the_language_that_they_chose(alice):
    Agent.objects.filter(pk=alice.pk).update(language="de")
    elsewhere = Client()

    elsewhere.post("/login/", LOGIN)

    assert language(elsewhere.get("/")) == "de"


def test_what_somebody_chose_before_on_this_browser_is_not_the_next_agents_choice(alice):
    other = Client()
    bob = AgentFactory(username="robert", customer=alice.customer)
    other.force_login(bob)
    choose(other, "de")
    other.post("/logout/")
    Agent.objects.filter(pk=alice.pk).update(language="en")

    other.post("/login/", LOGIN)

    assert language(other.get("/")) == "en"
    assert Agent.objects.get(pk=alice.pk).language == "en"


def test_what_is_chosen_on_the_way_in_is_the_agents_choice(alice, visitor):
    Agent.objects.filter(pk=alice.pk).update(language="en")
    choose(visitor, "de", "/login/?next=/orders/")

    visitor.post("/login/", LOGIN)

    assert language(visitor.get("/")) == "de"
    assert Agent.objects.get(pk=alice.pk).language == "de"
    assert "language_chosen" not in {name for name, c in visitor.cookies.items() if c.value}


def test_a_language_that_the_shop_has_no_longer_counts_as_none(alice, visitor):
    Agent.objects.filter(pk=alice.pk).update(language="fr")

    visitor.post("/login/", LOGIN)

    assert language(visitor.get("/")) == "en"


def test_pages_for_errors_follow_the_cookie(page):
    choose(page, "de")

    assert language(page.get("/nowhere/")) == "de"
    assert language(page.post("/orders/", {"command_id": "none"})) == "de"

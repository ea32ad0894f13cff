"""Who is on an order's page."""

import uuid
from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from ordering.live.presence import PLACE, colleagues_on
from ordering.models import Presence


@pytest.fixture
def on_the_page(order_id):
    """Puts an agent there, last heard of some seconds ago."""

    def put(agent, place="", ago=0, order=order_id):
        heard = timezone.now() - timedelta(seconds=ago)
        return Presence.objects.create(
            id=uuid.uuid4(), order_id=order, agent=agent, place=place, seen_at=heard
        )

    return put


def test_a_page_shows_the_colleagues_and_not_oneself(alice, bob, order_id, on_the_page):
    on_the_page(alice)
    on_the_page(bob, "line-FLR-25")

    [here] = colleagues_on(order_id, alice)
    assert (here.agent_id, here.name, here.initials) == (bob.pk, "Bob", "B")
    assert here.places == ("line-FLR-25",)


def test_a_colleague_in_two_tabs_is_one(alice, bob, order_id, on_the_page):
    for place in ("", "details", "line-FLR-25"):
        on_the_page(bob, place)
    [here] = colleagues_on(order_id, alice)
    assert here.places == ("details", "line-FLR-25")


def test_who_was_not_heard_of_for_long_is_gone(alice, bob, order_id, on_the_page):
    on_the_page(bob, ago=13)
    assert colleagues_on(order_id, alice) == []


def test_who_is_on_another_orders_page_is_not_here(alice, bob, order_id, on_the_page):
    on_the_page(bob, order=uuid.uuid4())
    assert colleagues_on(order_id, alice) == []


def test_the_page_names_them_without_javascript_too(browser, alice, bob, order_id, on_the_page):
    on_the_page(bob)
    page = browser(alice).get(f"/orders/{order_id}/").content.decode()
    assert '<bdi class="name">Bob</bdi> is here' in page


def test_nothing_of_it_is_logged(db):
    with connection.cursor() as cursor:
        cursor.execute("SELECT relpersistence FROM pg_class WHERE relname = 'ordering_presence'")
        assert cursor.fetchone() == ("u",)


@pytest.mark.parametrize("place", ["", "details", "line-FLR-25", "line-A_b.9"])
def test_a_place_is_a_short_name(place):
    assert PLACE.fullmatch(place)


@pytest.mark.parametrize("place", ["<b>", "line FLR", "line-é", "x" * 41, "a\n", "\x00"])
def test_what_is_no_place(place):
    assert not PLACE.fullmatch(place)

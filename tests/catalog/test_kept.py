import re
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from django.template import Context, engines
from django.utils import translation

from catalog import kept
from catalog.shown import Shown
from ordering.forms import DetailsForm
from tests.factories import ProductFactory

CHOICE = "ordering/choice.html"
DETAILS = "ordering/order_details.html"
LINE = "ordering/line.html"
NOON = datetime(2026, 4, 1, 12, tzinfo=UTC)
HANDS = (2, NOON, "Alice", 2, NOON, "Alice")  # who added a line, and changed it last
ORDER = "8a6e0f9c-0f53-4f3e-8d5f-0d2f6a7c1b11"


def listed(**other):
    from ordering.desk import Listed

    values = {"total": Decimal("12.50"), "reference": "Friday", "line_count": 2} | other
    return Listed(order_id=ORDER, version=3, number="HC-2026-0001", currency="EUR", **values)


def page(**values):
    return Context({"csrf_token": "token-of-the-page"} | values)


class Order:
    version = 7


@pytest.mark.parametrize("other", [{"reference": "Monday"}, {"total": Decimal("13.00")}])
def test_a_part_follows_each_of_its_values(other):
    before = kept.show(page(), CHOICE, order=listed(), is_current=False)
    assert kept.show(page(), CHOICE, order=listed(**other), is_current=False) != before
    assert kept.show(page(), CHOICE, order=listed(), is_current=True) != before
    assert kept.show(page(), CHOICE, order=listed(), is_current=False) == before


def test_a_part_follows_the_language():
    shown = {}
    for language in ("en", "de", "en"):
        with translation.override(language):
            shown[language] = kept.show(page(), CHOICE, order=listed(), is_current=False)
    assert "€12.50" in shown["en"]
    assert "12,50\N{NO-BREAK SPACE}€" in shown["de"]


def test_what_is_new_each_time_is_filled_in():
    details = kept.untouched(DetailsForm, reference="Friday", note="")
    ids = []
    for version in (7, 8):
        order = Order()
        order.version = version
        part = kept.show(page(order=order), DETAILS, order_id=ORDER, details=details)
        assert f'name="seen" value="{version}"' in part
        assert 'name="csrfmiddlewaretoken" value="token-of-the-page"' in part
        ids += re.findall(r'name="command_id" value="([0-9a-f-]{36})"', part)
    assert len(set(ids)) == 2
    assert "\0" not in part


def test_a_part_within_a_part_is_filled_in_by_the_page():
    from ordering.desk import Desk, Named

    desk = Desk(agent=None)
    desk.__dict__ |= {"order": listed(), "open_orders": (listed(),)}
    part = kept.show(
        page(desk=desk),
        "ordering/current_order.html",
        current=Named(ORDER, "HC-2026-0001", "Friday"),
        may_choose=True,
        may_order=True,
        here="/",
    )
    assert part.count('value="token-of-the-page"') == 2
    assert part.count("€12.50") == 2  # what is in the order, and it among the choices
    assert "\0" not in part


def test_of_long_parts_the_latest_are_kept(monkeypatch):
    drawn = []
    rendered = kept._rendered
    monkeypatch.setattr(
        kept, "_rendered", lambda template, values: drawn.append(1) or rendered(template, values)
    )

    def draw(number):
        values = {"order": listed(line_count=number), "is_current": False}
        before = len(drawn)
        assert f"{number} lines" in kept.show_lately(page(), CHOICE, **values)
        return len(drawn) > before

    assert draw(1000)
    assert not draw(1000)
    for number in range(2000, 2000 + kept.LATEST):
        draw(number)
    assert draw(1000)


def test_what_was_typed_is_drawn_as_it_is():
    for typed in ("one", "two"):
        form = DetailsForm({"reference": typed * 100, "note": ""})
        part = kept.show(page(order=Order()), DETAILS, order_id=ORDER, details=form)
        assert typed * 100 in part
        assert 'name="seen" value="7"' in part


def test_what_could_change_unseen_is_refused(db):
    with pytest.raises(TypeError, match=r"picture\.html, product: expected a plain value.*Product"):
        kept.show(page(), "catalog/picture.html", product=ProductFactory())


def test_it_looks_as_if_it_were_included():
    values = {"order": listed(), "is_current": True}
    part = engines["django"].engine.get_template(CHOICE).render(page(**values))
    assert kept.show(page(), CHOICE, **values) == part.strip()


def test_a_place_says_what_it_is_of():
    """The line that was just changed is marked, and is not drawn anew for that."""
    from ordering.lines import Line

    line = Line(ORDER, "EUR", "A-1", Shown("Flour", "1 kg", ""), 2, Decimal("1.50"), *HANDS, None)
    other = line._replace(sku="B-1")
    both = kept.show_each(page(at="B-1"), LINE, "line", [line, other], may_change=False)
    drawn = kept._drawn.cache_info().misses
    assert re.findall(r'id="line-(\S+?)" class="just-changed"', both) == ["B-1"]
    none = kept.show_each(page(), LINE, "line", [line, other], may_change=False)
    assert "just-changed" not in none
    assert kept._drawn.cache_info().misses == drawn

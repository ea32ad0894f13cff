from decimal import Decimal

import pytest

from catalog.templatetags.look import POSES, TINTS, icon, money, picture, tint
from tests.factories import CategoryFactory, ProductFactory
from tests.shop.processes import ROOT


@pytest.mark.parametrize(
    ("amount", "currency", "shown"),
    [
        ("1234.5", "EUR", "€1,234.50"),
        ("0", "GBP", "£0.00"),
        ("99999999.99", "CHF", "CHF\N{NO-BREAK SPACE}99,999,999.99"),
        ("2.50", "", "€2.50"),
    ],
)
def test_money_has_its_currency_and_two_decimals(amount, currency, shown):
    assert money(Decimal(amount), currency) == shown


def test_an_icon_is_hidden_from_screen_readers():
    assert 'aria-hidden="true"' in icon("wheat", 18)


def test_an_icon_that_is_not_there_is_replaced_and_breaks_no_page():
    assert icon("no-such-icon") == icon("package")


def test_categories_in_a_row_have_different_tints_and_all_of_them_are_styled(db):
    categories = [CategoryFactory.build(position=n) for n in range(1, TINTS + 3)]

    tints = [tint(category) for category in categories]

    assert len(set(tints[:TINTS])) == TINTS
    assert tints[TINTS] == tints[0]
    styles = (ROOT / "static" / "shop.css").read_text()
    assert all(f".{name} {{" in styles for name in tints)


def test_a_product_keeps_its_pose(db):
    product = ProductFactory.build(sku="FLR-25")

    assert picture(product) == picture(product)
    assert picture(product)["pose"] in {f"pose-{n}" for n in range(POSES)}

"""Why a pasted line cannot be taken, as agents read it."""

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ordering.domain.values import MAX_QUANTITY
from ordering.pasted import Trouble

REASONS = {
    "quantity-out-of-range": gettext_lazy(
        "The quantity must be a whole number from 1 to {limit}, not {actual}."
    ),
    "quantity-not-whole": gettext_lazy("Only whole numbers can be ordered, not {actual}."),
    "quantity-measured": gettext_lazy(
        "“{actual}” is a size and no number of pieces. How many? Write for example: 4 x FLR-25"
    ),
    "no-quantity": gettext_lazy("How many? Write a number too, for example: 4 x {wanted}"),
    "no-product": gettext_lazy("There is a number, and no product."),
    "which-quantity": gettext_lazy(
        "Which one is the quantity: {numbers}? Write for example: 4 x FLR-25"
    ),
    "line-too-long": gettext_lazy("This is too long for a line of an order: {actual} characters."),
    "open-quote": gettext_lazy(
        "A quotation mark opens here and is not closed. Is the rest on the next line?"
    ),
    "not-looked-up": gettext_lazy(
        "Not looked up yet: only {limit} names are looked up at once. Check again for the rest."
    ),
    "no-such-product": gettext_lazy("The catalog has nothing called “{wanted}”."),
    "none-meant": gettext_lazy("None of the products was meant. Write another name, or a SKU."),
    "retired": gettext_lazy("{product} ({sku}) has left the catalog."),
    "sku-or-quantity": gettext_lazy(
        "Does this mean the product {sku}, or {quantity} of something? Write for example: 1 x {sku}"
    ),
}


def reason(trouble: Trouble) -> str:
    params = {"limit": MAX_QUANTITY} | trouble.params
    if "numbers" in params:
        *most, last = params["numbers"]
        params["numbers"] = _("{these} or {that}").format(these=", ".join(most), that=last)
    return str(REASONS[trouble.code]).format(**params)

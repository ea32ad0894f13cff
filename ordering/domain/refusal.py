"""What the domain says instead of changing an order."""

import re


def N_(text: str) -> str:  # noqa: N802  (gettext's own name for it)
    """Marks a text that is told in the reader's language, for whoever collects those."""
    return text


MESSAGES = {
    "no-such-order": N_("There is no such order."),
    "order-exists": N_("There is an order already: expected none, found {number}."),
    "order-closed": N_("{number} is {status}; only an open order can be changed."),
    "empty-order": N_("{number} has no items yet; an order needs at least one to be completed."),
    "no-such-line": N_("{number} has no line for {sku} any more."),
    "quantity-out-of-range": N_(
        "The quantity of {sku} must be a whole number from 1 to {limit}, not {actual}."
    ),
    "line-full": N_(
        "{name} would be more than {limit}: there are {had} in the order and {actual} more asked."
    ),
    "too-many-lines": N_("An order holds at most {limit} lines; this would make {actual}."),
    "too-many-items": N_("At most {limit} items can be added at once, not {actual}."),
    "other-currency": N_("This order is in {expected}; an item in {actual} cannot join it."),
    "bad-price": N_(
        "The price of {sku} must be from 0 to {limit}, with at most two decimals, not {actual}."
    ),
    "text-too-long": N_("The {field} has at most {limit} characters; this has {actual}."),
    "bad-text": N_("The {field} holds a character that cannot be kept: {actual}."),
    "no-such-product": N_("The catalog has no product {sku}."),
    "nothing-to-copy": N_("Nothing of {number} is in the catalog any more."),
    "inactive-agent": N_("Your access is deactivated: you can look, but not change."),
    "unreadable-order": N_(
        "This order holds an event that this version of the shop cannot read, so it is left as it "
        "is. Whoever runs the shop will find the event in its log."
    ),
    "conflict": N_(
        "The order was changed after version {seen}, which you saw; it is at version {version} now."
    ),
    "unknown-version": N_("The order is at version {expected}; nobody can have seen {actual}."),
    "cannot-undo": N_("Only a change to an order's items or details can be undone."),
    "not-your-change": N_("Only who made a change can undo it."),
    "reused-command-id": N_("This command id was used for another change already."),
}


class Refused(Exception):
    """A command that broke a rule. `code` is stable, `params` are JSON values for its message."""

    def __init__(self, code: str, **params: str | int) -> None:
        self.code = code
        self.params = {name: _tellable(value) for name, value in params.items()}
        super().__init__(MESSAGES[code].format(**self.params))


def _tellable(value: str | int) -> str | int:
    # A refusal quotes what was sent, and is stored and shown: NUL or half a pair would break that.
    if isinstance(value, str):
        return re.sub(r"[\x00-\x1f\x7f\ud800-\udfff]", "\ufffd", value[:200])
    return value

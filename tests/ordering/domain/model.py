"""A second order, kept as simply as possible: what `ordering.domain.order` must agree with.

It knows nothing of events, and counts money in whole cents. Texts and prices are looked up in
tables of what becomes of them, so that no rule of the domain is used to test itself.
"""

from decimal import Decimal

from ordering.domain.order import (
    AddItems,
    CancelOrder,
    ChangeDetails,
    ChangeQuantity,
    Command,
    CompleteOrder,
    CopyOrder,
    OpenOrder,
    RemoveItem,
)

TOO_LONG, BAD = object(), object()

# As sent -> as kept.
ANY_TEXTS = {
    "": "",
    " \t\r\n": "",
    "PO 7": "PO 7",
    "\r\n PO 7\n": "PO 7",
    "Caf\u00e9": "Caf\u00e9",
    "Cafe\u0301": "Caf\u00e9",
    "a\x00b": BAD,
    "a\ud800b": BAD,
    "e\u0301" * 80: "\u00e9" * 80,
    "a" * 2_001: TOO_LONG,
}
LINES = ANY_TEXTS | {"a\r\nb": BAD, "a\u2028b": BAD}
REFERENCES = LINES | {"a" * 80: "a" * 80, "a" * 81: TOO_LONG}
REASONS = LINES | {"a" * 500: "a" * 500, "a" * 501: TOO_LONG}
NOTES = ANY_TEXTS | {
    "a\r\nb": "a\nb",
    "a\nb": "a\nb",
    "a\u2028b": "a\u2028b",
    "a" * 2_000: "a" * 2_000,
}

# Price as sent -> whole cents.
PRICES = {
    "0.00": 0,
    "0.01": 1,
    "18.90": 1_890,
    "7": 700,
    "7.5": 750,
    "1E+2": 10_000,
    "99999999.99": 9_999_999_999,
    "100000000.00": None,
    "1.005": None,
    "-0.01": None,
    "-0.00": None,
    "NaN": None,
    "Infinity": None,
}


class ModelRefused(Exception):
    """With the code of the refusal."""


class Model:
    """`lines` maps sku to [name, quantity, cents]."""

    def __init__(self) -> None:
        self.status, self.number, self.customer_id, self.currency = "none", "", None, ""
        self.reference, self.note, self.lines = "", "", {}

    @property
    def cents(self) -> int:
        return sum(quantity * cents for _, quantity, cents in self.lines.values())

    def seen(self) -> tuple:
        """All there is to see of it, the lines in their order."""
        lines = [(sku, *line) for sku, line in self.lines.items()]
        head = (self.status, self.number, self.customer_id, self.currency)
        return (*head, self.reference, self.note, lines, self.cents)

    def send(self, command: Command) -> str | None:
        """Do it all, or nothing and answer the code of the refusal."""
        before = {sku: list(line) for sku, line in self.lines.items()}
        try:
            self._send(command)
        except ModelRefused as refusal:
            self.lines = before
            return refusal.args[0]
        return None

    def _send(self, command: Command) -> None:
        opens = isinstance(command, OpenOrder | CopyOrder)
        if opens and self.status != "none":
            if (command.number, command.customer_id) != (self.number, self.customer_id):
                raise ModelRefused("order-exists")
        elif opens:
            self._open(command)
        elif self.status == "none":
            raise ModelRefused("no-such-order")
        elif self.status != "open":
            closes = {"completed": CompleteOrder, "cancelled": CancelOrder}[self.status]
            if not isinstance(command, closes):
                raise ModelRefused("order-closed")
        else:
            self._change(command)

    def _open(self, command: OpenOrder | CopyOrder) -> None:
        note = command.note if isinstance(command, OpenOrder) else ""
        kept = (self._kept(REFERENCES, command.reference), self._kept(NOTES, note))
        self._add(command.items, command.currency)
        self.reference, self.note = kept
        self.status, self.currency = "open", command.currency
        self.number, self.customer_id = command.number, command.customer_id

    def _change(self, command: Command) -> None:
        match command:
            case AddItems(items):
                self._add(items, self.currency)
            case ChangeQuantity(sku, quantity):
                self._check_quantity(quantity)
                if sku not in self.lines:
                    raise ModelRefused("no-such-line")
                self.lines[sku][1] = quantity
            case RemoveItem(sku):
                self.lines.pop(sku, None)
            case ChangeDetails(reference, note):
                new_reference, new_note = self.reference, self.note
                if reference is not None:
                    new_reference = self._kept(REFERENCES, reference)
                if note is not None:
                    new_note = self._kept(NOTES, note)
                self.reference, self.note = new_reference, new_note
            case CompleteOrder():
                if not self.lines:
                    raise ModelRefused("empty-order")
                self.status = "completed"
            case CancelOrder(reason):
                self._kept(REASONS, reason)
                self.status = "cancelled"

    def _add(self, items, currency: str) -> None:
        for item in items:
            self._check_quantity(item.quantity)
            price = item.unit_price
            cents = PRICES[str(price)] if isinstance(price, Decimal) else None
            if cents is None:
                raise ModelRefused("bad-price")
            if item.currency != currency:
                raise ModelRefused("other-currency")
            line = self.lines.setdefault(item.sku, [item.name, 0, cents])
            line[0], line[1] = item.name, line[1] + item.quantity
            if line[1] > 9_999:
                raise ModelRefused("line-full")
        if len(self.lines) > 500:
            raise ModelRefused("too-many-lines")

    def _check_quantity(self, quantity) -> None:
        if type(quantity) is not int or quantity not in range(1, 10_000):
            raise ModelRefused("quantity-out-of-range")

    def _kept(self, table: dict, text: str) -> str:
        kept = table[text]
        if kept is TOO_LONG:
            raise ModelRefused("text-too-long")
        if kept is BAD:
            raise ModelRefused("bad-text")
        return kept
